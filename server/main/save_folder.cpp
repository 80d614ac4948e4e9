// A name appears when the bytes behind it are on the disk: written under another one, synchronised, renamed, and the folder synchronised.
#include "server/main/save_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "sdk/core/base/printable.h"

namespace tidewire::server {

namespace {

constexpr std::string_view prefix = "room-";
constexpr std::string_view suffix = ".twsv";
constexpr mode_t owner_alone_folder = 0700;
constexpr mode_t owner_alone_file = 0600;
constexpr int refused_max = 1000;  // then the oldest names are an operator's to clear

Unexpected fail(const std::string& path, const char* what, int code) {
    return unexpected(Blame::Machine, "save_directory (--save-dir): cannot " + std::string(what) + " \"" + printable(path) +
                                          "\": " + std::generic_category().message(code));
}

class File {
public:
    File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, owner_alone_file)) {}
    ~File() { close(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }
    bool open() const { return fd_ >= 0; }
    bool write(ByteSpan bytes) const {
        while (!bytes.empty()) {
            const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(done));
        }
        return true;
    }
    bool close() {
        const int fd = std::exchange(fd_, -1);
        return fd < 0 || ::close(fd) == 0;
    }

private:
    int fd_;
};

std::string name_of(std::uint32_t room) { return std::string(prefix) + std::to_string(room) + std::string(suffix); }

/// "room-12.twsv" is 12; anything else is no room's.
std::optional<std::uint32_t> number_of(std::string_view name) {
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
    const std::string_view digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    std::uint32_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || number == 0) return std::nullopt;
    return number;
}

}  // namespace

Result<SaveFolder> SaveFolder::open(const std::string& path) {
    if (::mkdir(path.c_str(), owner_alone_folder) != 0 && errno != EEXIST) return fail(path, "make", errno);
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(path, "open", errno);
    SaveFolder folder(path, fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return unexpected(Blame::Machine, "save_directory (--save-dir): another server uses \"" + printable(path) +
                                                  "\"; give each a folder of its own");
        return fail(path, "lock", errno);
    }
    if (::faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0) return fail(path, "write to", errno);
    return folder;
}

SaveFolder::~SaveFolder() {
    if (fd_ >= 0) ::close(fd_);
}

std::string SaveFolder::file_of(std::uint32_t room) const { return file_of(name_of(room)); }

Result<std::vector<std::uint32_t>> SaveFolder::rooms() const {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path_.c_str()), ::closedir);
    if (!directory) return fail(path_, "read", errno);
    std::vector<std::uint32_t> rooms;
    while (const dirent* const entry = ::readdir(directory.get()))
        if (const auto number = number_of(entry->d_name)) rooms.push_back(*number);
    std::sort(rooms.begin(), rooms.end());
    return rooms;
}

Result<Bytes> SaveFolder::read(std::uint32_t room) const { return read(name_of(room)); }
Result<void> SaveFolder::write(std::uint32_t room, ByteSpan bytes) const { return write(name_of(room), bytes); }
Result<void> SaveFolder::refuse(std::uint32_t room) const { return refuse(name_of(room)); }

bool SaveFolder::has(std::string_view name) const { return ::access(file_of(name).c_str(), F_OK) == 0; }

Result<Bytes> SaveFolder::read(std::string_view name) const {
    const std::string path = file_of(name);
    const File file(path, O_RDONLY);
    struct stat status = {};
    if (!file.open() || ::fstat(file.fd(), &status) != 0) return fail(path, "read", errno);
    if (!S_ISREG(status.st_mode)) return unexpected(Blame::Machine, "\"" + printable(path) + "\" is no file");
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t done = ::read(file.fd(), bytes.data() + at, bytes.size() - at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return fail(path, "read", errno);
        if (done == 0) bytes.resize(at);
        at += static_cast<std::size_t>(done);
    }
    return bytes;
}

Result<void> SaveFolder::write(std::string_view name, ByteSpan bytes) const {
    const std::string path = file_of(name);
    const std::string unfinished = path + ".unfinished";
    {
        File file(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
        // One that a server left behind may have been made readable since.
        if (!file.open() || ::fchmod(file.fd(), owner_alone_file) != 0) return fail(unfinished, "make", errno);
        if (!file.write(bytes) || ::fsync(file.fd()) != 0 || !file.close()) return fail(unfinished, "write", errno);
    }
    if (::rename(unfinished.c_str(), path.c_str()) != 0) return fail(path, "make", errno);
    if (::fsync(fd_) == 0) return {};
    const Unexpected failure = fail(path_, "synchronise", errno);
    // Its players are told that the room is over: the next start must not have it.
    ::unlink(path.c_str());
    return failure;
}

Result<void> SaveFolder::consume(std::uint32_t room) const {
    const std::string path = file_of(room);
    if (::rename(path.c_str(), (path + ".restored").c_str()) != 0) return fail(path, "rename", errno);
    if (::fsync(fd_) != 0) return fail(path_, "synchronise", errno);
    return {};
}

Result<void> SaveFolder::refuse(std::string_view name) const {
    const std::string path = file_of(name);
    const std::string from = ::access(path.c_str(), F_OK) == 0 ? path : path + ".restored";
    std::string to = path + ".refused";
    for (int i = 2; i <= refused_max && ::access(to.c_str(), F_OK) == 0; ++i) to = path + ".refused." + std::to_string(i);
    if (::rename(from.c_str(), to.c_str()) != 0) return fail(from, "rename", errno);
    return {};
}

}  // namespace tidewire::server
