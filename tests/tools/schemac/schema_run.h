// Runs flatc and tidewire-schemac, the real programs, on schema texts in a directory of their own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/program.h"

class SchemaRun {
public:
    const std::filesystem::path& directory() const { return folder_.path(); }
    void write(const std::string& file, const std::string& text) const { folder_.write(file, text); }
    std::string read(const std::string& file) const { return folder_.read(file); }
    bool exists(const std::string& file) const { return folder_.has(file); }

    /// game.fbs → game.bfbs. flatc must accept it.
    void flatc() const;
    /// In the directory.
    Finished schemac(const std::vector<std::string>& arguments) const;

private:
    tidewire::test::Folder folder_;
};

/// The errors that schemac prints of `body`, which follows line 1, `include "tidewire.fbs"; namespace game;`.
/// Checks that it fails with 1 and writes nothing then, and succeeds when there are none.
std::vector<std::string> errors_of(const std::string& body);

/// What --print-canonical prints of `body`, and the hash of the header.
struct Canonical {
    std::string text;
    std::string hash;
};
Canonical canonical_of(const std::string& body);
