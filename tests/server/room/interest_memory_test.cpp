// Memory: groups that have seen a few seconds of movement take no more for the next. Counts the allocations of this program.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <vector>

#include "server/room/budget.h"
#include "tests/server/room/interest_world.h"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) std::abort();
    ++allocations;
    return block;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::InterestWorld;
using tidewire::test::Place;

TEST_CASE("once the movement has been seen, less than one change in a thousand allocates", "[interest][memory]") {
    InterestWorld world;
    SeededRandom random(9);
    std::vector<Place> starts;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        starts.push_back({random.range(0, 900), random.range(0, 900)});
        world.spawn(starts.back().x, starts.back().y, i < 50 ? world.join() : 0);
    }
    std::size_t counted = 0;
    std::size_t changes = 0;
    for (int tick = 0; tick < 2400; ++tick) {
        // All go to and fro.
        const auto way = static_cast<float>(tick % 60 < 30 ? tick % 60 : 60 - tick % 60);
        for (auto [entity, place] : View<Place>(world.world)) place.x = starts[entity.index()].x + 4 * way;
        const auto& snapshot = world.snapshots.push(
            capture(world.layout, world.world, world.snapshots.newest(), ++world.now, world.counters));
        const std::size_t before = allocations;
        world.groups.update(snapshot);
        if (tick < 2200) continue;
        counted += allocations - before;
        changes += world.groups.changed().size();
    }
    CHECK(changes > 10000);
    CHECK(counted * 1000 < changes);
}

TEST_CASE("choosing allocates nothing after the first time", "[budget][memory]") {
    std::vector<Subscription> subscriptions;
    std::vector<GroupId> ended;
    std::vector<Wanted> wanted;
    for (GroupId group = 0; group < 50; ++group) wanted.push_back({.group = group, .own = group == 7});
    follow_wanted(wanted, subscriptions, ended);
    std::vector<Candidate> candidates;
    for (Subscription& subscription : subscriptions) candidates.push_back({&subscription, 100});
    const Budget budget({.bytes_per_tick = 1000});
    Allowance allowance;
    std::vector<std::uint32_t> chosen;
    chosen.reserve(50);
    budget.choose(candidates, allowance, chosen);
    const std::size_t before = allocations;
    for (int tick = 0; tick < 100; ++tick) {
        budget.choose(candidates, allowance, chosen);
        follow_wanted(wanted, subscriptions, ended);
    }
    CHECK(allocations == before);
}
