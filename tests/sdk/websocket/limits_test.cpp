// Promises of the server about peers that are slow, greedy, silent or gone: bounded memory, no busy loop, and no lost event.
#include <sys/socket.h>

#include "sdk/net/stream.h"
#include "tests/sdk/websocket/hall.h"

using namespace tidewire;
using namespace tidewire::websocket;
using namespace tidewire::websocket::test;

namespace {

ServerOptions with_limits(const Limits& limits) {
    ServerOptions options = local();
    options.limits = limits;
    return options;
}

}  // namespace

TEST_CASE("a message or its fragments beyond the limits end the connection with 1009 and 1008", "[websocket][limits]") {
    Hall hall(with_limits({.message_bytes_max = 1000, .fragments_max = 3}));
    Raw& large = hall.enter_open();
    large.say(frame(0x82, std::string(1000, 'x')) + frame(0x82, std::string(1001, 'x')));
    Raw& many = hall.enter_open();
    many.say(frame(0x02, "a") + frame(0x00, "b") + frame(0x80, "c") + frame(0x02, "a") + frame(0x00, "b") +
             frame(0x00, "c") + frame(0x80, "d"));
    REQUIRE(hall.until([&] { return large.ended && many.ended; }));
    CHECK(count(hall.seen, EventKind::Message) == 2);
    CHECK(large.has_heard("\x03\xf1"));
    CHECK(many.has_heard("\x03\xf0"));
    REQUIRE(count(hall.seen, EventKind::Closed) == 2);
    for (const Seen& seen : hall.seen)
        if (seen.kind == EventKind::Closed) CHECK((seen.close_code == 1009 || seen.close_code == 1008));
}

TEST_CASE("send() to a slow reader is refused at the limit, and Writable tells when there is room",
          "[websocket][limits]") {
    Hall hall(with_limits({.transmit_bytes_max = 1'000'000}));
    Raw& raw = hall.enter_open();
    raw.listens = false;
    const ConnectionId id = hall.seen.at(0).connection;
    const std::string message(50'000, 'x');
    std::size_t sent = 0;
    for (;;) {
        const auto queued = hall.server.send(id, message);
        if (!queued) {
            CHECK(queued.error().blame == Blame::Peer);
            CHECK(queued.error().close_code == 1013);
            // What the kernel took meanwhile makes room once more; when it takes no more, it stays refused.
            for (int i = 0; i < 5; ++i) hall.turn();
            if (hall.server.transmit_bytes(id) > 950'000 - 20) break;
            continue;
        }
        ++sent;
        CHECK(hall.server.transmit_bytes(id) <= 1'000'000);
        REQUIRE(sent < 10'000);
    }
    const std::size_t early = count(hall.seen, EventKind::Writable);
    CHECK_FALSE(hall.server.send(id, message));
    CHECK_FALSE(hall.server.send(id, std::string(1'000'001, 'x')));
    raw.listens = true;
    REQUIRE(hall.until([&] { return count(hall.seen, EventKind::Writable) == early + 1; }));
    CHECK(hall.server.transmit_bytes(id) <= 500'000);
    REQUIRE(hall.server.send(id, message));
    ++sent;
    REQUIRE(hall.until([&] { return raw.heard.size() == sent * (message.size() + 4); }));
    for (int i = 0; i < 5; ++i) hall.turn();
    CHECK(count(hall.seen, EventKind::Writable) == early + 1);
}

TEST_CASE("who does not read is not read from, and misses nothing", "[websocket][limits]") {
    Hall hall(with_limits({.transmit_bytes_max = 1024 * 1024}));
    std::size_t refused = 0;
    hall.on_event = [&](const Event& event) {
        if (event.kind != EventKind::Message) return;
        if (!hall.server.send(event.connection, event.message_kind, event.bytes)) ++refused;
    };
    Raw& raw = hall.enter_open();
    raw.listens = false;
    const ConnectionId id = hall.seen.at(0).connection;
    // More than the kernel's buffers of both directions, which grow to some 20 MB, and ours together.
    constexpr int messages = 48'000;
    std::string all;
    for (int i = 0; i < messages; ++i) all += frame(0x82, std::string(1000, static_cast<char>('a' + i % 26)));
    std::size_t said = 0;
    // Until the server takes no more.
    for (int still = 0; still < 50;) {
        const std::size_t more = raw.say(std::string_view(all).substr(said, 100'000));
        said += more;
        still = more == 0 ? still + 1 : 0;
        hall.turn();
        CHECK(hall.server.transmit_bytes(id) <= 1024 * 1024);
    }
    CHECK(said < all.size());
    CHECK(hall.server.transmit_bytes(id) > 512 * 1024);
    raw.listens = true;
    REQUIRE(hall.until([&] {
        said += raw.say(std::string_view(all).substr(said, 100'000));
        return raw.heard.size() == std::size_t{messages} * 1004;
    }));
    CHECK(refused == 0);
    CHECK(raw.heard[4] == 'a');
    CHECK(raw.heard.back() == static_cast<char>('a' + (messages - 1) % 26));
}

TEST_CASE("16 MiB go both ways at once", "[websocket][limits]") {
    const Limits limits{.message_bytes_max = 16 << 20, .transmit_bytes_max = 40 << 20};
    Hall hall(with_limits(limits));
    const std::string ours(16 << 20, 'o');
    const std::string theirs(16 << 20, 't');
    hall.on_event = [&](const Event& event) {
        if (event.kind == EventKind::Opened)
            REQUIRE(hall.server.send(event.connection, MessageKind::Binary, as_bytes(ours)));
        if (event.kind == EventKind::Message)
            REQUIRE(hall.server.send(event.connection, event.message_kind, event.bytes));
    };
    Guest& guest = hall.enter({.limits = limits});
    REQUIRE(hall.until([&] { return guest.open(); }));
    REQUIRE(guest.client.send(MessageKind::Binary, as_bytes(theirs)));
    REQUIRE(hall.until([&] { return count(guest.seen, EventKind::Message) == 2; }));
    CHECK((guest.seen.at(1).text == ours));
    CHECK((guest.seen.at(2).text == theirs));
}

TEST_CASE("a client's send() is refused at its limit too, and Writable follows", "[websocket][limits]") {
    Hall hall;
    Guest& guest = hall.enter({.limits = {.transmit_bytes_max = 50'000}});
    REQUIRE(hall.until([&] { return guest.open(); }));
    const std::string message(20'000, 'x');
    REQUIRE(guest.client.send(message));
    REQUIRE(guest.client.send(message));
    const auto refused = guest.client.send(message);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().blame == Blame::Peer);
    REQUIRE(hall.until([&] { return count(guest.seen, EventKind::Writable) == 1; }));
    CHECK(guest.client.send(message));
    REQUIRE(hall.until([&] { return count(guest.seen, EventKind::Message) == 3; }));
    CHECK(count(guest.seen, EventKind::Writable) == 1);
}

TEST_CASE("a peer that is not open in time is let go: silent, slow with its request, slow with its PROXY header",
          "[websocket][limits]") {
    ServerOptions options = with_limits({.opening_timeout = 100ms, .closing_timeout = 100ms});
    const bool proxy = GENERATE(false, true);
    CAPTURE(proxy);
    options.trusted_proxies = {"127.0.0.1"};
    options.proxy_protocol = proxy;
    Hall hall(options);
    Raw& silent = hall.enter_raw();
    Raw& slow = hall.enter_raw();
    const std::string head = proxy ? "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" : request();
    std::size_t said = 0;
    REQUIRE(hall.until([&] {
        // Progress does not extend it; the last byte is never said.
        if (said + 1 < head.size()) said += slow.say(head.substr(said, 1));
        return silent.ended && slow.ended;
    }));
    CHECK(hall.seen.empty());
    REQUIRE(hall.until([&] { return hall.server.connection_count() == 0; }));
    CHECK(silent.has_heard("408") == !proxy);
}

TEST_CASE("a peer that vanishes is told once, whatever was queued for it", "[websocket][limits]") {
    Hall hall;
    const bool queued = GENERATE(false, true);
    const bool reset = GENERATE(false, true);
    CAPTURE(queued, reset);
    Raw& raw = hall.enter_open();
    const ConnectionId id = hall.seen.at(0).connection;
    raw.listens = false;
    while (queued && hall.server.transmit_bytes(id) < 2'000'000)
        REQUIRE(hall.server.send(id, std::string(100'000, 'x')));
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (reset) REQUIRE(setsockopt(raw.socket.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    raw.socket = {};
    raw.ended = true;
    REQUIRE(hall.until([&] { return hall.server.connection_count() == 0; }));
    CHECK(count(hall.seen, EventKind::Closed) == 1);
    CHECK(hall.seen.back().kind == EventKind::Closed);
    CHECK(hall.seen.back().close_code == 1006);
}

TEST_CASE("the goodbye of a peer that then went is read, though nothing can be written to it", "[websocket][limits]") {
    Hall hall;
    Raw& raw = hall.enter_open();
    const ConnectionId id = hall.seen.at(0).connection;
    raw.listens = false;
    // Unread bytes make its end a reset, on which the server's next write fails.
    REQUIRE(hall.server.send(id, "unread"));
    while (hall.server.poll_event()) continue;
    REQUIRE(net::wait_readable(raw.socket));
    raw.say(frame(0x81, "last words") + frame(0x88, "\x0b\xb8that is all"));
    raw.socket = {};
    raw.ended = true;
    // Large enough to be written at once.
    (void)hall.server.send(id, std::string(100'000, 'x'));
    (void)hall.server.send(id, std::string(100'000, 'x'));
    REQUIRE(hall.until([&] { return hall.server.connection_count() == 0; }));
    REQUIRE(count(hall.seen, EventKind::Message) == 1);
    CHECK(last(hall.seen, EventKind::Message)->text == "last words");
    REQUIRE(count(hall.seen, EventKind::Closed) == 1);
    CHECK(hall.seen.back().close_code == 3000);
    CHECK(hall.seen.back().reason == "that is all");
}

TEST_CASE("nobody spins: not over a half-closed peer with bytes queued, nor over one that is not read from",
          "[websocket][limits]") {
    Hall hall(with_limits({.transmit_bytes_max = 8 << 20}));
    Raw& raw = hall.enter_open();
    const ConnectionId id = hall.seen.at(0).connection;
    raw.listens = false;
    REQUIRE(hall.until([&] {
        for (int i = 0; i < 20; ++i) (void)hall.server.send(id, std::string(100'000, 'x'));
        return hall.server.transmit_bytes(id) > (5 << 20);
    }));
    const bool half_closed = GENERATE(false, true);
    CAPTURE(half_closed);
    raw.say(frame(0x82, std::string(1000, 'x')));
    if (half_closed) raw.socket.shut_down_sending();
    for (int i = 0; i < 5; ++i) hall.turn();
    const TimePoint begin = net::now();
    int turns = 0;
    while (net::now() - begin < 200ms) {
        hall.server.wait(100ms);
        while (hall.server.poll_event()) continue;
        REQUIRE(++turns < 20);
    }
}

TEST_CASE("Writable does not follow Closed", "[websocket][limits]") {
    Hall hall(with_limits({.transmit_bytes_max = 3 << 20, .message_timeout = 100ms}));
    Raw& raw = hall.enter_open();
    const ConnectionId id = hall.seen.at(0).connection;
    raw.listens = false;
    // The first fragment of a message that never ends: the time limit closes a connection whose queue is full.
    raw.say(frame(0x02, "never whole"));
    REQUIRE(hall.until([&] {
        while (hall.server.send(id, std::string(100'000, 'x'))) continue;
        return count(hall.seen, EventKind::Closed) == 1;
    }));
    CHECK(hall.seen.back().close_code == 1008);
    const std::size_t before = hall.seen.size();
    raw.listens = true;
    REQUIRE(hall.until([&] { return raw.ended; }));
    raw.socket = {};
    REQUIRE(hall.until([&] { return hall.server.connection_count() == 0; }));
    CHECK(hall.seen.size() == before);
}

TEST_CASE("a peer that sends without end does not keep others from their echo", "[websocket][limits]") {
    Hall hall(with_limits({.transmit_bytes_max = 64 << 20}));
    std::size_t flooded = 0;
    hall.on_event = [&](const Event& event) {
        if (event.kind != EventKind::Message) return;
        if (event.bytes.size() == 1000) {
            ++flooded;
            return;
        }
        REQUIRE(hall.server.send(event.connection, event.message_kind, event.bytes));
    };
    Raw& flood = hall.enter_open();
    Raw& quiet = hall.enter_open();
    std::string burst;
    for (int i = 0; i < 300; ++i) burst += frame(0x82, std::string(1000, 'x'));
    quiet.say(frame(0x81, "me too"));
    std::size_t at = 0;
    std::size_t polled = 0;
    // Before each event that the server hands out, there is more from the one.
    while (!quiet.has_heard("me too")) {
        at = (at + flood.say(std::string_view(burst).substr(at))) % burst.size();
        hall.server.wait(0ms);
        if (const auto event = hall.server.poll_event()) hall.on_event(*event);
        quiet.poll();
        REQUIRE(++polled < 10'000);
    }
}

TEST_CASE("silence is broken by a ping and ends in 1006 when nothing answers", "[websocket][limits]") {
    Hall hall(with_limits({.ping_after_silence = 30ms, .dead_after_silence = 150ms}));
    Guest& guest = hall.enter();
    Raw& silent = hall.enter_open();
    silent.listens = true;
    REQUIRE(hall.until([&] { return silent.ended; }));
    CHECK(silent.has_heard(std::string_view("\x89\0", 2)));
    CHECK(count(hall.seen, EventKind::Closed) == 1);
    CHECK(last(hall.seen, EventKind::Closed)->close_code == 1006);
    CHECK(guest.client.open());
}
