// TCP sockets over the calls of Linux.
#include "sdk/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sdk/net/arrival.h"

namespace tidewire::net {

namespace {

/// More in one call would seldom be taken by the socket's buffer.
constexpr std::size_t parts_max = 64;
/// More in one call would keep the caller from those whom it has.
constexpr int turned_away_max = 64;

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;

    sockaddr* address() { return reinterpret_cast<sockaddr*>(&storage); }
    int family() const { return storage.ss_family; }
};

/// Empty when `address` is not numeric.
std::optional<Endpoint> to_endpoint(const std::string& address, std::uint16_t port) {
    Endpoint endpoint;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&endpoint.storage, &v4, sizeof v4);
        endpoint.length = sizeof v4;
    } else if (inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&endpoint.storage, &v6, sizeof v6);
        endpoint.length = sizeof v6;
    } else {
        return std::nullopt;
    }
    return endpoint;
}

/// An IPv4 peer of a dual-stack listener is shown as IPv4.
std::string numeric_address(const Endpoint& endpoint) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (endpoint.family() == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &endpoint.storage, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    } else {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &endpoint.storage, sizeof v6);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
        else
            inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    }
    return text.data();
}

std::uint16_t port_of(const Endpoint& endpoint) {
    // Both families have the port at the same place.
    sockaddr_in address{};
    std::memcpy(&address, &endpoint.storage, sizeof address);
    return ntohs(address.sin_port);
}

void turn_on(int fd, int level, int option) {
    const int on = 1;
    setsockopt(fd, level, option, &on, sizeof on);
}

std::string connect_sentence(int error) {
    const std::string message = std::strerror(error);
    return message +
           (error == ECONNREFUSED ? "; is the server running?" : "; check the address, the network and the firewall");
}

/// A descriptor that stands for another one. Invalid when none is left.
Descriptor hold_back() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

Unexpected cannot_listen(int error, const std::string& address, std::uint16_t port) {
    const std::string where = "port " + std::to_string(port) + " on " + address;
    switch (error) {
        case EADDRINUSE:
            return unexpected(Blame::Machine, where + " is in use; stop the other program or choose another port");
        case EACCES:
            return unexpected(Blame::Machine,
                              where + " is not allowed: " + std::strerror(error) + "; choose one from 1024");
        case EADDRNOTAVAIL:
            return unexpected(Blame::Machine, address + " is not an address of this machine: " + std::strerror(error) +
                                                  "; 0.0.0.0 listens on all of them");
        default:
            return unexpected(Blame::Machine, "could not listen to " + where + ": " + std::strerror(error));
    }
}

Unexpected out_of(int error) {
    const std::string sentence = std::string("could not accept a connection: ") + std::strerror(error);
    switch (error) {
        case EMFILE:
            return unexpected(Blame::Machine, sentence + "; raise the limit with ulimit -n");
        case ENFILE:
            return unexpected(Blame::Machine, sentence + "; raise the machine's limit with sysctl fs.file-max");
        case ENOBUFS:
        case ENOMEM:
            return unexpected(Blame::Machine, sentence + "; the kernel is out of memory for sockets");
        default:
            return unexpected(Blame::Machine, sentence);
    }
}

Transfer failed(int error) { return {.outcome = Transfer::Outcome::Failed, .message = std::strerror(error)}; }

/// `receive` is recv(2) in some form.
template <class Receive>
Transfer receive(const Receive& receive) {
    for (;;) {
        std::optional<TimePoint> arrived;
        const ssize_t count = receive(arrived);
        if (count > 0) return {.bytes = static_cast<std::size_t>(count), .arrived = arrived};
        if (count == 0) return {.outcome = Transfer::Outcome::Eof};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {.outcome = Transfer::Outcome::WouldBlock};
        if (errno != EINTR) return failed(errno);
    }
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = other.release();
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

Result<Socket> Socket::connect(const std::string& address, std::uint16_t port) {
    auto endpoint = to_endpoint(address, port);
    if (!endpoint) return unexpected(Blame::Caller, "\"" + address + "\" is not an IP address");
    Descriptor descriptor(::socket(endpoint->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!descriptor.valid()) return unexpected(Blame::Machine, connect_sentence(errno));
    turn_on(descriptor.get(), IPPROTO_TCP, TCP_NODELAY);
    // Interrupted, it goes on by itself, as when it is in progress.
    if (::connect(descriptor.get(), endpoint->address(), endpoint->length) != 0 && errno != EINPROGRESS &&
        errno != EINTR)
        return unexpected(Blame::Machine, connect_sentence(errno));
    return Socket(std::move(descriptor));
}

std::optional<std::string> Socket::connect_error() const {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
    if (error == 0) return std::nullopt;
    return connect_sentence(error);
}

bool Socket::note_arrivals() { return notes_arrivals_ = net::note_arrivals(fd()); }

Transfer Socket::read(MutableByteSpan buffer) {
    return receive([&](std::optional<TimePoint>& arrived) {
        return notes_arrivals_ ? receive_noted(fd(), buffer, arrived) : ::recv(fd(), buffer.data(), buffer.size(), 0);
    });
}

Transfer Socket::peek(MutableByteSpan buffer) {
    return receive([&](std::optional<TimePoint>&) { return ::recv(fd(), buffer.data(), buffer.size(), MSG_PEEK); });
}

Transfer Socket::write(std::span<const ByteSpan> parts) {
    std::array<iovec, parts_max> vectors;
    const std::size_t count = std::min(parts.size(), parts_max);
    for (std::size_t i = 0; i < count; ++i) {
        // iovec serves reading too, so it has no const.
        vectors[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    for (;;) {
        // The common single piece is cheaper without the kernel reading a message header.
        const ssize_t written = count == 1 ? ::send(fd(), parts[0].data(), parts[0].size(), MSG_NOSIGNAL)
                                           : ::sendmsg(fd(), &message, MSG_NOSIGNAL);
        if (written >= 0) return {.bytes = static_cast<std::size_t>(written)};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {.outcome = Transfer::Outcome::WouldBlock};
        if (errno != EINTR) return failed(errno);
    }
}

void Socket::shut_down_sending() { ::shutdown(fd(), SHUT_WR); }

Result<Listener> Listener::listen(const std::string& address, std::uint16_t port, const SocketOptions& options) {
    auto endpoint = to_endpoint(address, port);
    if (!endpoint)
        return unexpected(Blame::Caller, "\"" + address +
                                             "\" is not an IP address to listen on; write 0.0.0.0 or :: for all "
                                             "addresses of this machine, 127.0.0.1 for itself alone");
    Listener listener;
    listener.descriptor_ = Descriptor(::socket(endpoint->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int fd = listener.fd();
    if (fd < 0) return cannot_listen(errno, address, port);
    turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
    if (endpoint->family() == AF_INET6) {
        // "::" takes IPv4 too whatever the machine's default is; of other addresses there is no IPv4 form.
        const int v6_only = 0;
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
    }
    if (::bind(fd, endpoint->address(), endpoint->length) != 0 || ::listen(fd, SOMAXCONN) != 0)
        return cannot_listen(errno, address, port);
    Endpoint bound;
    bound.length = sizeof bound.storage;
    if (::getsockname(fd, bound.address(), &bound.length) != 0) return cannot_listen(errno, address, port);
    listener.port_ = port_of(bound);
    listener.options_ = options;
    listener.reserve_ = hold_back();
    return listener;
}

Result<Listener> Listener::share() const {
    Listener shared;
    shared.descriptor_ = Descriptor(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
    if (!shared.descriptor_.valid())
        return unexpected(Blame::Machine, std::string("could not share a port among threads: ") + std::strerror(errno) +
                                              "; raise the limit with ulimit -n");
    shared.port_ = port_;
    shared.options_ = options_;
    shared.reserve_ = hold_back();
    return shared;
}

void Listener::turn_away_waiting() {
    if (!reserve_.valid()) reserve_ = hold_back();
    if (!reserve_.valid()) return;
    reserve_ = Descriptor();
    for (int i = 0; i < turned_away_max; ++i) {
        const Descriptor peer(::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!peer.valid()) break;
        // A reset: the kernel keeps nothing of the stream, however many come.
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ++turned_away_;
    }
    reserve_ = hold_back();
}

Result<std::optional<Listener::Accepted>> Listener::accept() {
    for (;;) {
        Endpoint peer;
        peer.length = sizeof peer.storage;
        Descriptor descriptor(::accept4(descriptor_.get(), peer.address(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (descriptor.valid()) {
            set_options(descriptor.get(), options_);
            return std::optional(Accepted{Socket(std::move(descriptor)), numeric_address(peer)});
        }
        switch (errno) {
            case EAGAIN:
                return std::optional<Accepted>();
            // accept(2): errors of the one connection that was waiting; it is gone, the next may be good.
            case EINTR:
            case ECONNABORTED:
            case EPROTO:
            case EPERM:
            case ENETDOWN:
            case ENOPROTOOPT:
            case EHOSTDOWN:
            case ENONET:
            case EHOSTUNREACH:
            case EOPNOTSUPP:
            case ENETUNREACH:
                continue;
            default:
                return out_of(errno);
            case EMFILE:
            case ENFILE: {
                const int error = errno;
                turn_away_waiting();
                return out_of(error);
            }
        }
    }
}

}  // namespace tidewire::net
