// TLS by OpenSSL, over non-blocking sockets. No other room knows that library's TLS.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/net/socket.h"
#include "tidewire/result.h"
#include "tidewire/tls.h"

namespace tidewire::net {

/// What many connections share: certificate, trust, session settings. Copies share one state; replacing it (reload) leaves
/// living connections with what they began with.
class TlsContext {
public:
    /// Errors name the file and what is wrong with it: not readable, not PEM, key does not fit the certificate, expired.
    static Result<TlsContext> server(const TlsServerOptions& options);
    static Result<TlsContext> client(const TlsClientOptions& options);

private:
    friend class TlsSession;
    struct State;
    explicit TlsContext(std::shared_ptr<const State> state);
    std::shared_ptr<const State> state_;  // shared: connections outlive a reload
};

/// One TLS connection over a socket that somebody else owns. Buffers are released while it is idle.
class TlsSession {
public:
    /// `host` is sent as SNI and checked against the certificate (client); ignored for a server. `fd` stays somebody else's.
    static Result<TlsSession> start(const TlsContext& context, int fd, const std::string& host);
    TlsSession(TlsSession&&) noexcept;
    TlsSession& operator=(TlsSession&&) noexcept;
    ~TlsSession();

    /// Goes on with the handshake. Done: established (bytes is 0). WouldBlock: wait for wants_write() ? writable : readable.
    /// Failed: the sentence names the cause and, for a certificate, the remedy.
    Transfer handshake();
    /// Eof when the peer has said that it ends, or has just gone: the protocol above knows whether that was in time.
    Transfer read(MutableByteSpan buffer);
    /// As Socket::note_arrivals().
    bool note_arrivals();
    /// WouldBlock waits for the socket to become writable. What was not taken must come again, at the front of the next call's
    /// bytes: part of it may be encrypted already. It may have moved, and more may stand behind it.
    Transfer write(std::span<const ByteSpan> parts);
    /// The last handshake() or read() waits for the socket to become writable, not readable.
    bool wants_write() const;
    /// Decrypted bytes are waiting: read again before sleeping on the socket.
    bool pending() const;
    /// Sends close_notify as far as the socket takes it. Precondition: no write() is half done.
    void shut_down_sending();

private:
    struct State;
    explicit TlsSession(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::net
