// One list for all who follow the same: it says what each of them would be told alone.
#include "server/room/shared_lists.h"

#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "sdk/core/base/random.h"
#include "sdk/core/wire/codec.h"
#include "server/room/fanout.h"
#include "server/room/room.h"
#include "tests/server/room/walkers.h"

using namespace tidewire;
using namespace tidewire::server;
using replication::Rate;

namespace {

/// Walkers at three rates, seen by players who own nothing and look from a few places.
class Onlookers {
public:
    explicit Onlookers(std::uint64_t seed)
        : walkers_(seed), random_(seed), layout_(::test::Schema::info()), room(game(), layout_, {}) {
        for (int i = 0; i < 10; ++i) players.push_back(room.join("p", false));
    }

private:
    const Game& game() {
        game_ = walkers_.game();
        game_.interest.grid->enter_radius = 90;
        game_.interest.grid->leave_radius = 100;
        game_.interest.grid->leave_dwell = std::chrono::milliseconds(200);
        game_.interest.grid->half_rate_from = 30;
        game_.interest.grid->quarter_rate_from = 60;
        game_.on_join = {};
        game_.on_tick = [this](ServerSim& sim) {
            walkers_.game().on_tick(sim);
            for (std::size_t i = 0; i < players.size(); ++i) {
                if (sim.tick() != 1 && random_.below(60) != 0) continue;
                const float x = random_.below(2) == 0 ? -20.0F : 40.0F;
                sim.interest().set_focus(players[i], x, 10);
                // The same cells from farther away.
                if (random_.below(4) == 0) sim.interest().set_focus(players[i], x, 11);
                if (random_.below(4) == 0) sim.interest().set_team(players[i], 1 + random_.below(2));
            }
        };
        return game_;
    }

    tidewire::test::Walkers walkers_;
    SeededRandom random_;
    Game game_;
    replication::Layout layout_;

public:
    std::vector<PlayerId> players;
    Room room;
};

/// A client that is never told what others are.
void part_with_others(ClientView& view) {
    if (view.in_step != 0) settle(view.following.subscriptions, view.in_step);
    view.in_step = 0;
}

bool same(const wire::TickMessage& a, const wire::TickMessage& b) {
    return a.tick == b.tick && a.state_hash == b.state_hash &&
           std::equal(a.bodies.begin(), a.bodies.end(), b.bodies.begin(), b.bodies.end(),
                      [](const wire::GroupBody& left, const wire::GroupBody& right) {
                          return left.group == right.group && left.coding == right.coding &&
                                 std::equal(left.bytes.begin(), left.bytes.end(), right.bytes.begin(),
                                            right.bytes.end());
                      });
}

Following of(std::vector<Subscription> subscriptions, bool hashed = true) {
    return {.subscriptions = std::move(subscriptions), .ended = {}, .hashed = hashed, .written = {}};
}

}  // namespace

TEST_CASE("whoever shares a list is told what it would be told alone", "[fanout][shared]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    // Beside the head that every message has.
    const std::size_t bytes_per_tick = GENERATE(std::size_t{0}, std::size_t{40 + 120}, std::size_t{40 + 400});
    CAPTURE(seed, bytes_per_tick);
    Onlookers world(seed);
    Fanout sharing(world.room.scene(), {}, bytes_per_tick);
    Fanout apart(world.room.scene(), {}, bytes_per_tick);
    std::vector<ClientView> views(world.players.size());
    std::vector<ClientView> lonely(world.players.size());
    views[3].following.hashed = lonely[3].following.hashed = false;
    SeededRandom random(seed);
    std::size_t shared = 0;
    std::size_t hashes = 0;
    std::map<wire::BodyCoding, std::size_t> met;
    for (Tick tick = 1; tick <= 600; ++tick) {
        world.room.tick();
        sharing.begin();
        apart.begin();
        for (std::size_t i = 0; i < views.size(); ++i) {
            // One reads badly, one is never sure of what it has.
            if (i == 1 && random.below(8) == 0) continue;
            if (i == 2 && random.below(50) == 0)
                for (std::vector<ClientView>* const all : {&views, &lonely}) Fanout::verify((*all)[i]);
            CAPTURE(tick, i);
            const Told& alone = apart.tell(world.players[i], lonely[i]);
            REQUIRE_FALSE(lonely[i].shares);
            const Told& told = sharing.tell(world.players[i], views[i]);
            REQUIRE(same(told.message, alone.message));
            REQUIRE(told.head == alone.head);
            REQUIRE(told.keyframe_bytes == alone.keyframe_bytes);
            REQUIRE(views[i].allowance.saved == lonely[i].allowance.saved);
            REQUIRE(views[i].allowance.own_debt == lonely[i].allowance.own_debt);
            if (views[i].shares) {
                ++shared;
                if (told.message.state_hash != 0) ++hashes;
                for (const wire::GroupBody& body : told.message.bodies) ++met[body.coding];
            }
            // One whose socket is full now and then.
            if (i == 4 && random.below(8) == 0) continue;
            sharing.commit(views[i]);
            apart.commit(lonely[i]);
            part_with_others(lonely[i]);
        }
    }
    CAPTURE(shared, hashes);
    const bool scarce = bytes_per_tick == 40 + 120;
    CHECK(shared > (scarce ? 100 : 2000));
    CHECK((scarce || hashes > 20));
    CHECK(met[wire::BodyCoding::Delta] > 0);
}

TEST_CASE("clients who stand in one place are told by one list", "[fanout][shared]") {
    Onlookers world(4);
    Fanout fanout(world.room.scene(), {}, 0);
    std::vector<ClientView> views(world.players.size());
    std::map<const Told*, std::size_t> told;
    for (Tick tick = 1; tick <= 300; ++tick) {
        world.room.tick();
        fanout.begin();
        told.clear();
        for (std::size_t i = 0; i < views.size(); ++i) {
            ++told[&fanout.tell(world.players[i], views[i])];
            fanout.commit(views[i]);
        }
    }
    CHECK(told.size() < views.size());
}

TEST_CASE("a list is of those who follow the same groups alike", "[shared]") {
    SharedLists lists;
    const auto one = lists.of(of({{.group = 0}, {.group = 5, .rate = Rate::Half}}));
    // How urgent the groups are, and what was written of them, is each client's own.
    const auto same = lists.of(of({{.group = 0, .priority = 3}, {.group = 5, .rate = Rate::Half, .written = 9}}));
    CHECK(one == same);
    CHECK(lists.of(of({{.group = 0}, {.group = 5}})) != one);
    CHECK(lists.of(of({{.group = 0}, {.group = 5, .rate = Rate::Half, .own = true}})) != one);
    CHECK(lists.of(of({{.group = 0}, {.group = 5, .rate = Rate::Half}}, false)) != one);
    CHECK(lists.of(of({{.group = 0}})) != one);
    CHECK(lists.size() == 5);
    lists.drop_unused();
    CHECK(lists.size() == 1);
    CHECK(lists.of(of({{.group = 0}, {.group = 5, .rate = Rate::Half}})) == one);
}
