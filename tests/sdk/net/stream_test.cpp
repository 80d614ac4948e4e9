// Promises of a stream: plain or TLS, whoever pumps it does not care which.
#include "sdk/net/stream.h"

#include <catch2/catch.hpp>

#include "tests/sdk/net/tls_pair.h"

using namespace tidewire;
using namespace tidewire::net;

TEST_CASE("a plain stream is established from the start and has nothing hidden inside", "[net][stream]") {
    StreamPair sockets;
    Stream client(std::move(sockets.client));
    CHECK(client.established());
    CHECK(client.establish().outcome == Transfer::Outcome::Done);
    CHECK_FALSE(client.pending());
    CHECK_FALSE(client.wants_write());
    const ByteSpan message = as_bytes("hello");
    REQUIRE(client.write({&message, 1}).bytes == 5);
    client.shut_down_sending();
    CHECK(as_text(read_all(sockets.server)) == "hello");
}

TEST_CASE("bytes that were looked at are still there", "[net][stream]") {
    StreamPair sockets;
    Stream server(std::move(sockets.server));
    Bytes buffer(100);
    CHECK(server.peek(buffer).outcome == Transfer::Outcome::WouldBlock);
    const ByteSpan message = as_bytes("hello");
    REQUIRE(sockets.client.write({&message, 1}).bytes == 5);
    REQUIRE(wait(server.fd(), {}, patience));
    CHECK(server.peek(buffer).bytes == 5);
    CHECK(server.peek(MutableByteSpan(buffer).first(2)).bytes == 2);
    CHECK(server.read(buffer).bytes == 5);
    CHECK(as_text(ByteSpan(buffer).first(5)) == "hello");
    sockets.client.shut_down_sending();
    REQUIRE(wait(server.fd(), {}, patience));
    CHECK(server.peek(buffer).outcome == Transfer::Outcome::Eof);
}

TEST_CASE("TLS may begin behind something in the clear", "[net][stream]") {
    const auto certificate = test::Certificate::self_signed();
    StreamPair sockets;
    const ByteSpan clear = as_bytes("in the clear\n");
    REQUIRE(sockets.client.write({&clear, 1}).bytes == clear.size());
    auto client = Stream::secure(std::move(sockets.client), client_context(certificate.client()), "localhost");
    REQUIRE(client);
    CHECK(client->establish().outcome == Transfer::Outcome::WouldBlock);

    Stream server(std::move(sockets.server));
    Bytes buffer(1000);
    REQUIRE(wait(server.fd(), {}, patience));
    REQUIRE(server.read(MutableByteSpan(buffer).first(clear.size())).bytes == clear.size());
    REQUIRE(server.start_tls(server_context(certificate)));
    CHECK_FALSE(server.established());
    while (!client->established() || !server.established()) {
        for (Stream* end : {&server, &*client}) {
            const Transfer transfer = end->establish();
            INFO(transfer.message);
            REQUIRE((end->established() || transfer.outcome == Transfer::Outcome::WouldBlock));
        }
        if (!client->established() || !server.established()) wait_either(*client, server);
    }
    const ByteSpan secret = as_bytes("secret");
    REQUIRE(client->write({&secret, 1}).bytes == 6);
    REQUIRE(wait(server.fd(), {}, patience));
    CHECK(server.read(buffer).bytes == 6);
}
