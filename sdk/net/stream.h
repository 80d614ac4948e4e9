// One byte stream, plain or TLS, that never blocks. Whoever pumps it does not care which.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/net/socket.h"
#include "sdk/net/tls.h"
#include "tidewire/result.h"

namespace tidewire::net {

class Stream {
public:
    Stream() = default;
    explicit Stream(Socket socket) : socket_(std::move(socket)), established_(true) {}
    /// The TLS handshake is still to be done: call establish() until Done.
    static Result<Stream> secure(Socket socket, const TlsContext& context, const std::string& host = {});

    /// Done at once for a plain stream.
    Transfer establish();
    bool established() const { return established_; }

    /// Before the TLS handshake of an accepted stream something may come in the clear (a PROXY header). Precondition: plain.
    Result<void> start_tls(const TlsContext& context, const std::string& host = {});
    /// Bytes that stay for the next read(). Precondition: plain.
    Transfer peek(MutableByteSpan buffer) { return socket_.peek(buffer); }

    Transfer read(MutableByteSpan buffer);
    /// From now on read() tells when bytes came. False when the kernel does not know. Precondition: established().
    bool note_arrivals() { return tls_ ? tls_->note_arrivals() : socket_.note_arrivals(); }
    Transfer write(std::span<const ByteSpan> parts);
    void shut_down_sending();

    /// After WouldBlock of establish() or read(): they wait for writability.
    bool wants_write() const { return tls_ && tls_->wants_write(); }
    /// Read again before sleeping: bytes are waiting inside.
    bool pending() const { return tls_ && tls_->pending(); }
    /// By TLS.
    bool secured() const { return tls_.has_value(); }
    int fd() const { return socket_.fd(); }
    /// As Socket::tcp_info().
    std::optional<TcpInfo> tcp_info() const { return socket_.tcp_info(); }

private:
    Socket socket_;
    std::optional<TlsSession> tls_;
    bool established_ = false;
};

}  // namespace tidewire::net
