// Time limits of a connection, in virtual time.
#include "tests/sdk/ws/conversation.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;
using Words = std::vector<std::string>;

TEST_CASE("H02: a request must be whole within the opening time, and progress does not extend it", "[ws][time]") {
    Endpoint server = Endpoint::server();
    const std::string head = to_head(upgrade_lines());
    for (std::size_t i = 0; i < 5; ++i) {
        server.receive(head.substr(i, 1));
        CHECK(server.events.empty());
        server.run_for(1s);
    }
    CHECK(server.take_events() == Words{"closed 1006 by us: 408: the request was not whole within 5 s"});
    CHECK(to_string(server.take_sent()).rfind("HTTP/1.1 408 Request Timeout\r\n", 0) == 0);
    CHECK_FALSE(server.connection.finished());
    server.run_for(5s);
    CHECK(server.connection.finished());
}

TEST_CASE("a server that does not answer the handshake is given up after the opening time", "[ws][time]") {
    Endpoint client = Endpoint::client({}, {.opening = 1500ms});
    client.run_for(1499ms);
    CHECK(client.events.empty());
    client.run_for(1ms);
    CHECK(client.take_events() == Words{"closed 1006 by peer: the server did not answer the handshake within 1.500 s"});
    CHECK(client.connection.finished());
}

TEST_CASE("an application that does not answer a request in time answers 503", "[ws][time]") {
    Endpoint server = Endpoint::server();
    server.answers = false;
    server.receive(to_head(upgrade_lines()));
    server.run_for(5s);
    CHECK(server.take_events() == Words{"request", "closed 1006 by us: 503: the request was not decided within 5 s"});
    server.connection.accept("", {}, server.now);
    CHECK_FALSE(server.connection.open());
}

TEST_CASE("H02: a message must be whole within its time, and progress does not extend it", "[ws][time]") {
    for (const Role role : both_roles) {
        const Bytes whole = frame(role, {}, "0123456789");
        Endpoint endpoint = open_endpoint(role);
        for (std::size_t i = 0; i < 5; ++i) {
            endpoint.receive(ByteSpan(whole).subspan(i, 1));
            CHECK(endpoint.events.empty());
            endpoint.run_for(1s);
        }
        CHECK(endpoint.take_events() == Words{"closed 1008 by peer: a message was not whole within 5 s"});
    }
}

TEST_CASE("H05: fragments and control frames between them do not extend a message's time", "[ws][time]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        endpoint.receive(frame(role, {Opcode::Text, false}, "a"));
        for (int i = 0; i < 5; ++i) {
            CHECK(endpoint.events.empty());
            endpoint.run_for(1s);
            endpoint.receive(frame(role, {Opcode::Continuation, false}, "b") + frame(role, {Opcode::Ping}, ""));
        }
        CHECK(endpoint.take_events() == Words{"closed 1008 by peer: a message was not whole within 5 s"});
    }
}

TEST_CASE("each message has its own time, wherever the reads are cut", "[ws][time]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        const Bytes message = frame(role, {}, "message");
        Bytes stream;
        for (int i = 0; i < 20; ++i) append(stream, message);
        for (std::size_t at = 0; at < stream.size(); at += 5) {  // each read but few ends inside a message
            endpoint.receive(ByteSpan(stream).subspan(at, std::min<std::size_t>(5, stream.size() - at)));
            endpoint.run_for(1s);
        }
        CHECK(endpoint.take_events() == Words(20, "text message"));
        CHECK(endpoint.connection.open());
    }
}

TEST_CASE("the closing handshake has a time limit", "[ws][time]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        endpoint.connection.close(CloseCode::Normal, "", endpoint.now);
        endpoint.run_for(4999ms);
        endpoint.receive(frame(role, {}, "still talking"));
        CHECK(endpoint.events.empty());
        endpoint.run_for(1ms);
        CHECK(endpoint.take_events() == Words{"closed 1000 by us"});
        CHECK(endpoint.connection.finished());
    }
}

TEST_CASE("a peer that never ends its stream is left after the closing time", "[ws][time]") {
    Endpoint server = open_server();
    server.receive(close_frame(Role::Server, 1000));
    CHECK_FALSE(server.connection.finished());
    server.run_for(5s);
    CHECK(server.connection.finished());
    CHECK(server.connection.poll_timeout() == never);
}

TEST_CASE("H20: silence is broken by pings, and any byte is a sign of life", "[ws][time]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        endpoint.run_for(2999ms);
        CHECK(endpoint.sent.empty());
        endpoint.run_for(1ms);
        CHECK(sent_frames(role, endpoint.take_sent()) == Words{"ping "});
        endpoint.run_for(6s);
        CHECK(sent_frames(role, endpoint.take_sent()) == Words{"ping ", "ping "});
        endpoint.receive(ByteSpan(frame(role, {Opcode::Pong}, "")).first(1));
        endpoint.run_for(2999ms);
        CHECK(endpoint.sent.empty());
        CHECK(endpoint.connection.open());
    }
}

TEST_CASE("H20: a peer that says nothing for ten seconds is given up", "[ws][time]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        endpoint.run_for(9999ms);
        CHECK(endpoint.connection.open());
        endpoint.run_for(1ms);
        CHECK(endpoint.take_events() == Words{"closed 1006 by peer: nothing was received for 10 s"});
        CHECK(sent_frames(role, endpoint.take_sent()).back() == "close 1008 nothing was received for 10 s");
        endpoint.run_for(5s);
        CHECK(endpoint.connection.finished());
    }
}

TEST_CASE("H20: a silent peer whose stream is full is left at once", "[ws][time]") {
    Endpoint server = open_server();
    server.writable = false;
    REQUIRE(server.connection.send(MessageKind::Text, as_bytes("stuck")));
    server.run_for(10s);
    CHECK(server.take_events() == Words{"closed 1006 by peer: nothing was received for 10 s"});
    CHECK(server.connection.finished());
    CHECK(server.connection.transmit_bytes() == 0);
}

TEST_CASE("limits of time that are switched off never come", "[ws][time]") {
    const Timeouts off{Duration::max(), Duration::max(), Duration::max(), Duration::max(), Duration::max()};
    Endpoint server = open_server({}, off);
    server.receive(ByteSpan(frame(Role::Server, {}, "Hello")).first(5));
    CHECK(server.connection.poll_timeout() == never);
    Endpoint client = Endpoint::client({}, off);
    CHECK(client.connection.poll_timeout() == never);
}
