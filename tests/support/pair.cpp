// The event loop of two: whatever is due at an instant happens, then the clock moves to the next one.
#include "tests/support/pair.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/support/time.h"
#include "tidewire/version.h"

namespace tidewire::test {

namespace {

RandomSource seeded_source(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan out) mutable {
        for (std::byte& byte : out) byte = static_cast<std::byte>(random.next() & 0xff);
    };
}

}  // namespace

PairOptions symmetric(net::LinkOptions link, std::uint64_t seed) { return {.up = link, .down = link, .seed = seed}; }

ServerHalf::ServerHalf(const SchemaInfo& schema, const PairOptions& options, TimePoint now)
    : layout(schema),
      world(schema, options.entities_max),
      stream(layout, options.tick_rate),
      connection(ws::Connection::server({}, {}, now)),
      options_(&options) {}

void ServerHalf::receive(MutableByteSpan bytes, TimePoint now) {
    connection.receive(bytes, now);
    pump(now);
}

void ServerHalf::receive_eof(TimePoint now) {
    connection.receive_eof(now);
    pump(now);
}

void ServerHalf::handle_timeout(TimePoint now) {
    connection.handle_timeout(now);
    if (session) session->handle_timeout(now);
    pump(now);
}

void ServerHalf::tick(TimePoint now) {
    replication::QuantizeCounters counters;
    const replication::Snapshot* previous = snapshots.newest();
    const Tick tick = previous == nullptr ? 1 : previous->tick + 1;
    const replication::Snapshot& next = snapshots.push(replication::capture(layout, world, previous, tick, counters));
    if (!session || session->state() != session::ServerState::Playing || !connection.open()) return;

    const replication::Snapshot* from = written == 0 ? nullptr : snapshots.find(written);
    const Bytes body = from == nullptr ? stream.keyframe(next) : stream.delta(*from, next);
    const wire::GroupBody group{
        .group = 0, .coding = from == nullptr ? wire::BodyCoding::Keyframe : wire::BodyCoding::Delta, .bytes = body};
    Bytes message;
    wire::append_tick_head(
        message,
        {.tick = tick,
         .input_tick = input_received,
         .input_lead = static_cast<std::int16_t>(std::exchange(input_fresh, false) ? 320 : wire::no_input_lead),
         .bodies = {group}});
    append(message, body);
    send(message, now);
    session->note_written(tick);
    written = tick;
}

void ServerHalf::send(ByteSpan message, TimePoint now) {
    if (!connection.send(ws::MessageKind::Binary, message)) connection.abort("the queue is full", now);
    connection.retain_unsent();
}

void ServerHalf::pump(TimePoint now) {
    const auto pump_session = [&] {
        if (!session) return;
        while (auto event = session->poll_event()) {
            if (event->kind == session::ServerEvent::Kind::Join && options_->answers_hello)
                session->welcome({.player = 7,
                                  .tick_rate = options_->tick_rate,
                                  .tick = snapshots.newest() ? snapshots.newest()->tick : 0,
                                  .entities_max = options_->entities_max},
                                 now);
            if (event->kind == session::ServerEvent::Kind::Input) {
                input_received = event->input_tick;
                input_fresh = true;
            }
            events.push_back(std::move(*event));
        }
        while (const auto message = session->poll_transmit())
            if (connection.open()) send(*message, now);
        if (const auto& close = session->wants_close())
            connection.close(static_cast<ws::CloseCode>(close->close_code), close->reason, now);
    };
    pump_session();
    while (const auto event = connection.poll_event(now)) {
        switch (event->kind) {
            case ws::Event::Kind::Request:
                if (connection.request().upgrade)
                    connection.accept(subprotocol, {}, now);
                else
                    connection.respond(400, "text/plain", "not a WebSocket\n", {}, now);
                break;
            case ws::Event::Kind::Opened:
                session.emplace(layout, options_->server, now);
                break;
            case ws::Event::Kind::Message:
                session->receive(event->bytes, now);
                break;
            case ws::Event::Kind::Pong:
                break;
            case ws::Event::Kind::Closed:
                if (session)
                    session->transport_closed(static_cast<std::uint16_t>(event->close_code), as_text(event->bytes),
                                              now);
                break;
        }
        pump_session();
    }
}

TimePoint ServerHalf::poll_timeout() const {
    return session ? std::min(connection.poll_timeout(), session->poll_timeout()) : connection.poll_timeout();
}

Pair::Pair(const SchemaInfo& schema, PairOptions pair_options)
    : options(std::move(pair_options)),
      up(options.up, options.seed * 2),
      down(options.down, options.seed * 2 + 1),
      client(options.client_schema != nullptr ? *options.client_schema : schema, options.client, "localhost", "/",
             seeded_source(options.seed), at(0s)),
      server(schema, options, at(0s) + options.server_clock),
      now_(at(0s)),
      next_tick_(at(0s)) {}

void Pair::run_for(Duration duration) {
    const TimePoint end = now_ + duration;
    for (;;) {
        for (int turns = 0; turn(); ++turns)
            if (turns > 100'000) throw std::logic_error("the two never come to rest at one instant");
        const TimePoint next = next_instant();
        if (next > end) break;
        now_ = std::max(now_, next);
    }
    now_ = end;
}

const session::ClientEvent* Pair::closed() const {
    return !events.empty() && events.back().kind == session::ClientEvent::Kind::Closed ? &events.back() : nullptr;
}

bool Pair::turn() {
    bool moved = false;
    while (const std::size_t count = up.read(buffer_, now_)) {
        server.receive(MutableByteSpan(buffer_).first(count), server_now());
        moved = true;
    }
    if (up.at_end(now_) && !std::exchange(server_told_end_, true)) server.receive_eof(server_now());
    while (const std::size_t count = down.read(buffer_, now_)) {
        client.receive(MutableByteSpan(buffer_).first(count), now_);
        moved = true;
    }
    if (down.at_end(now_) && !std::exchange(client_told_end_, true)) client.receive_eof(now_);

    if (server_now() >= server.poll_timeout()) server.handle_timeout(server_now());
    if (now_ >= client.poll_timeout()) client.handle_timeout(now_);
    if (now_ >= next_tick_) {
        next_tick_ += Duration(1s) / options.tick_rate;
        if (on_tick) on_tick();
        server.tick(server_now());
    }

    while (auto event = client.poll_event()) {
        events.push_back(*event);
        if (on_event) on_event(*event);
    }
    const auto transmit = [&](auto& from, net::LinkModel& link, TimePoint from_now) {
        for (auto parts = from.poll_transmit(); !parts.empty(); parts = from.poll_transmit()) {
            const std::size_t count = link.write(parts, now_);
            // After the end, or a link that is full.
            if (count == 0) break;
            from.transmitted(count, from_now);
            moved = true;
        }
    };
    transmit(client, up, now_);
    transmit(server.connection, down, server_now());
    server.pump(server_now());
    if (client.finished()) up.shut(now_);
    if (server.connection.wants_shutdown() || server.connection.finished()) down.shut(now_);
    return moved;
}

TimePoint Pair::next_instant() const {
    TimePoint next = std::min(client.poll_timeout(), next_tick_);
    if (!server_told_end_) next = std::min(next, up.next_arrival());
    if (!client_told_end_) next = std::min(next, down.next_arrival());
    if (const TimePoint timeout = server.poll_timeout(); timeout != never)
        next = std::min(next, timeout - options.server_clock);
    return next;
}

}  // namespace tidewire::test
