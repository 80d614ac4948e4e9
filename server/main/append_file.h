// A file to which whole lines are added, and which others may move away while it is open.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tidewire/result.h"

namespace tidewire::server {

class AppendFile {
public:
    /// Makes the file where it is not there. Errors name it and the machine's reason.
    static Result<AppendFile> open(const std::string& path);
    AppendFile(AppendFile&& other) noexcept
        : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), torn_(other.torn_) {}
    AppendFile& operator=(AppendFile&& other) noexcept;
    ~AppendFile();

    /// `line` without its end. What a full disk has left of a line stays, and the next one begins behind it. Errors: the machine's.
    Result<void> write_line(std::string_view line);
    const std::string& path() const { return path_; }

private:
    AppendFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::string path_;
    int fd_;
    bool torn_ = false;  // the last line has no end
};

}  // namespace tidewire::server
