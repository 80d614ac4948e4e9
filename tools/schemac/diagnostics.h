// The errors of one run, each at its line of the schema's text, in the order of the text.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tidewire/result.h"
#include "tools/schemac/source_lines.h"

namespace schemac {

class Diagnostics {
public:
    /// Without the text, errors have no line numbers and duplicate attributes go unseen. `path` stands for a file whose
    /// name is empty: flatc names none when it is called with a bare file name.
    explicit Diagnostics(std::string path) : unnamed_path_(std::move(path)) {}
    /// Reads the text of `files` (Declarations::files), which lie relative to the directory of `source_path`.
    /// An error when `source_path` is none of them or cannot be read.
    static tidewire::Result<Diagnostics> with_source(const std::string& source_path,
                                                     const std::vector<std::string>& files);

    /// `name` is "game.Pos" or "game.Pos.x", or empty when the whole schema is meant; `file` is one of the files.
    void report(const std::string& file, const std::string& name, const std::string& message);

    /// The scanned text of a file; null without it.
    const SourceLines* source(const std::string& file) const;
    /// Where a file lies, for compilers and for make.
    std::string path_of(const std::string& file) const;

    bool empty() const { return reports_.empty(); }
    /// One line each: "game.fbs:12: game.Pos.x: message".
    std::vector<std::string> lines() const;

private:
    struct Report {
        std::string path;
        int line;  // 0: unknown
        std::string text;
    };
    std::string unnamed_path_;
    std::string directory_;  // empty, or with its slash
    std::map<std::string, SourceLines> sources_;
    std::vector<Report> reports_;
};

}  // namespace schemac
