// The folder in which rooms wait for the server's next start: a file for each, written whole or not at all, and restored once.
//
//     room-1.twsv           a room that was saved
//     room-1.twsv.restored  the last one that was restored, for whoever wants to look at it, or to restore it again by renaming
//     room-1.twsv.refused   one that could not be restored, and behind it .refused.2 and so on
//
// And beside them what is of no room, by the name of its file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "tidewire/result.h"

namespace tidewire::server {

class SaveFolder {
public:
    /// Makes it where it is missing, for its owner alone, and keeps other servers out as long as this lives. Errors name it and the remedy.
    static Result<SaveFolder> open(const std::string& path);
    SaveFolder(SaveFolder&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
    SaveFolder& operator=(SaveFolder&&) = delete;
    ~SaveFolder();

    /// Rooms that are there, by number.
    Result<std::vector<std::uint32_t>> rooms() const;
    Result<Bytes> read(std::uint32_t room) const;
    /// It is on the disk when this returns; on errors it is not there, and neither may the file be that was there before. Its owner alone may
    /// read it. Any thread may call this, for rooms of its own.
    Result<void> write(std::uint32_t room, ByteSpan bytes) const;
    /// From now on it is restored: the next start does not find it, however this one ends.
    Result<void> consume(std::uint32_t room) const;
    /// It cannot be restored; consumed or not.
    Result<void> refuse(std::uint32_t room) const;
    std::string file_of(std::uint32_t room) const;

    // The same of what is no room's. Whoever reads it leaves it there until it is written anew.
    bool has(std::string_view name) const;
    Result<Bytes> read(std::string_view name) const;
    Result<void> write(std::string_view name, ByteSpan bytes) const;
    Result<void> refuse(std::string_view name) const;
    std::string file_of(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    SaveFolder(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::string path_;
    int fd_;  // of the folder: locked, and synchronised when a name in it has changed
};

}  // namespace tidewire::server
