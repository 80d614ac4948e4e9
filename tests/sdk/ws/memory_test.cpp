// Memory: what an idle connection holds, and that a peer's announcements take none. Counts every allocation of this program.

#include "tests/sdk/ws/endpoint.h"
#include "tests/support/count_allocations.h"

using namespace tidewire;
using tidewire::test::allocations;
using tidewire::test::live_bytes;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

namespace {

/// One message in, the same back, all written; without the records that an Endpoint keeps, and without assertions, which
/// allocate. False when a message could not be sent.
bool echo_once(Connection& connection, MutableByteSpan bytes, std::size_t cut) {
    for (const MutableByteSpan piece : {bytes.first(cut), bytes.subspan(cut)}) {
        connection.receive(piece, start);
        while (const auto event = connection.poll_event(start)) {
            if (event->kind == Event::Kind::Message)
                REQUIRE(connection.send(event->message_kind, ByteSpan(event->bytes)));
            std::size_t queued = 0;
            for (const ByteSpan part : connection.poll_transmit()) queued += part.size();
            connection.transmitted(queued, start);
        }
    }
    return connection.open();
}

/// An open server connection and nothing else.
Connection open_connection() {
    Connection connection = Connection::server({}, {}, start);
    Bytes head = to_owned(to_head(upgrade_lines()));
    connection.receive(head, start);
    while (const auto event = connection.poll_event(start))
        if (event->kind == Event::Kind::Request) connection.accept("tidewire.v1", {}, start);
    connection.transmitted(connection.transmit_bytes(), start);
    return connection;
}

}  // namespace

TEST_CASE("an idle server connection holds less than a kilobyte, before its first message and after", "[ws][memory]") {
    Bytes ping = frame(Role::Server, {Opcode::Ping}, std::string(125, 'x'));
    const std::size_t before = live_bytes;
    Connection connection = open_connection();
    const std::size_t fresh = live_bytes - before;
    bool echoed = true;
    for (const std::size_t size : {1U, 64U, 16384U}) {
        for (const std::size_t cut : {0U, 3U, 6U}) {
            Bytes bytes = frame(Role::Server, {Opcode::Binary}, std::string(size, 'x'));
            echoed = echo_once(connection, bytes, cut) && echoed;
        }
    }
    echoed = echo_once(connection, ping, 20) && echoed;
    const std::size_t used = live_bytes - before;
    INFO("an idle connection holds " << fresh << " bytes, after use " << used);
    CHECK(echoed);
    CHECK(fresh <= 640);
    CHECK(used <= 1024);
}

TEST_CASE("H04: a header that announces a gigabyte takes no memory", "[ws][memory]") {
    Endpoint server = open_server({.message_bytes_max = std::size_t{4} << 30});
    const std::size_t before = live_bytes;
    server.receive(from_hex("82 ff 00 00 00 00 40 00 00 00 00 00 00 00 01 02 03"));
    const std::size_t taken = live_bytes - before;
    CHECK(server.connection.open());
    CHECK(taken < 100);
}

TEST_CASE("small messages that arrive whole cost no allocation", "[ws][memory]") {
    Connection connection = open_connection();
    Bytes bytes = frame(Role::Server, {Opcode::Binary}, std::string(64, 'x'));
    const Bytes original = bytes;
    echo_once(connection, bytes, 0);
    const std::size_t before = allocations;
    bool echoed = true;
    for (int i = 0; i < 1000; ++i) {
        std::copy(original.begin(), original.end(), bytes.begin());
        echoed = echo_once(connection, bytes, 0) && echoed;
    }
    const std::size_t after = allocations;
    CHECK(echoed);
    CHECK(after == before);
}
