// The closing handshake (RFC 6455 7), half-close, and what remains when a stream just ends.
#include "tests/sdk/ws/conversation.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;
using Words = std::vector<std::string>;

TEST_CASE("RFC 6455 5.5.1: a close frame is echoed with its code, and its reason reaches the application",
          "[ws][closing]") {
    for (const Role role : both_roles) {
        CHECK((converse(role, frame(role, {Opcode::Close}, "")) ==
               Conversation{{"closed 1005 clean by peer"}, {"close"}}));
        CHECK((converse(role, close_frame(role, 1000)) == Conversation{{"closed 1000 clean by peer"}, {"close 1000"}}));
        const std::string longest(123, '*');
        CHECK((converse(role, close_frame(role, 1000, longest)) ==
               Conversation{{"closed 1000 clean by peer: " + longest}, {"close 1000"}}));
        CHECK((converse(role, close_frame(role, 4000, "\xc3\xa4")) ==
               Conversation{{"closed 4000 clean by peer: \xc3\xa4"}, {"close 4000"}}));
    }
}

TEST_CASE("RFC 6455 5.5.1: a close frame with one byte, or with 124 bytes of reason, is an error", "[ws][closing]") {
    for (const Role role : both_roles) {
        CHECK(converse(role, frame(role, {Opcode::Close}, "x")) == failing(1002, "a close frame has one byte"));
        CHECK(converse(role, from_hex(role == Role::Server ? "88 fe 00 7e 00 00 00 00" : "88 7e 00 7e")) ==
              failing(1002, "a control frame has more than 125 bytes"));
    }
}

TEST_CASE("RFC 6455 7.4: codes that may be sent are echoed, the others refused", "[ws][closing]") {
    for (const Role role : both_roles) {
        for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U, 1014U,
                                    3000U, 3999U, 4000U, 4999U})
            CHECK((converse(role, close_frame(role, code)) ==
                   Conversation{{"closed " + std::to_string(code) + " clean by peer"},
                                {"close " + std::to_string(code)}}));
        for (const unsigned code :
             {0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U})
            CHECK(converse(role, close_frame(role, code)) ==
                  failing(1002, "a close frame has a code that must not be sent"));
    }
}

TEST_CASE("RFC 6455 5.5.1: a reason that is not UTF-8 is refused with 1007", "[ws][closing]") {
    for (const Role role : both_roles)
        for (const char* reason : {"\xff", "ok\xed\xa0\x80", "\xc3"})
            CHECK(converse(role, close_frame(role, 1000, reason)) ==
                  failing(1007, "the reason of a close frame is not UTF-8"));
}

TEST_CASE("RFC 6455 5.5.1: what follows a close frame is ignored, what precedes it is not", "[ws][closing]") {
    for (const Role role : both_roles) {
        CHECK((converse(role, frame(role, {}, "before") + close_frame(role, 1000) + frame(role, {}, "after") +
                                  frame(role, {Opcode::Ping}, "") + from_hex("ff ff") + close_frame(role, 1002)) ==
               Conversation{{"text before", "closed 1000 clean by peer"}, {"close 1000"}}));
        CHECK((converse(role, frame(role, {Opcode::Text, false}, "unfinished") + close_frame(role, 1001)) ==
               Conversation{{"closed 1001 clean by peer"}, {"close 1001"}}));
    }
}

TEST_CASE("close() sends one close frame and waits for the peer's; data between them is passed over", "[ws][closing]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        // A message is half read when the application closes.
        endpoint.receive(frame(role, {Opcode::Text, false}, "half"));
        endpoint.connection.close(CloseCode::GoingAway, "restart", endpoint.now);
        endpoint.connection.close(CloseCode::Normal, "again", endpoint.now);
        endpoint.drain();
        CHECK(sent_frames(role, endpoint.take_sent()) == Words{"close 1001 restart"});
        CHECK_FALSE(endpoint.connection.open());
        CHECK_FALSE(endpoint.connection.send(MessageKind::Text, as_bytes("x")));
        endpoint.connection.ping({});
        endpoint.receive(frame(role, {Opcode::Continuation}, "rest") + frame(role, {}, std::string(5000, 'x')) +
                         frame(role, {Opcode::Ping}, "p"));
        CHECK(endpoint.take_sent().empty());
        CHECK(endpoint.events.empty());
        endpoint.receive(close_frame(role, 1001));
        CHECK(endpoint.take_events() == Words{"closed 1001 clean by us: restart"});
        CHECK(endpoint.take_sent().empty());
        CHECK(endpoint.connection.wants_shutdown() == (role == Role::Server));
        CHECK_FALSE(endpoint.connection.finished());
        endpoint.receive_eof();
        CHECK(endpoint.connection.finished());
        CHECK(endpoint.connection.poll_timeout() == never);
    }
}

TEST_CASE("RFC 6455 5.5.1: a close frame without a code may be sent", "[ws][closing]") {
    Endpoint server = open_server();
    server.connection.close(CloseCode::NoStatus, "", server.now);
    server.drain();
    CHECK(to_hex(server.sent) == "88 00");
}

TEST_CASE("RFC 6455 5.5: a reason over 123 bytes is cut at a code point", "[ws][closing]") {
    Endpoint server = open_server();
    server.connection.close(CloseCode::Normal, std::string(122, 'x') + "\xc3\xa4", server.now);
    server.drain();
    CHECK(sent_frames(Role::Server, server.sent) == Words{"close 1000 " + std::string(122, 'x')});
}

TEST_CASE("close frames that cross are a clean close of our own", "[ws][closing]") {
    Endpoint client = Endpoint::client();
    Endpoint server = Endpoint::server();
    exchange(client, server);
    client.take_events();
    server.take_events();
    client.connection.close(CloseCode::Normal, "client", client.now);
    server.connection.close(CloseCode::GoingAway, "server", server.now);
    exchange(client, server);
    CHECK(client.take_events() == Words{"closed 1000 clean by us: client"});
    CHECK(server.take_events() == Words{"closed 1001 clean by us: server"});
}

TEST_CASE("a peer that half-closes behind its close frame still gets the answer", "[ws][closing]") {
    Endpoint server = open_server();
    Bytes bytes = frame(Role::Server, {}, "last") + close_frame(Role::Server, 1000);
    server.connection.receive(bytes, server.now);
    server.connection.receive_eof(server.now);
    server.drain();
    CHECK(server.take_events() == Words{"text last", "closed 1000 clean by peer"});
    CHECK(sent_frames(Role::Server, server.sent) == Words{"close 1000"});
    CHECK(server.connection.finished());
}

TEST_CASE("RFC 6455 7.1.5: a stream that ends without a close frame is 1006, after its messages", "[ws][closing]") {
    for (const Role role : both_roles) {
        Endpoint endpoint = open_endpoint(role);
        Bytes bytes = frame(role, {}, "whole") + frame(role, {Opcode::Text, false}, "half");
        endpoint.connection.receive(bytes, endpoint.now);
        endpoint.connection.receive_eof(endpoint.now);
        endpoint.drain();
        CHECK(endpoint.take_events() ==
              Words{"text whole", "closed 1006 by peer: the stream ended without a close frame"});
        CHECK(endpoint.connection.finished());
    }
}

TEST_CASE("a stream that ends while we wait for the close frame is not clean", "[ws][closing]") {
    Endpoint server = open_server();
    server.connection.close(CloseCode::GoingAway, "bye", server.now);
    server.drain();
    server.receive_eof();
    CHECK(server.take_events() == Words{"closed 1001 by us: bye"});
    CHECK(server.connection.finished());
}

TEST_CASE("a stream that ends during the handshake says so", "[ws][closing]") {
    Endpoint client = Endpoint::client();
    client.receive("HTTP/1.1 101 Swi");
    client.receive_eof();
    CHECK(client.take_events() ==
          Words{"closed 1006 by peer: the server closed the stream during the handshake; is it a WebSocket server?"});
    CHECK(client.connection.finished());
    Endpoint server = Endpoint::server();
    server.receive("GET /");
    server.receive_eof();
    CHECK(server.take_events() == Words{"closed 1006 by peer: the stream ended before a request"});
    CHECK(server.connection.finished());
}

TEST_CASE("a failed connection sends its close frame, ignores the rest and waits for the end of the stream",
          "[ws][closing]") {
    Endpoint server = open_server();
    server.writable = false;
    server.receive(from_hex("ff ff"));
    CHECK(server.take_events() ==
          Words{"closed 1002 by us: a frame has reserved bits set, and no extension was agreed"});
    CHECK_FALSE(server.connection.wants_shutdown());
    server.writable = true;
    server.drain();
    CHECK(sent_frames(Role::Server, server.take_sent()).size() == 1);
    CHECK(server.connection.wants_shutdown());
    server.receive(frame(Role::Server, {}, "ignored"));
    CHECK_FALSE(server.connection.finished());
    server.receive_eof();
    CHECK(server.connection.finished());
    CHECK(server.events.empty());
}

TEST_CASE("abort() ends at once and drops what was queued", "[ws][closing]") {
    Endpoint client = open_client();
    client.writable = false;
    REQUIRE(client.connection.send(MessageKind::Text, as_bytes("x")));
    client.connection.abort("connection reset", client.now);
    client.connection.abort("again", client.now);
    client.drain();
    CHECK(client.take_events() == Words{"closed 1006 by peer: connection reset"});
    CHECK(client.connection.poll_transmit().empty());
    CHECK(client.connection.finished());
    CHECK(client.connection.poll_timeout() == never);
}
