// Promises of the WebSocket server: whom it lets in, what it says and hears, and how it stops.
#include <filesystem>
#include <set>

#include "tests/sdk/websocket/hall.h"

using namespace tidewire;
using namespace tidewire::websocket;
using namespace tidewire::websocket::test;

namespace {

std::size_t open_descriptors() {
    std::size_t found = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++found;
    return found;
}

std::string refusal(ServerOptions options) {
    const auto server = Server::listen(local(std::move(options)));
    REQUIRE_FALSE(server);
    return server.error().message;
}

}  // namespace

TEST_CASE("text and binary come back as they went", "[websocket]") {
    Hall hall;
    Guest& guest = hall.enter({}, "ws", "/some/path?and=query");
    REQUIRE(hall.until([&] { return guest.open(); }));
    CHECK(hall.seen.at(0).path == "/some/path?and=query");
    CHECK(hall.seen.at(0).peer_address == "127.0.0.1");
    CHECK(hall.seen.at(0).subprotocol.empty());
    const std::vector<std::string> messages = {"",
                                               "hello",
                                               std::string(125, 'a'),
                                               std::string(126, 'b'),
                                               std::string(65535, 'c'),
                                               std::string(65536, 'd'),
                                               std::string(1000000, 'e')};
    for (const MessageKind kind : {MessageKind::Text, MessageKind::Binary})
        for (const std::string& message : messages) REQUIRE(guest.client.send(kind, as_bytes(message)));
    REQUIRE(hall.until([&] { return count(guest.seen, EventKind::Message) == 2 * messages.size(); }));
    std::size_t at = 0;
    for (const Seen& seen : guest.seen) {
        if (seen.kind != EventKind::Message) continue;
        CHECK(seen.message_kind == (at < messages.size() ? MessageKind::Text : MessageKind::Binary));
        CHECK((seen.text == messages[at++ % messages.size()]));
    }
    CHECK(guest.client.transmit_bytes() == 0);
    CHECK(hall.server.transmit_bytes(hall.seen.at(0).connection) == 0);

    guest.client.close(3210, "good night");
    REQUIRE(hall.until([&] { return guest.closed() && hall.server.connection_count() == 0; }));
    CHECK(guest.closed()->close_code == 3210);
    const Seen* closed = last(hall.seen, EventKind::Closed);
    REQUIRE(closed);
    CHECK(closed->close_code == 3210);
    CHECK(closed->reason == "good night");
    CHECK_FALSE(guest.client.wait(0ms));
}

TEST_CASE("a message may be sent on while it is handled, to everybody", "[websocket]") {
    Hall hall;
    std::set<ConnectionId> present;
    hall.on_event = [&](const Event& event) {
        if (event.kind == EventKind::Opened) present.insert(event.connection);
        if (event.kind != EventKind::Message) return;
        for (const ConnectionId one : present) REQUIRE(hall.server.send(one, event.message_kind, event.bytes));
    };
    for (int i = 0; i < 4; ++i) hall.enter();
    REQUIRE(hall.until([&] { return present.size() == 4; }));
    std::string message(900'000, ' ');  // in several pieces, so it lies in memory that the next event takes away
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<char>('a' + i % 23);
    REQUIRE(hall.guests[0].client.send(message));
    REQUIRE(hall.guests[1].client.send("short"));
    REQUIRE(hall.until([&] {
        return std::all_of(hall.guests.begin(), hall.guests.end(),
                           [](const Guest& guest) { return count(guest.seen, EventKind::Message) == 2; });
    }));
    for (const Guest& guest : hall.guests) {
        std::multiset<std::string> texts;
        for (const Seen& seen : guest.seen)
            if (seen.kind == EventKind::Message) texts.insert(seen.text);
        CHECK((texts == std::multiset<std::string>{message, "short"}));
    }
}

TEST_CASE("of the subprotocols ours are preferred in our order", "[websocket]") {
    Hall hall(local({.subprotocols = {"chat.v2", "chat.v1"}}));
    Guest& both = hall.enter({.subprotocols = {"other", "chat.v1", "chat.v2"}});
    Guest& old = hall.enter({.subprotocols = {"chat.v1"}});
    Guest& none = hall.enter();
    Guest& strange = hall.enter({.subprotocols = {"strange"}});
    REQUIRE(hall.until([&] { return both.open() && old.open() && none.open() && strange.closed(); }));
    CHECK(both.seen.at(0).subprotocol == "chat.v2");
    CHECK(old.seen.at(0).subprotocol == "chat.v1");
    CHECK(none.seen.at(0).subprotocol.empty());
    CHECK(count(strange.seen, EventKind::Opened) == 0);
}

TEST_CASE("RFC 6455 10.2: a page of a foreign origin is refused unless it is allowed", "[websocket]") {
    Hall hall(local({.origins_allowed = {"https://game.example"}}));
    Raw& foreign = hall.enter_raw();
    foreign.say(request("Origin: https://evil.example\r\n"));
    Raw& allowed = hall.enter_raw();
    allowed.say(request("Origin: https://game.example\r\n"));
    REQUIRE(hall.until([&] { return foreign.ended && allowed.has_heard("\r\n\r\n"); }));
    CHECK(foreign.has_heard("HTTP/1.1 403 Forbidden\r\n"));
    CHECK(allowed.has_heard("HTTP/1.1 101 "));
    CHECK(count(hall.seen, EventKind::Opened) == 1);
    CHECK(count(hall.seen, EventKind::Closed) == 0);
}

TEST_CASE("RFC 9110 15.5.22: a plain request is told to upgrade, and to what", "[websocket]") {
    Hall hall;
    Raw& raw = hall.enter_raw();
    raw.say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(hall.until([&] { return raw.ended; }));
    CHECK(raw.has_heard("HTTP/1.1 426 Upgrade Required\r\n"));
    CHECK(raw.has_heard("Upgrade: websocket\r\n"));
    raw.socket = {};
    CHECK(hall.until([&] { return hall.server.connection_count() == 0; }));
    CHECK(hall.seen.empty());
}

TEST_CASE("a server closes its half behind its last frame and waits for the client to go", "[websocket]") {
    Hall hall;
    Raw& raw = hall.enter_open();
    hall.server.close(hall.seen.at(0).connection, 1000, "enough");
    REQUIRE(hall.until([&] { return raw.has_heard("enough"); }));
    CHECK(hall.server.connection_count() == 1);
    CHECK(count(hall.seen, EventKind::Closed) == 0);
    CHECK_FALSE(hall.server.send(hall.seen.at(0).connection, "too late"));
    raw.say(frame(0x88, "\x03\xe8"));
    REQUIRE(hall.until([&] { return raw.ended && count(hall.seen, EventKind::Closed) == 1; }));
    CHECK(last(hall.seen, EventKind::Closed)->close_code == 1000);
    raw.socket = {};
    CHECK(hall.until([&] { return hall.server.connection_count() == 0; }));
}

TEST_CASE("ids are never used twice, and no descriptor stays behind", "[websocket]") {
    Hall hall;
    const std::size_t before = open_descriptors();
    std::set<ConnectionId> ids;
    for (int round = 0; round < 20; ++round) {
        Guest guest(hall.url());
        Raw raw(hall.server.port());  // never says a word
        REQUIRE(hall.until([&] {
            guest.poll();
            return guest.open();
        }));
        const ConnectionId id = last(hall.seen, EventKind::Opened)->connection;
        CHECK(ids.insert(id).second);
        if (round % 2 == 0) guest.client.close();
        for (int turns = 0; turns < round % 5; ++turns) guest.poll();
        guest.client = Client("ws://");
        raw.socket = {};
        REQUIRE(hall.until([&] { return hall.server.connection_count() == 0; }));
        CHECK_FALSE(hall.server.send(id, "to nobody"));
        hall.server.close(id);
        CHECK(hall.server.transmit_bytes(id) == 0);
    }
    CHECK(count(hall.seen, EventKind::Closed) == 20);
    CHECK(open_descriptors() == before);
    CHECK_FALSE(hall.server.send(ConnectionId{}, "to nobody"));
    CHECK_FALSE(hall.server.send(ConnectionId{~std::uint64_t{0}}, "to nobody"));
}

TEST_CASE("beyond connections_max clients wait in the backlog until there is room", "[websocket]") {
    Hall hall(local({.connections_max = 2}));
    for (int i = 0; i < 4; ++i) hall.enter();
    REQUIRE(hall.until([&] { return count(hall.seen, EventKind::Opened) == 2; }));
    for (int i = 0; i < 20; ++i) hall.turn();
    CHECK(hall.server.connection_count() == 2);
    for (std::size_t opened = 3; opened <= 4; ++opened) {
        hall.server.close(hall.seen.at(opened - 3).connection);
        REQUIRE(hall.until([&] { return count(hall.seen, EventKind::Opened) == opened; }));
        CHECK(hall.server.connection_count() <= 2);
    }
}

TEST_CASE("whoever takes one event at a time gets the next without sleeping", "[websocket]") {
    Hall hall;
    Guest& guest = hall.enter();
    REQUIRE(hall.until([&] { return guest.open(); }));
    for (int i = 0; i < 50; ++i) REQUIRE(guest.client.send("message"));
    guest.poll();
    const TimePoint begin = net::now();
    for (std::size_t got = 0; got < 50;) {
        REQUIRE(hall.server.wait(20s));
        if (const auto event = hall.server.poll_event(); event && event->kind == EventKind::Message) {
            ++got;
            REQUIRE(hall.server.send(event->connection, "answer"));
        }
    }
    while (hall.server.poll_event()) continue;
    for (std::size_t got = 0; got < 50;) {
        REQUIRE(guest.client.wait(20s));
        if (guest.client.poll_event()) ++got;
    }
    CHECK(net::now() - begin < 20s);
}

TEST_CASE("stop() says 1001 to all, and wait() ends when they are gone", "[websocket]") {
    Hall hall;
    Guest& one = hall.enter();
    Guest& two = hall.enter();
    REQUIRE(hall.until([&] { return one.open() && two.open(); }));
    Raw& silent = hall.enter_raw();
    Raw& half = hall.enter_raw();
    half.say("GET / HT");
    REQUIRE(hall.until([&] { return hall.server.connection_count() == 4; }));
    hall.server.stop();
    REQUIRE(hall.until([&] { return !hall.running && one.closed() && two.closed() && silent.ended && half.ended; }));
    for (const Guest* guest : {&one, &two}) {
        CHECK(guest->closed()->close_code == 1001);
        CHECK(guest->closed()->reason == "the server stops");
    }
    CHECK(count(hall.seen, EventKind::Closed) == 2);
    CHECK(hall.server.connection_count() == 0);
    CHECK(hall.server.port() != 0);
    CHECK_FALSE(hall.server.wait(1h));
    // Nobody waits in a backlog that nobody will look at.
    Guest late(hall.url());
    for (const TimePoint end = net::now() + net::patience; !late.closed() && net::now() < end;) late.poll();
    REQUIRE(late.closed());
    CHECK(late.closed()->reason.find("Connection refused") != std::string::npos);
}

TEST_CASE("stop() without anybody ends at once, however long wait() may sleep", "[websocket]") {
    Server server = listen(local());
    server.stop();
    std::size_t turns = 0;
    while (server.wait(std::chrono::milliseconds::max())) {
        while (server.poll_event()) continue;
        REQUIRE(++turns < 3);
    }
}

TEST_CASE("a server may go at any time", "[websocket]") {
    for (int turns = 0; turns < 12; ++turns) {
        Guest guest("ws://localhost:1");
        {
            Hall hall;
            guest.client = Client(hall.url());
            for (int i = 0; i < turns; ++i) {
                hall.turn();
                guest.poll();
                if (guest.client.open()) (void)guest.client.send("hello");
            }
        }
        for (const TimePoint end = net::now() + net::patience; !guest.closed() && net::now() < end;) guest.poll();
        REQUIRE(guest.closed());
        CHECK(guest.closed()->close_code == 1006);
    }
}

TEST_CASE("options that cannot work are refused with the remedy", "[websocket]") {
    CHECK(refusal({.trusted_proxies = {"10.0.0.0/33"}}).find("10.0.0.0/8") != std::string::npos);
    CHECK(refusal({.proxy_protocol = true}).find("trusted") != std::string::npos);
    CHECK(
        refusal({.tls = {.certificate_file = "/nowhere/c.pem", .key_file = "/nowhere/k.pem"}}).find("/nowhere/c.pem") !=
        std::string::npos);
    const Server server = listen(local());
    CHECK(refusal({.port = server.port()}).find("is in use") != std::string::npos);
}
