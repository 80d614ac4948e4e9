// What is written to one client and when, with a WebSocket whose other end is this test.
#include "server/gate/delivery.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::test;

namespace {

using Way = Delivery::TickWriting::Way;

constexpr Duration interval = Duration(1s) / 30;

ws::Connection opened(const ServerOptions& options, TimePoint now) {
    ws::Connection websocket = ws::Connection::server(
        {.transmit_bytes_max = options.transmit_bytes_max + options.event_bytes_unsent_max}, {}, now);
    const std::string_view request =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tidewire.v1\r\n\r\n";
    Bytes bytes(as_bytes(request).begin(), as_bytes(request).end());
    websocket.receive(bytes, now);
    while (websocket.poll_event(now)) {}
    websocket.accept("tidewire.v1", {}, now);
    while (websocket.poll_event(now)) {}
    websocket.transmitted(websocket.transmit_bytes(), now);
    return websocket;
}

struct Line {
    explicit Line(ServerOptions server_options = {}) : options(server_options) {}

    Delivery::TickWriting write(std::size_t bytes) {
        body.resize(bytes);
        told = {};
        told.message.tick = tick;
        told.message.bodies.push_back({.group = 1, .coding = wire::BodyCoding::Delta, .bytes = body});
        wire::append_tick_head(told.head, told.message);
        return delivery.write_tick(told, {}, now);
    }
    /// The stream takes all.
    std::size_t take() {
        const std::size_t bytes = websocket.transmit_bytes();
        websocket.transmitted(bytes, now);
        delivery.note_transmitted(bytes, now);
        return bytes;
    }
    void write_part() { delivery.write_part(bulk, 1, now); }
    bool next_tick() {
        now += interval;
        return delivery.wants_tick(++tick, now);
    }

    ServerOptions options;
    TimePoint now = at(1s);
    ws::Connection websocket = opened(options, now);
    BulkQueues bulk{1 << 20};
    Delivery delivery{websocket, options, 40ms, now};
    Tick tick = 0;
    Bytes body;
    Told told;
};

}  // namespace

TEST_CASE("state is never queued twice, and waits for acknowledgements", "[gate][delivery]") {
    Line line;
    REQUIRE(line.next_tick());
    CHECK(line.write(100).way == Way::Whole);
    CHECK(line.delivery.tick_written() == 1);
    CHECK_FALSE(line.next_tick());
    CHECK(line.take() > 100);
    int told = 0;
    for (; told < 100 && line.next_tick(); ++told) {
        CHECK(line.write(100).way == Way::Whole);
        line.take();
    }
    // The first one is on its way as well.
    CHECK(told == static_cast<int>(SnapshotWindowOptions{}.ticks_start) - 1);
    line.delivery.note_acknowledged(line.delivery.tick_written(), line.tick, line.now);
    CHECK(line.next_tick());
}

TEST_CASE("a large tick goes in parts, counts as written with the last of them, and all later ones wait for it",
          "[gate][delivery]") {
    Line line;
    REQUIRE(line.next_tick());
    const auto writing = line.write(50'000);
    CHECK(writing.way == Way::InParts);
    CHECK(writing.bytes > 50'000);
    CHECK(line.websocket.transmit_bytes() == 0);
    CHECK(line.delivery.tick_written() == 0);
    std::size_t parts = 0;
    while (line.delivery.tick_written() == 0) {
        CHECK_FALSE(line.next_tick());
        line.write_part();
        parts += line.take() > 0 ? 1U : 0U;
        line.delivery.note_parts_received(line.delivery.parts_written(), line.now);
        REQUIRE(parts < 100);
    }
    CHECK(parts > 3);
    CHECK(line.delivery.tick_written() == 1);
    CHECK(line.delivery.parts_written() == writing.bytes);
    CHECK(line.next_tick());
}

TEST_CASE("a tick finds no room behind other messages; one that never will is too large", "[gate][delivery]") {
    Line line({.transmit_bytes_max = 4096});
    REQUIRE(line.next_tick());
    const auto event = std::make_shared<const Bytes>(3000);
    CHECK(line.delivery.write_event(event));
    CHECK(line.write(2000).way == Way::NoRoom);
    line.take();
    CHECK(line.write(2000).way == Way::Whole);
    line.take();
    CHECK(line.write(5000).way == Way::TooLarge);
}

TEST_CASE("events that the stream does not take are bounded, and none is left out", "[gate][delivery]") {
    Line line({.events_unsent_max = 4});
    const auto event = std::make_shared<const Bytes>(100);
    // At once there may be more.
    for (int i = 0; i < 6; ++i) CHECK(line.delivery.write_event(event));
    line.delivery.note_offered();
    CHECK_FALSE(line.delivery.write_event(event));
    CHECK(line.delivery.event_backlog().count() == 6);
    line.take();
    CHECK(line.delivery.event_backlog().count() == 0);
    CHECK(line.delivery.write_event(event));
}

TEST_CASE("who asks for nothing is not waited for, and who resumes has all the time again", "[gate][delivery]") {
    Line line({.unread_timeout = 2s});
    REQUIRE(line.next_tick());
    line.write(100);
    line.take();
    line.now += 2s;
    CHECK(line.delivery.reads_nothing(line.now));
    line.delivery.suspend(line.now);
    CHECK(line.delivery.suspended());
    CHECK_FALSE(line.next_tick());
    line.now += 60s;
    CHECK_FALSE(line.delivery.reads_nothing(line.now));
    line.delivery.resume(line.now);
    CHECK_FALSE(line.delivery.reads_nothing(line.now + 1900ms));
    CHECK(line.delivery.reads_nothing(line.now + 2s));
    CHECK(line.next_tick());
    CHECK(line.delivery.rung() == Rung::Full);
}
