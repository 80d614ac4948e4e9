// Members and moves at older ticks, against a record that keeps everything.
#include "server/room/interest_history.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <vector>

#include "sdk/core/base/random.h"
#include "server/room/interest_moves.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::replication::Members;

namespace {

constexpr Tick held = 8;

}  // namespace

TEST_CASE("a group's members are found for every held tick and for no other", "[interest][history]") {
    GroupHistory history(held);
    std::map<Tick, std::map<GroupId, Members>> record;
    std::map<GroupId, Members> now;
    SeededRandom random(11);
    const std::vector<GroupId> groups = {0, 2, 3, 700, group_private, group_private + 5};
    for (Tick tick = 1; tick <= 400; ++tick) {
        std::set<GroupId> changed;
        const auto before = now;
        // Now and then nothing happens for longer than is held.
        const std::uint32_t changes = tick / 40 % 2 == 0 ? random.below(6) : 0;
        for (std::uint32_t i = 0; i < changes; ++i) {
            const GroupId group = groups[random.below(static_cast<std::uint32_t>(groups.size()))];
            const std::uint32_t index = random.below(200);
            if (random.below(2) == 0) {
                now[group].insert(index);
                history.insert(group, index);
            } else {
                now[group].erase(index);
                history.erase(group, index);
            }
        }
        for (const auto& [group, members] : now)
            if (const auto found = before.find(group);
                found == before.end() ? !members.empty() : !(found->second == members))
                changed.insert(group);
        history.commit(tick);
        record[tick] = now;
        REQUIRE(std::vector<GroupId>(history.changed().begin(), history.changed().end()) ==
                std::vector<GroupId>(changed.begin(), changed.end()));
        for (const GroupId group : groups) {
            REQUIRE(history.members(group) == now[group]);
            for (Tick asked = 1; asked <= tick + 1; ++asked) {
                const Members* const members = history.members_at(group, asked);
                const bool is_held = asked <= tick && asked + held > tick;
                REQUIRE((members != nullptr) == is_held);
                if (is_held) REQUIRE(*members == record[asked][group]);
            }
        }
    }
}

TEST_CASE("members of a held tick keep their place in memory", "[interest][history]") {
    GroupHistory history(held);
    history.insert(2, 5);
    history.commit(1);
    const Members* const members = history.members_at(2, 1);
    for (Tick tick = 2; tick <= held; ++tick) {
        history.insert(2, tick * 100);
        history.commit(tick);
        CHECK(history.members_at(2, 1) == members);
        CHECK(members->count() == 1);
    }
    history.commit(held + 1);
    CHECK(history.members_at(2, 1) == nullptr);
}

TEST_CASE("what is remembered is bounded by the ticks that are held", "[interest][history]") {
    GroupHistory history(held);
    for (Tick tick = 1; tick <= 1000; ++tick) {
        for (GroupId group = 2; group < 12; ++group)
            tick % 2 == 0 ? history.erase(group, group) : history.insert(group, group);
        history.commit(tick);
        REQUIRE(history.change_count() <= 10 * held);
    }
    for (Tick tick = 1001; tick <= 1000 + held; ++tick) history.commit(tick);
    CHECK(history.change_count() == 0);
}

TEST_CASE("the group of an entity is found for every held tick", "[interest][history]") {
    GroupMoves moves;
    std::vector<std::map<Tick, GroupId>> record(50);
    std::vector<GroupId> now(50, group_none);
    SeededRandom random(12);
    for (Tick tick = 1; tick <= 500; ++tick) {
        for (std::uint32_t index = 0; index < now.size(); ++index) {
            const auto group = static_cast<GroupId>(random.below(9));
            if (random.below(4) == 0 && group != now[index]) {
                moves.add(tick, index, now[index]);
                now[index] = group;
            }
            record[index][tick] = now[index];
        }
        const Tick oldest = tick < held ? 1 : tick - held + 1;
        moves.drop_before(oldest);
        for (std::uint32_t index = 0; index < now.size(); ++index)
            for (Tick asked = oldest; asked <= tick; ++asked)
                REQUIRE(moves.group_at(index, asked, now[index]) == record[index][asked]);
    }
}

TEST_CASE("an id that was given back is taken again, but not before its time", "[interest][ids]") {
    GroupIds ids(5, 7);
    CHECK(ids.take(1) == GroupId{5});
    ids.give_back(5, 10);
    CHECK(ids.take(2) == GroupId{6});
    CHECK_FALSE(ids.take(9));
    CHECK(ids.take(10) == GroupId{5});
    CHECK_FALSE(ids.take(11));
}
