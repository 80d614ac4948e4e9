// The errors of one run.
#include "tools/schemac/diagnostics.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace schemac {

tidewire::Result<Diagnostics> Diagnostics::with_source(const std::string& source_path,
                                                       const std::vector<std::string>& files) {
    Diagnostics diagnostics(source_path);
    const std::size_t slash = source_path.rfind('/');
    diagnostics.directory_ = slash == std::string::npos ? "" : source_path.substr(0, slash + 1);
    const std::string root = files.empty() ? "" : source_path.substr(diagnostics.directory_.size());
    if (!files.empty() && std::find(files.begin(), files.end(), root) == files.end())
        return tidewire::unexpected(tidewire::Blame::Caller,
                                    "the binary schema was not made from " + root + "; compile that file with flatc");
    for (const std::string& file : files.empty() ? std::vector<std::string>{""} : files) {
        std::ifstream stream(diagnostics.path_of(file), std::ios::binary);
        // An included file may have been found elsewhere; its declarations then have no line numbers.
        if (!stream) {
            if (file != root) continue;
            return tidewire::unexpected(tidewire::Blame::Machine, "cannot read " + source_path);
        }
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        diagnostics.sources_.emplace(file, scan_source(text));
    }
    return diagnostics;
}

void Diagnostics::report(const std::string& file, const std::string& name, const std::string& message) {
    int line = 0;
    if (const SourceLines* text = source(file)) {
        const auto found = text->lines.find(name);
        if (found != text->lines.end()) line = found->second;
    }
    reports_.push_back({path_of(file), line, name.empty() ? message : name + ": " + message});
}

const SourceLines* Diagnostics::source(const std::string& file) const {
    const auto found = sources_.find(file);
    return found == sources_.end() ? nullptr : &found->second;
}

std::string Diagnostics::path_of(const std::string& file) const {
    return file.empty() ? unnamed_path_ : directory_ + file;
}

std::vector<std::string> Diagnostics::lines() const {
    std::vector<Report> sorted = reports_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Report& a, const Report& b) {
        return a.path != b.path ? a.path < b.path : a.line < b.line;
    });
    std::vector<std::string> lines;
    for (const Report& report : sorted) {
        std::string line = report.path;
        if (report.line > 0) line.append(":").append(std::to_string(report.line));
        lines.push_back(line.append(": ").append(report.text));
    }
    return lines;
}

}  // namespace schemac
