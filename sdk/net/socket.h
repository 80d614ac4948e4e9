// Non-blocking TCP sockets of Linux, as RAII values. Errors are sentences with the operating system's own message.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/net/socket_options.h"
#include "sdk/net/tcp_info.h"
#include "tidewire/result.h"

namespace tidewire::net {

/// Owns a file descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }
    int release();

private:
    int fd_ = -1;
};

/// What one attempt to read or write came to.
struct Transfer {
    enum class Outcome : std::uint8_t { Done, WouldBlock, Eof, Failed };
    Outcome outcome = Outcome::Done;
    std::size_t bytes = 0;  ///< With Done: above 0.
    std::string message{};  ///< With Failed: the operating system's.
    std::optional<TimePoint>
        arrived{};  ///< Of a read: when the newest of the bytes came, where note_arrivals() was called.
};

/// A connected (or connecting) TCP stream with TCP_NODELAY.
class Socket {
public:
    Socket() = default;
    explicit Socket(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    /// Starts to connect to a numeric address; writable when done, see connect_error(). Errors are as of connect_error().
    static Result<Socket> connect(const std::string& address, std::uint16_t port);
    /// After the first writability: empty, or why the connect failed and what to do ("Connection refused; is the server running?").
    std::optional<std::string> connect_error() const;

    /// From now on read() tells when bytes came. False when the kernel does not know.
    bool note_arrivals();
    Transfer read(MutableByteSpan buffer);
    /// As read(), but the bytes stay for the next one.
    Transfer peek(MutableByteSpan buffer);
    /// One gathered write of at most 64 parts.
    Transfer write(std::span<const ByteSpan> parts);
    /// No more will be sent (TCP half-close).
    void shut_down_sending();
    /// What the kernel knows of the stream; for a look once a second.
    std::optional<TcpInfo> tcp_info() const { return net::tcp_info(fd()); }

    int fd() const { return descriptor_.get(); }
    bool valid() const { return descriptor_.valid(); }

private:
    Descriptor descriptor_;
    bool notes_arrivals_ = false;
};

class Listener {
public:
    /// Port 0 takes a free one; accepted streams get `options`. Errors: the port is in use or not allowed, the address is not of this
    /// machine.
    static Result<Listener> listen(const std::string& address, std::uint16_t port, const SocketOptions& options = {});
    /// The same port for one more thread: who waits is accepted by one of them. Each adds its own to its Poller, as exclusive. Errors: no
    /// descriptor is left.
    Result<Listener> share() const;

    struct Accepted {
        Socket socket;
        std::string peer_address;
    };
    /// Empty when nobody waits. Errors: the process or the machine is out of descriptors or memory. A level-triggered loop must not look
    /// again before it has freed some or let time pass. Out of descriptors, those who wait are turned away at once, by a descriptor that is
    /// held back for that: they learn it now, and not when their own patience ends.
    Result<std::optional<Accepted>> accept();
    /// So many were turned away since the start.
    std::uint64_t turned_away() const { return turned_away_; }
    std::uint16_t port() const { return port_; }
    int fd() const { return descriptor_.get(); }

private:
    void turn_away_waiting();

    Descriptor descriptor_;
    Descriptor reserve_;  // given up for a moment when no other is left
    std::uint16_t port_ = 0;
    SocketOptions options_;
    std::uint64_t turned_away_ = 0;
};

/// Numeric addresses of a host name, in the order to try them. Blocks on DNS for names that are not numeric or local.
Result<std::vector<std::string>> resolve(const std::string& host);

}  // namespace tidewire::net
