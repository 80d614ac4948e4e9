// What leaves the lane, put together again, is what went in: messages first, one after another.
#include "server/gate/bulk_lane.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <vector>

#include "sdk/core/session/part_assembly.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

Bytes counting(std::size_t size, int from) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(static_cast<std::size_t>(from) + i * i);
    return bytes;
}

struct Whole {
    wire::Part::Lane lane;
    std::uint32_t id;
    Tick tick;
    Bytes bytes;
};

/// Takes parts as a client that acknowledges each, up to `parts_max` of them.
std::vector<Whole> drain(BulkLane& lane, std::vector<session::PartAssembly>& assemblies, int parts_max = 1000) {
    std::vector<Whole> whole;
    TimePoint now{1s};
    for (int i = 0; i < parts_max; ++i, now += 1ms) {
        const auto next = lane.poll(0, now);
        if (!next) break;
        session::PartAssembly& assembly = assemblies.at(static_cast<std::size_t>(next->part.lane));
        const auto done = assembly.receive(next->part);
        REQUIRE(done);
        CHECK(*done == next->last);
        if (*done) whole.push_back({next->part.lane, next->part.id, next->tick, assembly.take()});
        lane.note_received(lane.pace().written(), now);
    }
    return whole;
}

}  // namespace

TEST_CASE("messages leave one after another, and the application's bytes when none is left", "[gate][bulk]") {
    BulkLane lane(10ms, {});
    std::vector<session::PartAssembly> assemblies(2);
    CHECK_FALSE(lane.poll(0, TimePoint{1s}));
    const Bytes first = counting(50'000, 1);
    const Bytes second = counting(20'001, 2);
    const Bytes map = counting(70'000, 3);
    lane.begin_bulk(9, map);
    // A part of the map goes, and then a message comes.
    CHECK(drain(lane, assemblies, 1).empty());
    lane.push(first, 0);
    lane.push(second, 77);
    CHECK(lane.message_bytes() == 70'001);
    CHECK(lane.has_messages());
    const auto whole = drain(lane, assemblies);
    REQUIRE(whole.size() == 3);
    CHECK(whole[0].bytes == first);
    CHECK(whole[0].tick == 0);
    CHECK(whole[1].bytes == second);
    CHECK(whole[1].tick == 77);
    CHECK(whole[2].bytes == map);
    CHECK(whole[2].id == 9);
    CHECK(whole[2].lane == wire::Part::Lane::Bulk);
    CHECK(lane.message_bytes() == 0);
    CHECK_FALSE(lane.has_messages());
    CHECK_FALSE(lane.has_bulk());
}

TEST_CASE("a lane that nobody acknowledges stops at its first flight", "[gate][bulk]") {
    BulkLane lane(10ms, {});
    lane.push(counting(100'000, 1), 5);
    std::size_t bytes = 0;
    while (const auto next = lane.poll(0, TimePoint{1s})) bytes += next->part.bytes.size();
    CHECK(bytes == 16 * 1024);
    CHECK(lane.message_bytes() == 100'000);
    CHECK(lane.pace().in_flight() == bytes);
}
