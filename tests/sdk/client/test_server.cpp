// One connection after another: its WebSocket, its session, a world of one entity a player.
#include "tests/sdk/client/test_server.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/session/server_session.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/connection.h"
#include "sdk/net/poller.h"
#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/net/loopback.h"
#include "tests/support/whole_world.h"
#include "tidewire/version.h"

namespace tidewire::test {

namespace {

constexpr std::uint64_t waker_key = 0;
constexpr std::uint64_t listener_key = 1;
constexpr std::uint64_t socket_key = 2;
constexpr std::uint32_t entities_max = 100;

/// The tests' own schema, or one that is older.
SchemaInfo schema_of(const TestServerOptions& options) {
    SchemaInfo schema = ::test::Schema::info();
    if (options.older_schema) {
        schema.components = schema.components.first(schema.components.size() - 1);
        schema.hash = replication::schema_hash(schema);
    }
    return schema;
}

}  // namespace

/// What only the server's thread touches.
class TestServer::Loop {
public:
    explicit Loop(TestServer& server)
        : server_(server),
          schema_(schema_of(server.options_)),
          layout_(schema_),
          world_(schema_, entities_max),
          stream_(layout_, static_cast<std::uint16_t>(server.options_.tick_rate)) {
        auto poller = net::Poller::create();
        if (!poller || !poller->add(server.waker_.fd(), waker_key, {}) ||
            !poller->add(server.listener_.fd(), listener_key, {}))
            std::abort();
        poller_.emplace(std::move(*poller));
    }

    void run() {
        TimePoint now = net::now();
        next_tick_ = now;
        while (!server_.stopping_ || websocket_) {
            if (server_.stopping_ && !stop_deadline_) {
                stop_deadline_ = now + std::chrono::seconds(1);
                close(1001, "the server stops", now);
            }
            if (stop_deadline_ && now >= *stop_deadline_) return;
            const TimePoint until = std::min(next_tick_, websocket_ ? websocket_->poll_timeout() : never);
            for (const net::Poller::Ready& ready : poller_->wait(until - now)) handle(ready);
            now = net::now();
            if (now >= next_tick_) {
                tick(now);
                next_tick_ = std::max(next_tick_ + period(), now);
            }
            time(now);
        }
    }

private:
    Duration period() const { return Duration(std::chrono::seconds(1)) / server_.options_.tick_rate; }

    void handle(const net::Poller::Ready& ready) {
        const TimePoint now = net::now();
        if (ready.key == waker_key) {
            server_.waker_.reset();
            std::optional<std::string> kick;
            {
                const std::lock_guard lock(server_.mutex_);
                kick = std::exchange(server_.kick_, std::nullopt);
            }
            if (kick) {
                say(*kick);
                close(1008, *kick, now);
            }
        } else if (ready.key == listener_key) {
            accept(now);
        } else {
            read(now);
        }
        pump(now);
    }

    void accept(TimePoint now) {
        auto accepted = server_.listener_.accept();
        if (!accepted || !*accepted || websocket_) return;
        socket_ = std::move((*accepted)->socket);
        if (!poller_->add(socket_.fd(), socket_key, {})) std::abort();
        websocket_.emplace(ws::Connection::server({}, {}, now));
        silent_ = false;
    }

    void read(TimePoint now) {
        if (!websocket_) return;
        const net::Transfer transfer = socket_.read(buffer_);
        if (transfer.outcome == net::Transfer::Outcome::Done) {
            websocket_->receive(MutableByteSpan(buffer_).first(transfer.bytes), now);
        } else if (transfer.outcome == net::Transfer::Outcome::Eof) {
            // No more readability, which would never end.
            poller_->modify(socket_.fd(), socket_key, {.readable = false, .writable = false});
            websocket_->receive_eof(now);
        } else if (transfer.outcome == net::Transfer::Outcome::Failed) {
            websocket_->abort(transfer.message, now);
        }
    }

    void time(TimePoint now) {
        if (!websocket_) return;
        if (now >= websocket_->poll_timeout()) websocket_->handle_timeout(now);
        if (session_ && now >= session_->poll_timeout()) session_->handle_timeout(now);
        pump(now);
    }

    void pump(TimePoint now) {
        if (!websocket_) return;
        pump_session(now);
        while (const auto event = websocket_->poll_event(now)) {
            handle(*event, now);
            pump_session(now);
        }
        write(now);
        if (websocket_->wants_shutdown()) socket_.shut_down_sending();
        if (!websocket_->finished()) return;
        poller_->remove(socket_.fd());
        socket_ = {};
        session_.reset();
        websocket_.reset();
        const std::lock_guard lock(server_.mutex_);
        ++server_.seen_.connections_ended;
    }

    void write(TimePoint now) {
        while (!silent_) {
            const auto parts = websocket_->poll_transmit();
            if (parts.empty()) return;
            const net::Transfer transfer = socket_.write(parts);
            if (transfer.outcome != net::Transfer::Outcome::Done) return;
            websocket_->transmitted(transfer.bytes, now);
        }
    }

    void handle(const ws::Event& event, TimePoint now) {
        switch (event.kind) {
            case ws::Event::Kind::Request:
                websocket_->accept(subprotocol, {}, now);
                break;
            case ws::Event::Kind::Opened:
                session_.emplace(layout_, session::ServerSessionOptions{}, now);
                break;
            case ws::Event::Kind::Message:
                session_->receive(event.bytes, now);
                break;
            case ws::Event::Kind::Pong:
                break;
            case ws::Event::Kind::Closed: {
                if (session_)
                    session_->transport_closed(static_cast<std::uint16_t>(event.close_code), as_text(event.bytes), now);
                break;
            }
        }
    }

    void pump_session(TimePoint now) {
        if (!session_) return;
        while (const auto event = session_->poll_event()) handle(*event, now);
        while (const auto message = session_->poll_transmit())
            if (websocket_->send(ws::MessageKind::Binary, *message)) websocket_->retain_unsent();
        if (const auto& close = session_->wants_close())
            websocket_->close(static_cast<ws::CloseCode>(close->close_code), close->reason, now);
    }

    void handle(const session::ServerEvent& event, TimePoint now) {
        switch (event.kind) {
            case session::ServerEvent::Kind::Join:
                if (!server_.options_.refusal.empty()) return close(4002, server_.options_.refusal, now);
                {
                    const std::lock_guard lock(server_.mutex_);
                    server_.seen_.player_name = event.player_name;
                }
                player_ = Entity(world_, world_.spawn(1));
                player_.set(::test::Position{});
                session_->welcome({.player = 1,
                                   .tick_rate = static_cast<std::uint16_t>(server_.options_.tick_rate),
                                   .tick = tick_,
                                   .entities_max = entities_max},
                                  now);
                break;
            case session::ServerEvent::Kind::Input: {
                ::test::Steer steer;
                std::copy(event.input.begin(), event.input.end(), reinterpret_cast<std::byte*>(&steer));
                input_number_ = event.input_tick;
                player_.get<::test::Position>().x += static_cast<float>(steer.dx);
                const std::lock_guard lock(server_.mutex_);
                server_.seen_.inputs.push_back({event.input_tick, steer.dx});
                break;
            }
            case session::ServerEvent::Kind::Suspend: {
                const std::lock_guard lock(server_.mutex_);
                server_.seen_.suspended = event.suspended;
                server_.seen_.suspensions += event.suspended ? 1 : 0;
                break;
            }
            case session::ServerEvent::Kind::Desync:
            case session::ServerEvent::Kind::Event:
                break;
            case session::ServerEvent::Kind::Closed: {
                if (player_.alive()) player_.despawn();
                if (!server_.options_.answers_close) silent_ = true;
                const std::lock_guard lock(server_.mutex_);
                server_.seen_.close_code = event.close_code;
                break;
            }
        }
    }

    /// To the game, as an event.
    void say(const std::string& text) {
        if (!session_ || session_->state() != session::ServerState::Playing) return;
        const ::test::Note note{.text = text};
        constexpr std::uint16_t type = event_index<::test::Note>;
        const Bytes data = replication::encode_event(layout_, type, &note);
        const Bytes message = wire::encode(wire::Event{.type = type, .data = data, .tick = tick_});
        if (websocket_->send(ws::MessageKind::Binary, message)) websocket_->retain_unsent();
    }

    void close(std::uint16_t code, const std::string& reason, TimePoint now) {
        if (session_)
            session_->close(code, reason, now, {.retry_after = server_.options_.retry_after});
        else if (websocket_)
            websocket_->abort(reason, now);
        pump(now);
    }

    void tick(TimePoint now) {
        ++tick_;
        if (!session_ || session_->state() != session::ServerState::Playing || !websocket_->open()) return;
        replication::QuantizeCounters counters;
        const auto snapshot = replication::capture(layout_, world_, nullptr, tick_, counters);
        const Bytes body = stream_.keyframe(snapshot);
        Bytes head;
        wire::append_tick_head(head, {.tick = tick_,
                                      .input_tick = input_number_,
                                      .bodies = {{.group = 0, .coding = wire::BodyCoding::Keyframe, .bytes = body}}});
        const std::array<ByteSpan, 2> parts{head, body};
        if (websocket_->send(ws::MessageKind::Binary, parts)) websocket_->retain_unsent();
        session_->note_written(tick_);
        pump(now);
    }

    TestServer& server_;
    SchemaInfo schema_;
    replication::Layout layout_;
    World world_;
    WholeWorld stream_;
    std::optional<net::Poller> poller_;
    Bytes buffer_ = Bytes(16 * 1024);
    net::Socket socket_;
    std::optional<ws::Connection> websocket_;
    std::optional<session::ServerSession> session_;
    bool silent_ = false;
    Entity player_;
    std::uint32_t input_number_ = 0;
    Tick tick_ = 0;
    TimePoint next_tick_;
    std::optional<TimePoint> stop_deadline_;
};

namespace {

net::Waker make_waker() {
    auto waker = net::Waker::create();
    REQUIRE(waker);
    return std::move(*waker);
}

}  // namespace

TestServer::TestServer(TestServerOptions options)
    : options_(std::move(options)),
      listener_(net::listen_on("127.0.0.1")),
      port_(listener_.port()),
      waker_(make_waker()),
      thread_([this] { Loop(*this).run(); }) {}

TestServer::~TestServer() {
    stopping_ = true;
    waker_.wake();
    thread_.join();
}

TestServer::Seen TestServer::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

void TestServer::kick(std::string reason) {
    {
        const std::lock_guard lock(mutex_);
        kick_ = std::move(reason);
    }
    waker_.wake();
}

}  // namespace tidewire::test
