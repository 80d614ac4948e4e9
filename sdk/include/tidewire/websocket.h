// A WebSocket client and server on their own (RFC 6455), for text and binary messages: chat, notifications, telemetry.
// Polled like everything else; no thread, no callback. Games use client.h and server.h instead.
//
//     auto server = tidewire::websocket::Server::listen({.port = 9000});
//     if (!server) return tidewire::report(server.error());
//     while (server->wait(1s))
//         while (auto event = server->poll_event())
//             if (event->kind == EventKind::Message) (void)server->send(event->connection, event->message_kind, event->bytes);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidewire/result.h"
#include "tidewire/tls.h"

namespace tidewire::websocket {

enum class MessageKind : std::uint8_t { Text, Binary };

enum class EventKind : std::uint8_t {
    Opened,    ///< The handshake is done: `path` (server), `subprotocol`, `peer_address`.
    Message,   ///< One whole message: `message_kind`, `bytes`.
    Writable,  ///< After send() was refused: the queue fell below half of transmit_bytes_max.
    Closed,    ///< The last event of a connection: `close_code` (RFC 6455 7.4), `reason`.
};

/// Names a connection of one server; never used twice.
enum class ConnectionId : std::uint64_t {};

/// Views are valid until the next call of poll_event() or wait().
struct Event {
    EventKind kind = EventKind::Closed;
    ConnectionId connection{};
    MessageKind message_kind = MessageKind::Binary;
    std::span<const std::byte> bytes{};
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    std::string_view path{};
    std::string_view subprotocol{};
    std::string_view peer_address{};  ///< The true client's where a trusted front told it.
    std::uint16_t close_code = 0;
    std::string_view reason{};
};

/// Limits of one connection, with their reasons.
struct Limits {
    std::size_t message_bytes_max =
        1024 * 1024;                   ///< A whole message after reassembly; beyond it the connection ends with 1009.
    std::size_t fragments_max = 1024;  ///< Frames of one message; each costs more than its bytes (1008).
    std::size_t transmit_bytes_max =
        4 * 1024 *
        1024;  ///< Queued for one connection; send() refuses beyond it, so a slow reader costs bounded memory.
    double control_frames_per_second = 50;              ///< Pings and pongs of a peer, on average (1008).
    std::chrono::milliseconds opening_timeout{5'000};   ///< TLS and HTTP together; progress does not extend it.
    std::chrono::milliseconds closing_timeout{5'000};   ///< From our close frame to the end.
    std::chrono::milliseconds message_timeout{30'000};  ///< From a message's first byte to its last.
    std::chrono::milliseconds ping_after_silence{20'000};
    std::chrono::milliseconds dead_after_silence{60'000};  ///< Nothing received for this long: the peer is gone.
};

struct ServerOptions {
    std::string address = "0.0.0.0";
    std::uint16_t port = 0;  ///< 0 takes a free one; see port().
    std::vector<std::string>
        subprotocols{};  ///< Ours in order of preference; the first that the client offers too is chosen, else none.
    std::vector<std::string>
        origins_allowed{};  ///< Browsers' foreign origins ("https://game.example"); others get 403. "*" allows all.
    std::vector<std::string>
        trusted_proxies{};        ///< Networks ("10.0.0.0/8") whose PROXY protocol and X-Forwarded-For are believed.
    bool proxy_protocol = false;  ///< Connections from trusted_proxies begin with a PROXY v1 or v2 header.
    std::size_t connections_max = 10'000;  ///< More wait in the kernel's backlog.
    TlsServerOptions tls{};
    Limits limits{};
};

/// One listener and its connections, in the thread that calls it.
class Server {
public:
    /// Errors name the remedy: port in use, unreadable certificate, malformed network.
    static Result<Server> listen(ServerOptions options);
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();

    std::uint16_t port() const;
    /// Sleeps until something happened, at most `timeout`; not at all while poll_event() has something left. False when stop()
    /// was called and all connections have gone.
    bool wait(std::chrono::milliseconds timeout);
    /// The next thing that happened; empty when it is time to wait() again.
    std::optional<Event> poll_event();

    /// Queues one message; `payload` may be a view of the event that is being handled. It leaves with the next poll_event() at
    /// the latest. Text must be UTF-8. Errors: unknown or closing connection, a message beyond transmit_bytes_max (Caller); its
    /// queue is full (Peer, 1013): nothing was queued, and EventKind::Writable follows when there is room.
    Result<void> send(ConnectionId connection, MessageKind kind, std::span<const std::byte> payload);
    Result<void> send(ConnectionId connection, std::string_view text);
    /// Starts the closing handshake; Closed follows. `code` is one that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999;
    /// `reason` is UTF-8 and cut at 123 bytes. An unknown connection is no error: it may just have gone.
    void close(ConnectionId connection, std::uint16_t code = 1000, std::string_view reason = {});

    /// With those that have not opened yet.
    std::size_t connection_count() const;
    /// Bytes queued for a connection and not yet taken by the operating system.
    std::size_t transmit_bytes(ConnectionId connection) const;
    /// Reads the certificate and key again; connections go on with what they have. The old one stays on an error.
    Result<void> reload_certificate();
    /// Closes all connections with 1001; wait() returns false when they are gone. Safe in a signal handler and from other threads.
    void stop();

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

struct ClientOptions {
    std::vector<std::string> subprotocols{};
    std::vector<std::pair<std::string, std::string>> headers{};  ///< Further header fields of the request.
    std::string origin{};
    /// "http://user:password@proxy:3128": reach the server with CONNECT through it. Empty: directly.
    std::string proxy{};
    TlsClientOptions tls{};
    Limits limits{};
};

/// One connection to a server. Event::connection is always 1.
class Client {
public:
    /// Connects in the background; only the name service may block. Trouble of any kind comes as a Closed event with a reason that
    /// names the remedy.
    explicit Client(std::string_view url, ClientOptions options = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    /// As in Server. wait() is false after Closed was polled; the stream is closed then.
    bool wait(std::chrono::milliseconds timeout);
    std::optional<Event> poll_event();

    Result<void> send(MessageKind kind, std::span<const std::byte> payload);
    Result<void> send(std::string_view text);
    /// As in Server. Before the connection is open it ends at once, with this code and reason in its Closed event.
    void close(std::uint16_t code = 1000, std::string_view reason = {});
    std::size_t transmit_bytes() const;
    bool open() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::websocket
