// The transmit queue against a plain string, under seeded random use.
#include "sdk/core/ws/transmit_queue.h"

#include <deque>

#include "tests/sdk/ws/endpoint.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

TEST_CASE("what goes in comes out in order, whatever is copied, borrowed, written in part or retained",
          "[ws][transmit]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        TransmitQueue queue(random.below(2) ? 256 : 65536, random.below(2) ? 512 : 1 << 20);
        Bytes expected;
        std::deque<Bytes> lent;
        for (int step = 0; step < 300; ++step) {
            const auto make = [&] {
                Bytes bytes(random.below(8) == 0 ? random.below(3000) : random.below(30));
                for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() & 0xff);
                append(expected, bytes);
                return bytes;
            };
            switch (random.below(6)) {
                case 0:
                case 1:
                    queue.append(make());
                    break;
                case 2:
                case 3:
                    queue.append_view(lent.emplace_back(make()));
                    break;
                case 4: {
                    const std::size_t bytes = random.below(static_cast<std::uint32_t>(expected.size() + 1));
                    queue.transmitted(bytes);
                    expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(bytes));
                    break;
                }
                default:
                    queue.retain();
                    for (Bytes& bytes : lent) std::fill(bytes.begin(), bytes.end(), std::byte{0});
                    lent.clear();
            }
            Bytes queued;
            for (const ByteSpan piece : queue.pieces()) {
                REQUIRE_FALSE(piece.empty());
                append(queued, piece);
            }
            REQUIRE(queued == expected);
            REQUIRE(queue.bytes() == expected.size());
        }
    }
}

TEST_CASE("a server's message is a header and views of its large parts, in one gathered write", "[ws][transmit]") {
    Endpoint server = open_server();
    server.writable = false;
    const Bytes small = to_owned("head"), empty, first(600, std::byte{1}), second(700, std::byte{2});
    const ByteSpan parts[] = {small, first, empty, second};
    REQUIRE(server.connection.send(MessageKind::Binary, parts));
    const auto pieces = server.connection.poll_transmit();
    REQUIRE(pieces.size() == 3);
    CHECK(to_hex(pieces[0]) == "82 7e 05 18 68 65 61 64");
    CHECK(pieces[1].data() == first.data());
    CHECK(pieces[2].data() == second.data());
    server.connection.transmitted(8 + 599, server.now);
    server.connection.retain_unsent();
    REQUIRE(server.connection.poll_transmit().size() == 1);
    CHECK(server.connection.poll_transmit()[0].size() == 701);
    CHECK(server.connection.poll_transmit()[0][0] == std::byte{1});
    CHECK(server.connection.poll_transmit()[0][1] == std::byte{2});
}

TEST_CASE("a server's small message is one piece of its own", "[ws][transmit]") {
    Endpoint server = open_server();
    server.writable = false;
    Bytes part = to_owned("echo");
    REQUIRE(server.connection.send(MessageKind::Text, part));
    std::fill(part.begin(), part.end(), std::byte{0});
    REQUIRE(server.connection.poll_transmit().size() == 1);
    CHECK(to_hex(server.connection.poll_transmit()[0]) == "81 04 65 63 68 6f");
}

TEST_CASE("H19: send() refuses beyond the transmit limit, queues nothing then, and works again later",
          "[ws][transmit]") {
    for (const Role role : {Role::Server, Role::Client}) {
        Endpoint endpoint = open_endpoint(role, {.transmit_bytes_max = 1000});
        endpoint.writable = false;
        const std::string half(500, 'x');
        REQUIRE(endpoint.connection.send(MessageKind::Text, as_bytes(half)));
        const std::size_t queued = endpoint.connection.transmit_bytes();
        const auto refused = endpoint.connection.send(MessageKind::Text, as_bytes(half));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().blame == Blame::Peer);
        CHECK(refused.error().close_code == 1013);
        CHECK(endpoint.connection.transmit_bytes() == queued);
        endpoint.writable = true;
        endpoint.drain();
        CHECK(endpoint.connection.send(MessageKind::Text, as_bytes(half)));
        const auto never_fits = endpoint.connection.send(MessageKind::Text, as_bytes(std::string(1001, 'x')));
        REQUIRE_FALSE(never_fits);
        CHECK(never_fits.error().blame == Blame::Caller);
    }
}
