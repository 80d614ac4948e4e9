// Test support: a connection with a record of all that it said, and frames made by hand.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sdk/core/ws/connection.h"
#include "sdk/core/ws/frame.h"
#include "sdk/core/base/utf8.h"
#include "tests/support/hex.h"

namespace tidewire::ws::test {

using namespace std::chrono_literals;

inline constexpr TimePoint start = TimePoint(std::chrono::seconds(1000));

using tidewire::test::from_hex;
using tidewire::test::to_hex;

inline Bytes to_owned(ByteSpan bytes) { return Bytes(bytes.begin(), bytes.end()); }
inline Bytes to_owned(std::string_view text) { return to_owned(as_bytes(text)); }

/// One frame as the peer of `receiver` sends it.
struct FrameSpec {
    Opcode opcode = Opcode::Text;
    bool fin = true;
    unsigned reserved = 0;  // RSV1 is 4, RSV2 is 2, RSV3 is 1
};

inline Bytes frame(Role receiver, FrameSpec spec, ByteSpan payload) {
    FrameHeader header{.opcode = spec.opcode, .fin = spec.fin, .payload_bytes = payload.size()};
    if (receiver == Role::Server) {
        header.masked = true;
        header.mask = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
    }
    Bytes bytes = to_owned(ByteSpan(to_bytes(header)));
    bytes[0] |= static_cast<std::byte>(spec.reserved << 4);
    const std::size_t at = bytes.size();
    append(bytes, payload);
    if (header.masked) apply_mask(MutableByteSpan(bytes).subspan(at), header.mask, 0);
    return bytes;
}

inline Bytes frame(Role receiver, FrameSpec spec, std::string_view payload) {
    return frame(receiver, spec, as_bytes(payload));
}

inline Bytes close_frame(Role receiver, unsigned code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason;
    return frame(receiver, {Opcode::Close}, payload);
}

inline Bytes operator+(Bytes a, const Bytes& b) {
    append(a, b);
    return a;
}

inline RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() & 0xff);
    };
}

/// An event in words: `text Hello`, `binary 3 bytes: 01 02 03`, `closed 1002 ours: why`.
inline std::string to_words(const Event& event) {
    switch (event.kind) {
        case Event::Kind::Request:
            return "request";
        case Event::Kind::Opened:
            return "opened";
        case Event::Kind::Pong:
            return "pong " + to_string(event.bytes);
        case Event::Kind::Message:
            if (event.message_kind == MessageKind::Text) return "text " + to_string(event.bytes);
            return "binary " + std::to_string(event.bytes.size()) +
                   " bytes: " + to_hex(event.bytes.first(std::min<std::size_t>(event.bytes.size(), 64)));
        case Event::Kind::Closed:
            break;
    }
    return "closed " + std::to_string(static_cast<unsigned>(event.close_code)) + (event.clean ? " clean" : "") +
           (event.by_peer ? " by peer" : " by us") + (event.bytes.empty() ? "" : ": ") + to_string(event.bytes);
}

/// A connection whose stream is memory. Servers accept upgrades with the first subprotocol and answer plain requests with 200.
class Endpoint {
public:
    explicit Endpoint(Connection of) : connection(std::move(of)) { drain(); }

    static Endpoint server(Limits limits = {}, Timeouts timeouts = {}) {
        return Endpoint(Connection::server(limits, timeouts, start));
    }
    static Endpoint client(Limits limits = {}, Timeouts timeouts = {},
                           ClientHandshake handshake = {.host = "localhost"}) {
        return Endpoint(Connection::client(std::move(handshake), limits, timeouts, seeded(1), start));
    }

    /// The bytes stand in a block of their own, exactly as long as they are, so that a sanitizer sees each step beyond it.
    void receive(ByteSpan bytes) {
        Bytes block(bytes.begin(), bytes.end());
        connection.receive(block, now);
        drain();
    }
    void receive(std::string_view text) { receive(as_bytes(text)); }
    void receive_eof() {
        connection.receive_eof(now);
        drain();
    }
    /// Lets time pass, serving every time limit on the way.
    void run_for(Duration duration) {
        const TimePoint end = now + duration;
        while (connection.poll_timeout() <= end) {
            now = std::max(now, connection.poll_timeout());
            connection.handle_timeout(now);
            drain();
        }
        now = end;
    }
    void drain() {
        while (auto event = connection.poll_event(now)) {
            events.push_back(to_words(*event));
            if (event->kind == Event::Kind::Request && answers) {
                const Request& request = connection.request();
                const std::string chosen = request.subprotocols.empty() ? "" : request.subprotocols.front();
                if (request.upgrade)
                    connection.accept(chosen, {}, now);
                else
                    connection.respond(200, "text/plain", "ok\n", {}, now);
            }
            if (event->kind == Event::Kind::Message && echoes) {
                const ByteSpan payload = event->bytes;
                const auto echoed = connection.send(event->message_kind, payload);
                INFO(events.back());
                CHECK((echoed.has_value() || !connection.open()));
                connection.retain_unsent();
            }
        }
        if (!writable) return;
        while (!connection.poll_transmit().empty()) {
            std::size_t bytes = 0;
            for (const ByteSpan piece : connection.poll_transmit()) {
                append(sent, piece);
                bytes += piece.size();
            }
            connection.transmitted(bytes, now);
        }
    }
    Bytes take_sent() { return std::exchange(sent, {}); }
    std::vector<std::string> take_events() { return std::exchange(events, {}); }

    Connection connection;
    TimePoint now = start;
    Bytes sent;
    std::vector<std::string> events;
    bool answers = true;
    bool echoes = false;
    bool writable = true;
};

inline constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3

/// A good request, whose lines a test may change: each element is one line without its end.
inline std::vector<std::string> upgrade_lines() {
    return {"GET /chat HTTP/1.1",
            "Host: server.example.com",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13"};
}

inline std::string to_head(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\r\n";
    return text + "\r\n";
}

/// Open, with nothing recorded.
inline Endpoint open_server(Limits limits = {}, Timeouts timeouts = {}) {
    Endpoint endpoint = Endpoint::server(limits, timeouts);
    endpoint.receive(to_head(upgrade_lines()));
    REQUIRE(endpoint.connection.open());
    endpoint.take_events();
    endpoint.take_sent();
    return endpoint;
}

/// Joins two endpoints until both are quiet.
inline void exchange(Endpoint& a, Endpoint& b) {
    a.drain();
    b.drain();
    while (!a.sent.empty() || !b.sent.empty()) {
        const Bytes from_a = a.take_sent();
        const Bytes from_b = b.take_sent();
        b.receive(from_a);
        a.receive(from_b);
    }
}

/// A client that is open, with nothing recorded; its server is gone.
inline Endpoint open_client(Limits limits = {}, Timeouts timeouts = {}) {
    Endpoint client = Endpoint::client(limits, timeouts);
    Endpoint server = Endpoint::server();
    exchange(client, server);
    REQUIRE(client.connection.open());
    client.take_events();
    return client;
}

inline Endpoint open_endpoint(Role role, Limits limits = {}, Timeouts timeouts = {}) {
    return role == Role::Server ? open_server(limits, timeouts) : open_client(limits, timeouts);
}

/// The frames that an endpoint sent, in words and without masks: `close 1002 why`, `pong abc`, `text Hi`.
inline std::vector<std::string> sent_frames(Role sender, ByteSpan bytes) {
    std::vector<std::string> words;
    while (!bytes.empty()) {
        const auto parsed = parse_frame_header(bytes, sender == Role::Server ? Role::Client : Role::Server);
        REQUIRE(parsed.has_value());
        REQUIRE(parsed->has_value());
        const FrameHeader& header = (*parsed)->header;
        bytes = bytes.subspan((*parsed)->bytes);
        REQUIRE(bytes.size() >= header.payload_bytes);
        Bytes payload = to_owned(bytes.first(header.payload_bytes));
        bytes = bytes.subspan(header.payload_bytes);
        if (header.masked) apply_mask(payload, header.mask, 0);
        switch (header.opcode) {
            case Opcode::Continuation:
                words.push_back("continuation " + to_string(payload));
                break;
            case Opcode::Text:
                words.push_back("text " + to_string(payload));
                break;
            case Opcode::Binary:
                words.push_back("binary " + to_hex(payload));
                break;
            case Opcode::Ping:
                words.push_back("ping " + to_string(payload));
                break;
            case Opcode::Pong:
                words.push_back("pong " + to_string(payload));
                break;
            case Opcode::Close:
                if (payload.size() < 2)
                    words.push_back("close");
                else
                    words.push_back("close " +
                                    std::to_string(std::to_integer<unsigned>(payload[0]) * 256 +
                                                   std::to_integer<unsigned>(payload[1])) +
                                    (payload.size() > 2 ? " " : "") + to_string(ByteSpan(payload).subspan(2)));
        }
    }
    return words;
}

}  // namespace tidewire::ws::test
