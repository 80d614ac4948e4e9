// A folder of a test's own, which goes with it.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"

namespace tidewire::test {

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidewire-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// The path of a file in it.
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    bool has(const std::string& name) const { return std::filesystem::exists(path_ / name); }

    /// The file's path.
    std::string write(const std::string& name, ByteSpan bytes) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream stream(path_ / name, std::ios::binary);
        stream << as_text(bytes);
        stream.close();
        REQUIRE(stream.good());
        return *this / name;
    }
    std::string write(const std::string& name, std::string_view text) const { return write(name, as_bytes(text)); }

    std::string read(const std::string& name) const {
        std::ifstream stream(path_ / name, std::ios::binary);
        INFO(name);
        REQUIRE(stream.good());
        return std::string(std::istreambuf_iterator<char>(stream), {});
    }

private:
    std::filesystem::path path_;
};

}  // namespace tidewire::test
