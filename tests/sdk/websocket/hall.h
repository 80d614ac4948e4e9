// A WebSocket server, its clients and raw peers in one thread: each gets its turn until something is true. Waits are bounded.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sdk/net/socket.h"
#include "sdk/net/system.h"
#include "tests/sdk/net/loopback.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket::test {

using namespace std::chrono_literals;

/// An event that outlives the next one.
struct Seen {
    explicit Seen(const Event& event)
        : kind(event.kind),
          connection(event.connection),
          message_kind(event.message_kind),
          text(event.text()),
          path(event.path),
          subprotocol(event.subprotocol),
          peer_address(event.peer_address),
          close_code(event.close_code),
          reason(event.reason) {}

    EventKind kind;
    ConnectionId connection;
    MessageKind message_kind;
    std::string text, path, subprotocol, peer_address;
    std::uint16_t close_code;
    std::string reason;
};

using History = std::vector<Seen>;

inline std::size_t count(const History& history, EventKind kind) {
    std::size_t found = 0;
    for (const Seen& seen : history) found += seen.kind == kind ? 1 : 0;
    return found;
}

inline const Seen* last(const History& history, EventKind kind) {
    for (auto seen = history.rbegin(); seen != history.rend(); ++seen)
        if (seen->kind == kind) return &*seen;
    return nullptr;
}

/// A client and what it has seen.
struct Guest {
    explicit Guest(std::string_view url, ClientOptions options = {}) : client(url, std::move(options)) {}

    void poll() {
        if (!client.wait(0ms)) return;
        while (const auto event = client.poll_event()) {
            seen.emplace_back(*event);
            if (on_event) on_event(*event);
        }
    }
    bool open() const { return count(seen, EventKind::Opened) > 0; }
    const Seen* closed() const { return last(seen, EventKind::Closed); }

    Client client;
    History seen;
    std::function<void(const Event&)> on_event;
};

/// A peer that says exactly what a test wants.
struct Raw {
    explicit Raw(std::uint16_t port) {
        auto connecting = net::Socket::connect("127.0.0.1", port);
        REQUIRE(connecting);
        socket = std::move(*connecting);
        REQUIRE(net::wait_writable(socket));
        REQUIRE_FALSE(socket.connect_error());
    }

    /// How much of it the socket took.
    std::size_t say(std::string_view text) {
        const ByteSpan part = as_bytes(text);
        return socket.write({&part, 1}).bytes;
    }
    void poll() {
        Bytes buffer(64 * 1024);
        while (listens && !ended) {
            const net::Transfer transfer = socket.read(buffer);
            if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return;
            ended = transfer.outcome != net::Transfer::Outcome::Done;
            heard += as_text(ByteSpan(buffer).first(transfer.bytes));
        }
    }
    bool has_heard(std::string_view text) const { return heard.find(text) != std::string::npos; }

    net::Socket socket;
    std::string heard;
    bool ended = false;
    bool listens = true;
};

inline std::string request(std::string_view fields = "", std::string_view target = "/") {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           std::string(fields) + "\r\n";
}

/// A client's frame, under a mask of zeros.
inline std::string frame(int first_byte, std::string_view payload) {
    std::string out(1, static_cast<char>(first_byte));
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else {
        REQUIRE(payload.size() < 65536);
        out += static_cast<char>(0x80 | 126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    out += std::string(4, '\0');
    return out += payload;
}

inline ServerOptions local(ServerOptions options = {}) {
    options.address = "127.0.0.1";
    return options;
}

inline Server listen(ServerOptions options) {
    auto server = Server::listen(std::move(options));
    INFO((server ? "" : server.error().message));
    REQUIRE(server);
    return std::move(*server);
}

class Hall {
public:
    explicit Hall(ServerOptions options = local()) : server(listen(std::move(options))) {}

    std::string url(std::string_view scheme = "ws", std::string_view path = "/") const {
        return std::string(scheme) + "://localhost:" + std::to_string(server.port()) + std::string(path);
    }
    Guest& enter(ClientOptions options = {}, std::string_view scheme = "ws", std::string_view path = "/") {
        return guests.emplace_back(url(scheme, path), std::move(options));
    }
    Raw& enter_raw() { return raws.emplace_back(server.port()); }
    /// A raw peer that is open.
    Raw& enter_open() {
        Raw& raw = enter_raw();
        const std::size_t before = count(seen, EventKind::Opened);
        raw.say(request());
        REQUIRE(until([&] { return count(seen, EventKind::Opened) > before && raw.has_heard("\r\n\r\n"); }));
        raw.heard.clear();
        return raw;
    }

    /// A turn for everybody.
    void turn() {
        running = server.wait(1ms);
        while (const auto event = server.poll_event()) {
            seen.emplace_back(*event);
            on_event(*event);
        }
        for (Guest& guest : guests) guest.poll();
        for (Raw& raw : raws) raw.poll();
    }
    bool until(const std::function<bool()>& done) {
        for (const TimePoint end = net::now() + net::patience; !done();) {
            if (net::now() > end) return false;
            turn();
        }
        return true;
    }

    Server server;
    History seen;
    bool running = true;
    std::deque<Guest> guests;
    std::deque<Raw> raws;
    /// An echo, unless a test wants something else.
    std::function<void(const Event&)> on_event = [this](const Event& event) {
        if (event.kind == EventKind::Message) (void)server.send(event.connection, event.message_kind, event.bytes);
    };
};

}  // namespace tidewire::websocket::test
