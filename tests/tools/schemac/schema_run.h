// Runs flatc and tidewire-schemac, the real programs, on schema texts in a directory of their own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// What a program did.
struct Finished {
    int exit_code;
    std::string out;
    std::string err;
};

class SchemaRun {
public:
    SchemaRun();
    ~SchemaRun();
    SchemaRun(const SchemaRun&) = delete;
    SchemaRun& operator=(const SchemaRun&) = delete;

    const std::filesystem::path& directory() const { return directory_; }
    void write(const std::string& file, const std::string& text) const;
    std::string read(const std::string& file) const;
    bool exists(const std::string& file) const { return std::filesystem::exists(directory_ / file); }

    /// game.fbs → game.bfbs. flatc must accept it.
    void flatc() const;
    /// In the directory.
    Finished schemac(const std::vector<std::string>& arguments) const;

private:
    Finished run(const std::string& program, const std::vector<std::string>& arguments) const;
    std::filesystem::path directory_;
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
