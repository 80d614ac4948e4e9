// A player of bytes over a real socket, that says only what it is told to say.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <variant>

#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/connection.h"
#include "sdk/net/system.h"
#include "tests/sdk/net/tls_pair.h"
#include "tidewire/version.h"
#include "tools/sim/sample_game.h"

namespace tidewire::test {

using net::patience;

class RawPlayer {
public:
    enum class Expect : std::uint8_t { Ticks, End };
    explicit RawPlayer(std::uint16_t port, const net::TlsContext* tls = nullptr) : RawPlayer(port, Expect::Ticks, tls) {}
    RawPlayer(std::uint16_t port, Expect expect, const net::TlsContext* tls = nullptr)
        : websocket_(ws::Connection::client({.host = "localhost",
                                             .target = "/",
                                             .subprotocols = {subprotocol},
                                             .origin = {},
                                             .headers = {}},
                                            {}, {}, net::system_random(), net::now())) {
        auto socket = net::Socket::connect("127.0.0.1", port);
        REQUIRE(socket);
        REQUIRE(net::wait_writable(*socket));
        REQUIRE_FALSE(socket->connect_error());
        if (tls != nullptr) {
            auto secure = net::Stream::secure(std::move(*socket), *tls, "localhost");
            REQUIRE(secure);
            stream_ = std::move(*secure);
        } else {
            stream_ = net::Stream(std::move(*socket));
        }
        while (!stream_.established()) {
            REQUIRE(stream_.establish().outcome != net::Transfer::Outcome::Failed);
            if (!stream_.established()) REQUIRE(net::wait(stream_.fd(), {}, patience));
        }
        write();
        if (expect == Expect::Ticks)
            read_until([&] { return newest_ != 0; });
        else
            read_to_the_end();
    }

    /// Reads until `done()`.
    template <class Done>
    void read_until(const Done& done) {
        Bytes buffer(64 * 1024);
        while (!done()) {
            if (!stream_.pending()) REQUIRE(net::wait(stream_.fd(), {}, patience));
            const net::Transfer transfer = stream_.read(buffer);
            if (transfer.outcome == net::Transfer::Outcome::WouldBlock) continue;
            REQUIRE(transfer.outcome == net::Transfer::Outcome::Done);
            websocket_.receive(MutableByteSpan(buffer).first(transfer.bytes), net::now());
            while (const auto event = websocket_.poll_event(net::now())) take(*event);
            write();
        }
    }

    void queue(const Bytes& message) { REQUIRE(websocket_.send(ws::MessageKind::Binary, message)); }
    void send(const Bytes& message) {
        queue(message);
        write();
    }
    /// What is queued, as one piece.
    void write() {
        for (;;) {
            const auto parts = websocket_.poll_transmit();
            if (parts.empty()) return;
            const net::Transfer transfer = stream_.write(parts);
            if (transfer.outcome == net::Transfer::Outcome::WouldBlock) {
                REQUIRE(net::wait(stream_.fd(), {.readable = false, .writable = true}, patience));
                continue;
            }
            REQUIRE(transfer.outcome == net::Transfer::Outcome::Done);
            websocket_.transmitted(transfer.bytes, net::now());
        }
    }

    Tick newest() const { return newest_; }
    PlayerId player() const { return player_; }
    /// The server has ended it: its code and reason; 0 while it has not.
    std::uint16_t close_code() const { return close_code_; }
    const std::string& close_reason() const { return close_reason_; }
    void hang_up() { stream_ = {}; }
    /// Reads until the server ends it.
    void read_to_the_end() {
        ends_ = true;
        read_until([this] { return close_code_ != 0; });
    }
    /// Called with each Tick message.
    std::function<void(const wire::TickMessage&)> on_tick;
    int pongs() const { return pongs_; }

private:
    void take(const ws::Event& event) {
        if (event.kind == ws::Event::Kind::Closed) {
            REQUIRE(ends_);
            close_code_ = static_cast<std::uint16_t>(event.close_code);
            close_reason_ = as_text(event.bytes);
            return;
        }
        if (event.kind == ws::Event::Kind::Opened) {
            const SchemaInfo& schema = sim::SampleSchema::info();
            queue(wire::encode(wire::Hello{.protocol = protocol_version,
                                           .schema_hash = schema.hash,
                                           .schema_name = schema.name,
                                           .sdk_version = version,
                                           .player_name = "raw"}));
        }
        if (event.kind != ws::Event::Kind::Message) return;
        const auto message = wire::parse_message(event.bytes, {});
        REQUIRE(message);
        if (const auto* const tick = std::get_if<wire::TickMessage>(&*message)) {
            newest_ = tick->tick;
            if (on_tick) on_tick(*tick);
            queue(wire::encode(wire::InputMessage{.ack_tick = newest_}));
        }
        if (std::holds_alternative<wire::Pong>(*message)) ++pongs_;
        if (const auto* const welcome = std::get_if<wire::Welcome>(&*message))
            player_ = static_cast<PlayerId>(welcome->player);
    }

    ws::Connection websocket_;
    net::Stream stream_;
    Tick newest_ = 0;
    int pongs_ = 0;
    PlayerId player_ = 0;
    bool ends_ = false;
    std::uint16_t close_code_ = 0;
    std::string close_reason_;
};

}  // namespace tidewire::test
