// The file of a flight recording: whole records go to the disk at once, so that nothing piles up when it is slow or full.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "tidewire/result.h"

namespace tidewire::server {

class RecordFile {
public:
    /// Makes the file or empties it. Errors name it and the machine's reason. A pipe is written to as long as its reader keeps up.
    static Result<RecordFile> create(const std::string& path);
    RecordFile(RecordFile&& other) noexcept
        : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), bytes_written_(other.bytes_written_) {}
    RecordFile& operator=(RecordFile&&) = delete;
    ~RecordFile();

    /// All of it, or an error: the file is to be written no more then.
    Result<void> write(ByteSpan bytes);
    const std::string& path() const { return path_; }
    std::uint64_t bytes_written() const { return bytes_written_; }

private:
    RecordFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::string path_;
    int fd_;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace tidewire::server
