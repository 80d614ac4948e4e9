// Plain writes: the page cache is the buffer. A file that would make the game wait for a reader is an error instead.
#include "server/main/record_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sdk/core/base/printable.h"

namespace tidewire::server {

namespace {

Unexpected refuse(const std::string& path, const char* what, int code) {
    return unexpected(Blame::Machine, "record_file (--record): cannot " + std::string(what) + " \"" + printable(path) +
                                          "\": " + std::generic_category().message(code));
}

}  // namespace

Result<RecordFile> RecordFile::create(const std::string& path) {
    constexpr int everybody_may_read = 0644;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, everybody_may_read);
    if (fd < 0) return refuse(path, "make", errno);
    return RecordFile(path, fd);
}

RecordFile::~RecordFile() {
    if (fd_ >= 0) ::close(fd_);
}

Result<void> RecordFile::write(ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return refuse(path_, "write", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        bytes_written_ += static_cast<std::uint64_t>(done);
    }
    return {};
}

}  // namespace tidewire::server
