// What goes in comes out, whatever the link becomes meanwhile. The instants are the test's.
#include "sdk/net/degraded_stream.h"

#include <catch2/catch.hpp>

#include "tests/sdk/net/loopback.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::net;
using namespace tidewire::test;

namespace {

struct Ends {
    StreamPair sockets;
    DegradedStream client{Stream(std::move(sockets.client))};
    Socket server = std::move(sockets.server);
    Bytes buffer = Bytes(64 * 1024);

    std::size_t write(std::string_view text, TimePoint now) {
        const ByteSpan part = as_bytes(text);
        const Transfer transfer = client.write({&part, 1}, now);
        REQUIRE(client.carry(now).outcome == Transfer::Outcome::Done);
        return transfer.bytes;
    }
    void say(std::string_view text) {
        const ByteSpan part = as_bytes(text);
        REQUIRE(server.write({&part, 1}).bytes == text.size());
        REQUIRE(wait(client.fd(), {}, patience));
    }
    std::string read(TimePoint now) {
        const Transfer transfer = client.read(buffer, now);
        return transfer.outcome == Transfer::Outcome::Done
                   ? std::string(as_text(ByteSpan(buffer).first(transfer.bytes)))
                   : "";
    }
};

}  // namespace

TEST_CASE("a stream that was never degraded is the stream", "[net][degraded-stream]") {
    Ends ends;
    CHECK(ends.write("up", at(0s)) == 2);
    CHECK(as_text(read_all(ends.server, 2)) == "up");
    ends.say("down");
    CHECK(ends.read(at(0s)) == "down");
    CHECK(ends.client.read(ends.buffer, at(0s)).outcome == Transfer::Outcome::WouldBlock);
    CHECK(ends.client.interest(true, false) == Interest{.readable = true, .writable = false});
    CHECK(ends.client.interest(true, true) == Interest{.readable = true, .writable = true});
    CHECK(ends.client.poll_timeout(true) == never);
}

TEST_CASE("both ways are as late as they were told", "[net][degraded-stream]") {
    Ends ends;
    ends.client.degrade({.latency = 30ms}, {.latency = 50ms}, at(0s));
    CHECK(ends.write("up", at(0s)) == 2);
    CHECK(ends.client.poll_timeout(true) == at(30ms));
    CHECK_FALSE(ends.client.interest(true, true).writable);
    REQUIRE(ends.client.carry(at(29ms)).bytes == 0);
    REQUIRE(ends.client.carry(at(30ms)).bytes == 2);
    CHECK(as_text(read_all(ends.server, 2)) == "up");

    ends.say("down");
    CHECK(ends.read(at(40ms)).empty());
    CHECK(ends.client.poll_timeout(true) == at(90ms));
    CHECK(ends.client.poll_timeout(false) == never);
    CHECK(ends.read(at(89ms)).empty());
    CHECK(ends.read(at(90ms)) == "down");
}

TEST_CASE("the end of the stream comes behind what was on its way", "[net][degraded-stream]") {
    Ends ends;
    ends.client.degrade({}, {.latency = 50ms}, at(0s));
    ends.say("the last word");
    ends.server.shut_down_sending();
    CHECK(ends.read(at(1s)).empty());
    CHECK(ends.read(at(1050ms)) == "the last word");
    CHECK(ends.client.read(ends.buffer, at(1100ms)).outcome == Transfer::Outcome::Eof);
}

TEST_CASE("no byte is lost or overtaken when the link changes, and a full one holds the writer up",
          "[net][degraded-stream]") {
    Ends ends;
    SeededRandom random(1);
    std::string sent_up;
    std::string sent_down;
    std::string came_up;
    std::string came_down;
    TimePoint now = at(0s);
    const auto settle = [&] {
        const Transfer carried = ends.client.carry(now);
        REQUIRE(carried.outcome == Transfer::Outcome::Done);
        if (carried.bytes > 0) came_up += as_text(read_all(ends.server, carried.bytes));
        for (std::string piece = ends.read(now); !piece.empty(); piece = ends.read(now)) came_down += piece;
    };
    for (int turn = 0; turn < 400; ++turn) {
        now += 5ms;
        if (turn % 20 == 10) {
            const LinkOptions link{.latency = 1ms * random.below(100),
                                   .jitter = 1ms * random.below(50),
                                   .bytes_per_second = random.below(3) == 0 ? 0U : 20'000U,
                                   .held_bytes_max = 2000};
            ends.client.degrade(link, link, now);
        }
        const std::string text(random.below(300), static_cast<char>('a' + turn % 26));
        const ByteSpan part = as_bytes(text);
        if (!text.empty()) {
            const Transfer taken = ends.client.write({&part, 1}, now);
            sent_up += text.substr(0, taken.bytes);
            if (turn < 10) came_up += as_text(read_all(ends.server, taken.bytes));
            ends.say(text);
            sent_down += text;
        }
        settle();
    }
    for (int i = 0; i < 4000; ++i) {
        now += 5ms;
        settle();
    }
    CHECK(sent_up.size() > 10'000);
    CHECK(came_up == sent_up);
    CHECK(came_down == sent_down);
    CHECK(ends.client.poll_timeout(true) == never);
}
