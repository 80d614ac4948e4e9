// O_APPEND, and one write for each line: whoever else writes there as well cuts none in two.
#include "server/main/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sdk/core/base/printable.h"

namespace tidewire::server {

namespace {

Unexpected refuse(const std::string& path, const char* what, int code) {
    return unexpected(Blame::Machine,
                      "cannot " + std::string(what) + " \"" + printable(path) + "\": " + std::generic_category().message(code));
}

}  // namespace

Result<AppendFile> AppendFile::open(const std::string& path) {
    constexpr int group_may_read = 0640;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, group_may_read);
    if (fd < 0) return refuse(path, "open", errno);
    return AppendFile(path, fd);
}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(torn_, other.torn_);
    return *this;
}

AppendFile::~AppendFile() {
    if (fd_ >= 0) ::close(fd_);
}

Result<void> AppendFile::write_line(std::string_view line) {
    std::string text;
    text.reserve(line.size() + 2);
    if (torn_) text += '\n';
    text.append(line).append("\n");
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t done = ::write(fd_, rest.data(), rest.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            const int code = errno;
            torn_ = torn_ || rest.size() < text.size();
            return refuse(path_, "write", code);
        }
        rest.remove_prefix(static_cast<std::size_t>(done));
    }
    torn_ = false;
    return {};
}

}  // namespace tidewire::server
