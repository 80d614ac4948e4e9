// The connection as a whole: opening, closing, time limits, and a pair over memory.
#include "tests/sdk/ws/endpoint.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;
using Words = std::vector<std::string>;

TEST_CASE("client and server open, exchange messages of both kinds and close cleanly", "[ws]") {
    Endpoint client =
        Endpoint::client({}, {}, {.host = "localhost:7777", .target = "/room?x=1", .subprotocols = {"tidewire.v1"}});
    Endpoint server = Endpoint::server();
    server.echoes = true;
    exchange(client, server);
    CHECK(client.take_events() == Words{"opened"});
    CHECK(server.take_events() == Words{"request", "opened"});
    CHECK(client.connection.subprotocol() == "tidewire.v1");
    CHECK(server.connection.subprotocol() == "tidewire.v1");

    REQUIRE(client.connection.send(MessageKind::Text, as_bytes("Hello")));
    REQUIRE(client.connection.send(MessageKind::Binary, from_hex("01 02 03")));
    exchange(client, server);
    CHECK(client.take_events() == Words{"text Hello", "binary 3 bytes: 01 02 03"});

    client.connection.close(CloseCode::Normal, "bye", client.now);
    exchange(client, server);
    CHECK(client.take_events() == Words{"closed 1000 clean by us: bye"});
    CHECK(server.take_events() == Words{"text Hello", "binary 3 bytes: 01 02 03", "closed 1000 clean by peer: bye"});
    CHECK_FALSE(client.connection.finished());
    CHECK(server.connection.wants_shutdown());
    client.receive_eof();
    CHECK(client.connection.finished());
    server.receive_eof();
    CHECK(server.connection.finished());
}
