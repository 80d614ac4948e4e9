// The catalogue of RFC 6455 for frames, messages and control frames: each row in both roles and at each cut.
#include "tests/sdk/ws/conversation.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;
using Words = std::vector<std::string>;

namespace {

const std::string umlauts = "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!";

}  // namespace

TEST_CASE("RFC 6455 5.6: messages of every length arrive as they were sent, and go back so", "[ws][frames]") {
    const Limits large{.message_bytes_max = 1 << 20, .transmit_bytes_max = 1 << 20};
    for (const Role role : both_roles) {
        for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 2, 7, 8, 9, 124, 125, 126, 127, 128, 255,
                                                                         256, 16384, 65535, 65536, 65537}) {
            const std::string text(size, '*');
            CAPTURE(size);
            const Conversation spoken = converse(role, frame(role, {Opcode::Text}, text), large, true);
            CHECK((spoken == Conversation{{"text " + text}, {"text " + text}}));
            Bytes binary(size);
            for (std::size_t i = 0; i < size; ++i) binary[i] = static_cast<std::byte>(i * 7 & 0xff);
            const Conversation answered = converse(role, frame(role, {Opcode::Binary}, binary), large, true);
            CHECK(answered.frames == Words{"binary " + to_hex(binary)});
        }
    }
}

TEST_CASE("RFC 6455 5.5.2: each ping is answered at once with its own payload, of 0 to 125 bytes", "[ws][frames]") {
    for (const Role role : both_roles) {
        for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 8, 124, 125}) {
            const std::string payload(size, '\xfe');
            CHECK((converse(role, frame(role, {Opcode::Ping}, payload)) == Conversation{{}, {"pong " + payload}}));
        }
        Bytes ten;
        Words pongs;
        for (int i = 0; i < 10; ++i) {
            append(ten, frame(role, {Opcode::Ping}, "payload " + std::to_string(i)));
            pongs.push_back("pong payload " + std::to_string(i));
        }
        CHECK((converse(role, ten) == Conversation{{}, pongs}));
        CHECK((converse(role, from_hex(role == Role::Server ? "89 fe 00 7e 00 00 00 00" : "89 7e 00 7e")) ==
               failing(1002, "a control frame has more than 125 bytes")));
    }
}

TEST_CASE("RFC 6455 5.5.3: an unsolicited pong is an event and is not answered", "[ws][frames]") {
    for (const Role role : both_roles) {
        CHECK((converse(role, frame(role, {Opcode::Pong}, "")) == Conversation{{"pong "}, {}}));
        CHECK((converse(role, frame(role, {Opcode::Pong}, "x") + frame(role, {Opcode::Ping}, "y")) ==
               Conversation{{"pong x"}, {"pong y"}}));
    }
}

TEST_CASE("RFC 6455 5.2: reserved bits end the connection, after the message before them was delivered",
          "[ws][frames]") {
    for (const Role role : both_roles) {
        for (unsigned reserved = 1; reserved < 8; ++reserved) {
            for (const Opcode opcode : {Opcode::Text, Opcode::Binary, Opcode::Ping, Opcode::Close}) {
                const Bytes bad = frame(role, {.opcode = opcode, .reserved = reserved}, "xx");
                const std::string reason = "a frame has reserved bits set, and no extension was agreed";
                CHECK(converse(role, bad) == failing(1002, reason));
                CHECK(converse(role, frame(role, {}, "Hello") + bad + frame(role, {Opcode::Ping}, ""), {}, true) ==
                      failing(1002, reason, {"text Hello"}, {"text Hello"}));
            }
        }
    }
}

TEST_CASE("RFC 6455 5.2: reserved opcodes end the connection, after the message before them was delivered",
          "[ws][frames]") {
    for (const Role role : both_roles) {
        for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
            for (const char* payload : {"", "Hello"}) {
                const Bytes bad = frame(role, {.opcode = static_cast<Opcode>(opcode)}, payload);
                const std::string reason = "a frame has a reserved opcode";
                CHECK(converse(role, bad) == failing(1002, reason));
                CHECK(converse(role, frame(role, {}, "Hello") + bad, {}, true) ==
                      failing(1002, reason, {"text Hello"}, {"text Hello"}));
            }
        }
    }
}

TEST_CASE("RFC 6455 5.1: unmasked frames of a client and masked frames of a server end the connection",
          "[ws][frames]") {
    for (const Opcode opcode : {Opcode::Text, Opcode::Binary, Opcode::Ping, Opcode::Pong, Opcode::Close}) {
        CHECK(converse(Role::Server, frame(Role::Client, {opcode}, "")) ==
              failing(1002, "a client's frame is not masked"));
        CHECK(converse(Role::Client, frame(Role::Server, {opcode}, "")) == failing(1002, "a server's frame is masked"));
    }
}

TEST_CASE("RFC 6455 5.4: fragments of any size make one message, with control frames between them", "[ws][frames]") {
    for (const Role role : both_roles) {
        const auto fragment = [&](Opcode opcode, bool fin, std::string_view payload) {
            return frame(role, {opcode, fin}, payload);
        };
        const Bytes ping = frame(role, {Opcode::Ping}, "p");
        for (const Opcode kind : {Opcode::Text, Opcode::Binary}) {
            const std::string message = kind == Opcode::Text ? "text abcdef" : "binary 6 bytes: 61 62 63 64 65 66";
            const std::string empty = kind == Opcode::Text ? "text " : "binary 0 bytes: ";
            CHECK((converse(role, fragment(kind, false, "abc") + fragment(Opcode::Continuation, true, "def")) ==
                   Conversation{{message}, {}}));
            CHECK((converse(role, fragment(kind, false, "") + fragment(Opcode::Continuation, false, "abcdef") +
                                      fragment(Opcode::Continuation, true, "")) == Conversation{{message}, {}}));
            CHECK((converse(role, fragment(kind, false, "") + fragment(Opcode::Continuation, true, "")) ==
                   Conversation{{empty}, {}}));
            CHECK((converse(role, fragment(kind, false, "abc") + ping + fragment(Opcode::Continuation, false, "d") +
                                      ping + ping + fragment(Opcode::Continuation, true, "ef") + ping) ==
                   Conversation{{message}, {"pong p", "pong p", "pong p", "pong p"}}));
            CHECK((converse(role, fragment(kind, false, "abc") + frame(role, {Opcode::Pong}, "x") +
                                      fragment(Opcode::Continuation, true, "def") + fragment(kind, true, "abcdef")) ==
                   Conversation{{"pong x", message, message}, {}}));
        }
    }
}

TEST_CASE("RFC 6455 5.4: a fragmented control frame ends the connection", "[ws][frames]") {
    for (const Role role : both_roles)
        for (const Opcode opcode : {Opcode::Ping, Opcode::Pong, Opcode::Close})
            CHECK(converse(role, frame(role, {opcode, false}, "a") + frame(role, {Opcode::Continuation}, "b")) ==
                  failing(1002, "a control frame is fragmented"));
}

TEST_CASE("RFC 6455 5.4: a continuation of nothing ends the connection", "[ws][frames]") {
    for (const Role role : both_roles) {
        for (const bool fin : {true, false}) {
            const Bytes orphan = frame(role, {Opcode::Continuation, fin}, "orphan");
            const std::string reason = "a continuation frame continues nothing";
            CHECK(converse(role, orphan + frame(role, {}, "x")) == failing(1002, reason));
            CHECK(converse(role, frame(role, {}, "whole") + orphan) == failing(1002, reason, {"text whole"}));
            CHECK(converse(role, frame(role, {Opcode::Text, false}, "wh") + frame(role, {Opcode::Continuation}, "ole") +
                                     orphan) == failing(1002, reason, {"text whole"}));
        }
    }
}

TEST_CASE("RFC 6455 5.4: a message of any kind inside an unfinished one ends the connection", "[ws][frames]") {
    for (const Role role : both_roles)
        for (const Opcode outer : {Opcode::Text, Opcode::Binary})
            for (const Opcode inner : {Opcode::Text, Opcode::Binary})
                for (const bool fin : {true, false})
                    CHECK(converse(role, frame(role, {outer, false}, "a") + frame(role, {inner, fin}, "b")) ==
                          failing(1002, "a message begins inside an unfinished one"));
}

TEST_CASE("RFC 6455 8.1: text is UTF-8, split at any byte of any code point", "[ws][frames]") {
    for (const Role role : both_roles) {
        CHECK((converse(role, frame(role, {}, umlauts)) == Conversation{{"text " + umlauts}, {}}));
        Bytes single;
        for (std::size_t i = 0; i < umlauts.size(); ++i)
            append(single, frame(role, {i == 0 ? Opcode::Text : Opcode::Continuation, i + 1 == umlauts.size()},
                                 umlauts.substr(i, 1)));
        CHECK((converse(role, single, {.fragments_max = 100}) == Conversation{{"text " + umlauts}, {}}));
        // Bytes that are not UTF-8 are welcome in a binary message.
        CHECK(
            (converse(role, frame(role, {Opcode::Binary}, "\xff\xfe")) == Conversation{{"binary 2 bytes: ff fe"}, {}}));
    }
}

TEST_CASE("RFC 6455 8.1: text that is not UTF-8 ends the connection with 1007", "[ws][frames]") {
    const Conversation refused = failing(1007, "a text message is not UTF-8");
    for (const Role role : both_roles) {
        for (const char* hex :
             {"80", "c0 af", "e0 80 af", "f0 80 80 af", "ed a0 80", "ed bf bf", "f4 90 80 80", "f8 88 80 80 80", "fe",
              "ff", "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64"}) {
            INFO(hex);
            const Bytes bad = from_hex(hex);
            CHECK(converse(role, frame(role, {}, bad)) == refused);
            CHECK(converse(role, frame(role, {Opcode::Text, false}, "ok") + frame(role, {Opcode::Continuation}, bad)) ==
                  refused);
        }
        for (const char* hex : {"ce", "e2 82", "f0 9f 98"}) {
            INFO(hex);
            const Bytes cut = from_hex(hex);
            CHECK(converse(role, frame(role, {}, cut)) == refused);
            CHECK(converse(role, frame(role, {Opcode::Text, false}, cut) + frame(role, {Opcode::Continuation}, "")) ==
                  refused);
        }
    }
}

TEST_CASE("RFC 6455 8.1: invalid text is refused before its fragment, its message or even its frame has ended",
          "[ws][frames]") {
    for (const Role role : both_roles) {
        const Conversation refused = failing(1007, "a text message is not UTF-8");
        CHECK(converse(role, frame(role, {Opcode::Text, false}, "a\xff")) == refused);
        CHECK(converse(role, frame(role, {Opcode::Text, false}, "\xf4") +
                                 frame(role, {Opcode::Continuation, false}, "\x90")) == refused);
        Bytes unfinished = frame(role, {}, "\xed\xa0" + std::string(1000, 'x'));
        unfinished.resize(unfinished.size() - 1000);
        CHECK(converse(role, unfinished) == refused);
    }
}

TEST_CASE("a message over the limit ends the connection with 1009 as soon as a header says so", "[ws][frames]") {
    const Limits limits{.message_bytes_max = 1000};
    const Conversation refused = failing(1009, "a message is larger than is accepted");
    for (const Role role : both_roles) {
        const std::string exact(1000, 'x');
        CHECK((converse(role, frame(role, {}, exact), limits) == Conversation{{"text " + exact}, {}}));
        CHECK((converse(role,
                        frame(role, {Opcode::Text, false}, std::string(600, 'x')) +
                            frame(role, {Opcode::Continuation}, std::string(400, 'x')),
                        limits) == Conversation{{"text " + exact}, {}}));
        Bytes header = frame(role, {}, std::string(1001, 'x'));
        header.resize(header.size() - 1001);
        CHECK(converse(role, header, limits) == refused);
        CHECK(converse(role,
                       frame(role, {Opcode::Text, false}, std::string(600, 'x')) +
                           frame(role, {Opcode::Continuation}, std::string(401, 'x')),
                       limits) == refused);
        CHECK(converse(role, from_hex(role == Role::Server ? "82 ff 7f ff ff ff ff ff ff ff 00 00 00 00"
                                                           : "82 7f 7f ff ff ff ff ff ff ff")) == refused);
        CHECK(converse(role, frame(role, {Opcode::Binary, false}, "x") +
                                 from_hex(role == Role::Server ? "80 ff 7f ff ff ff ff ff ff ff 00 00 00 00"
                                                               : "80 7f 7f ff ff ff ff ff ff ff")) == refused);
    }
}

TEST_CASE("a message of too many fragments ends the connection with 1008", "[ws][frames]") {
    for (const Role role : both_roles) {
        Bytes bytes = frame(role, {Opcode::Binary, false}, "");
        for (int i = 0; i < 30; ++i) append(bytes, frame(role, {Opcode::Continuation, false}, ""));
        CHECK((converse(role, bytes + frame(role, {Opcode::Continuation}, "")) ==
               Conversation{{"binary 0 bytes: "}, {}}));
        append(bytes, frame(role, {Opcode::Continuation, false}, "") + frame(role, {Opcode::Continuation}, ""));
        CHECK(converse(role, bytes) == failing(1008, "a message has more fragments than are accepted"));
    }
}

TEST_CASE("a message of 100000 fragments is delivered where the limits allow it", "[ws][frames]") {
    Endpoint server = open_server({.message_bytes_max = 64 << 20, .fragments_max = 100000});
    Bytes bytes = frame(Role::Server, {Opcode::Binary, false}, "a");
    for (int i = 0; i < 99998; ++i) append(bytes, frame(Role::Server, {Opcode::Continuation, false}, "b"));
    append(bytes, frame(Role::Server, {Opcode::Continuation}, "c"));
    server.receive(bytes);
    REQUIRE(server.events.size() == 1);
    CHECK(server.events[0].substr(0, 27) == "binary 100000 bytes: 61 62 ");
}

TEST_CASE("H08: more pings and pongs than the rate allows end the connection with 1008", "[ws][frames]") {
    const Limits limits{.control_frames_per_second = 10, .control_frames_burst = 3};
    for (const Role role : both_roles) {
        const Bytes ping = frame(role, {Opcode::Ping}, "");
        CHECK(converse(role, ping + ping + ping + frame(role, {Opcode::Pong}, ""), limits) ==
              failing(1008, "too many pings and pongs", {}, {"pong ", "pong ", "pong "}));
        Endpoint endpoint = open_endpoint(role, limits);
        for (int i = 0; i < 50; ++i) {
            endpoint.receive(ping);
            endpoint.run_for(100ms);
        }
        CHECK(endpoint.connection.open());
    }
}

TEST_CASE("H08: while the stream takes nothing, one pong waits: the newest", "[ws][frames]") {
    Endpoint server = open_server();
    server.writable = false;
    REQUIRE(server.connection.send(MessageKind::Text, as_bytes("stuck")));
    for (const char* payload : {"1", "2", "3"}) server.receive(frame(Role::Server, {Opcode::Ping}, payload));
    const std::size_t queued = server.connection.transmit_bytes();
    CHECK(queued == 2 + 5);
    server.writable = true;
    server.drain();
    CHECK(sent_frames(Role::Server, server.take_sent()) == Words{"text stuck", "pong 3"});
    server.receive(frame(Role::Server, {Opcode::Ping}, "4"));
    CHECK(sent_frames(Role::Server, server.take_sent()) == Words{"pong 4"});
}

TEST_CASE("a whole message in the received bytes is delivered in place, without a copy", "[ws][frames]") {
    Endpoint server = open_server();
    Bytes bytes = frame(Role::Server, {}, "one") + frame(Role::Server, {Opcode::Ping}, "") +
                  frame(Role::Server, {Opcode::Binary}, std::string(2000, 'x'));
    server.connection.receive(bytes, server.now);
    const auto first = server.connection.poll_event(server.now);
    REQUIRE(first);
    CHECK(first->bytes.data() == bytes.data() + 6);
    const auto second = server.connection.poll_event(server.now);
    REQUIRE(second);
    CHECK(second->bytes.data() == bytes.data() + 6 + 3 + 6 + 8);
    CHECK(second->bytes.size() == 2000);
}

TEST_CASE("what was not polled is kept when more bytes come", "[ws][frames]") {
    Endpoint server = open_server();
    const Bytes bytes =
        frame(Role::Server, {}, "one") + frame(Role::Server, {}, "two") + frame(Role::Server, {}, "three");
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        Bytes piece = to_owned(ByteSpan(bytes).subspan(at, std::min<std::size_t>(4, bytes.size() - at)));
        server.connection.receive(piece, server.now);
        Bytes next = to_owned(ByteSpan(bytes).subspan(
            std::min(at + 4, bytes.size()), std::min<std::size_t>(4, bytes.size() - std::min(at + 4, bytes.size()))));
        server.connection.receive(next, server.now);
        std::fill(piece.begin(), piece.end(), std::byte{0});
        server.drain();
        at += 4;
    }
    CHECK(server.take_events() == Words{"text one", "text two", "text three"});
}
