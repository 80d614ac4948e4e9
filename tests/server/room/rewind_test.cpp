// A game that looks into the past: the world as one player saw it, and what the game can do with it.
#include "tidewire/rewind.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <vector>

#include "server/room/room.h"
#include "test_schema.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;
using test::Position;
using test::Velocity;

namespace {

/// A room whose entity 0 is at x = tick, of the server's, and whose players own one each at y = 1, x = tick, too.
class Track {
public:
    explicit Track(RoomOptions options = {}) : layout_(test::Schema::info()), room_(with_rules(), layout_, options) {
        Sim(room_.world(), 0, 0).spawn(Position{}, Velocity{});
    }

    std::function<void(ServerSim&)> look;  ///< Called in on_tick.
    Room& room() { return room_; }
    PlayerId join(bool bot = false) { return room_.join("player", bot); }
    /// An input of the tick that runs next.
    void push(PlayerId player, ViewTime view) {
        const Tick next = room_.tick_number() + 1;
        room_.push_input(player, {.tick = next, .type = 0, .aggregate = Bytes(sizeof(test::Steer)), .view = view}, 1);
    }
    void tick(std::vector<PlayerId> told = {}) {
        room_.tick();
        for (const PlayerId player : told) room_.note_written(player);
    }

private:
    const Game& with_rules() {
        game_.schema = &test::Schema::info();
        game_.apply_input = [](Sim&, Entity, std::uint16_t, const std::byte*) {};
        game_.on_join = [](Sim&, Player player) { player.spawn(Position{.x = 0, .y = 1}); };
        game_.on_tick = [this](ServerSim& sim) {
            for (auto [entity, position] : sim.view<Position>()) position.x = static_cast<float>(sim.tick());
            if (look) look(sim);
        };
        return game_;
    }

    Game game_;
    replication::Layout layout_;
    Room room_;
};

float x_of(const Past& past, std::uint32_t index) {
    for (auto [entity, position] : past.view<Position>())
        if (entity.index() == index) return position.x;
    return -1;
}

}  // namespace

TEST_CASE("a game sees the world as the player saw it who made this tick's input", "[room][rewind]") {
    Track track;
    const PlayerId player = track.join();
    for (int i = 0; i < 20; ++i) track.tick({player});
    track.push(player, {.told = 17.25, .likely = 17, .newest = 18});
    RewindReport report;
    track.look = [&](ServerSim& sim) {
        report = sim.rewind(player, [&](const auto& past) {
            CHECK(past.report().tick == 17.25);
            for (auto [entity, position] : past.template view<Position>()) {
                CHECK(entity.alive());
                // The player's own is as it is now.
                CHECK(position.x == Approx(entity.owner() == player ? 21 : 17.25));
            }
            const auto* const velocity = past.template find<Velocity>(EntityId{0, 1});
            CHECK(velocity != nullptr);
            CHECK(past.template find<Velocity>(EntityId{0, 2}) == nullptr);
            CHECK(past.template find<Velocity>(EntityId{1, 1}) == nullptr);
            CHECK(past.template find<Position>(EntityId{4000, 1}) == nullptr);
            CHECK(past.alive(EntityId{1, 1}));
            CHECK_FALSE(past.alive(EntityId{}));
        });
    };
    track.tick();
    CHECK(report.tick == 17.25);
    CHECK(report.requested == 17.25);
    CHECK_FALSE(report.clamped);
    CHECK_FALSE(report.forged);
    CHECK(track.room().counters().rewinds.rewinds == 1);
    CHECK(track.room().counters().rewinds.clamped == 0);
    CHECK(track.room().counters().rewinds.forged == 0);
}

TEST_CASE("between ticks that a client did not get the past is as on its screen", "[room][rewind]") {
    Track track;
    const PlayerId player = track.join();
    const auto seen = [&](double view, std::function<float(Tick)> x) {
        float found = -1;
        track.look = [&](ServerSim& sim) {
            // Now and then it stands still, so that a straight line over several ticks is not its way.
            for (auto [entity, position] : sim.view<Position>()) position.x = x(sim.tick());
            if (view != 0) sim.rewind(player, [&](const Past& past) { found = x_of(past, 0); });
        };
        if (view != 0) track.push(player, {.told = view, .likely = view, .newest = 20});
        track.tick(track.room().tick_number() % 4 == 3 ? std::vector<PlayerId>{player} : std::vector<PlayerId>{});
        return found;
    };
    const auto square = [](Tick tick) { return static_cast<float>(tick * tick) * 0.1F; };
    while (track.room().tick_number() < 20) seen(0, square);
    // Written were 16 and 20.
    CHECK(seen(17, square) == Approx(25.6 + 0.25 * (40 - 25.6)));
    CHECK(seen(19.5, square) == Approx(25.6 + 0.875 * (40 - 25.6)));
}

TEST_CASE("an input that stands in for a missing one carries its view on", "[room][rewind]") {
    Track track;
    const PlayerId player = track.join();
    for (int i = 0; i < 20; ++i) track.tick({player});
    track.push(player, {.told = 17.5, .likely = 17.5, .newest = 18});
    std::vector<double> ticks;
    track.look = [&](ServerSim& sim) { ticks.push_back(sim.rewind(player, [](const Past&) {}).tick); };
    for (int i = 0; i < 6; ++i) track.tick({player});
    CHECK(ticks == std::vector<double>{17.5, 18.5, 19.5, 20.5, 21.5, 22.5});
}

TEST_CASE("bots, strangers and players who have seen nothing yet see the present", "[room][rewind]") {
    Track track;
    const PlayerId bot = track.join(true);
    const PlayerId player = track.join();
    int looks = 0;
    track.look = [&](ServerSim& sim) {
        for (const PlayerId each : {bot, player, PlayerId{77}, PlayerId{0}}) {
            const RewindReport report = sim.rewind(each, [&](const Past& past) {
                int count = 0;
                for (auto [entity, position] : past.view<Position>()) {
                    CHECK(position.x == static_cast<float>(sim.tick()));
                    ++count;
                }
                CHECK(count == 3);
                ++looks;
            });
            CHECK(report.tick == sim.tick());
        }
    };
    for (int i = 0; i < 5; ++i) track.tick({player});
    CHECK(looks == 20);
}

TEST_CASE("what was hit is changed in the present, and may be gone since", "[room][rewind]") {
    Track track;
    const PlayerId player = track.join();
    Entity late;
    track.look = [&](ServerSim& sim) {
        if (sim.tick() == 18) late = sim.spawn(Position{.x = 18, .y = 5});
    };
    for (int i = 0; i < 20; ++i) track.tick({player});
    track.push(player, {.told = 19, .likely = 19, .newest = 19});
    const auto died = late.id();
    late.despawn();
    int there = 0;
    track.look = [&](ServerSim& sim) {
        const Entity newcomer = sim.spawn(Position{.x = 1, .y = 5});
        CHECK(newcomer.index() == died.index);
        sim.rewind(player, [&](const Past& past) {
            for (auto [entity, position] : past.view<Position>()) {
                ++there;
                if (entity.id() == died) {
                    CHECK_FALSE(entity.alive());
                    CHECK(position.y == 5);
                }
                CHECK_FALSE(entity == newcomer);
                if (entity.index() == 0) entity.template get<Velocity>().vx = 3;
                // Whoever is hit may go while one looks, and own entities as well.
                if (entity.owner() == player) entity.despawn();
            }
            CHECK(past.find<Position>(died) != nullptr);
            CHECK_FALSE(past.find<Position>(newcomer.id()));
        });
    };
    track.tick();
    CHECK(there == 3);
    CHECK(Entity(track.room().world(), EntityId{0, 1}).get<Velocity>().vx == 3);
}

TEST_CASE("own entities may go while one looks at them", "[room][rewind]") {
    Track track;
    const PlayerId player = track.join();
    for (int i = 0; i < 3; ++i) Sim(track.room().world(), 0, 0).spawn_for(player, Position{});
    for (int i = 0; i < 20; ++i) track.tick({player});
    track.push(player, {.told = 18.5, .likely = 18.5, .newest = 19});
    int seen = 0;
    track.look = [&](ServerSim& sim) {
        sim.rewind(player, [&](const Past& past) {
            for (auto [entity, position] : past.view<Position>()) {
                ++seen;
                if (entity.owner() != player) continue;
                for (auto [own, unused] : sim.view<const Position>())
                    if (own.owner() == player) own.despawn();
            }
        });
    };
    track.tick();
    CHECK(seen == 2);
}

TEST_CASE("a view that cannot be is counted, and what is too far back is cut off", "[room][rewind]") {
    Track track;
    const PlayerId liar = track.join();
    const PlayerId far = track.join();
    for (int i = 0; i < 30; ++i) track.tick({liar, far});
    track.push(liar, {.told = 3, .likely = 28.5, .newest = 29});
    track.push(far, {.told = 19, .likely = 19, .newest = 20});
    track.look = [&](ServerSim& sim) {
        const RewindReport lied = sim.rewind(liar, [&](const Past& past) { CHECK(x_of(past, 0) == Approx(28.5)); });
        CHECK(lied.forged);
        CHECK(lied.requested == 3);
        const RewindReport cut = sim.rewind(far, [&](const Past& past) { CHECK(x_of(past, 0) == Approx(22.5)); });
        CHECK(cut.clamped);
        CHECK(cut.tick == Approx(31 - 8.5));
    };
    track.tick();
    CHECK(track.room().counters().rewinds.rewinds == 2);
    CHECK(track.room().counters().rewinds.clamped == 1);
    CHECK(track.room().counters().rewinds.forged == 1);
}

TEST_CASE("a room holds as many snapshots as the furthest rewind needs", "[room][rewind]") {
    Track track({.tick_rate = 128, .snapshots_held = 4, .rewind = {.depth = 500ms}});
    CHECK(track.room().options().snapshots_held == 66);
    const PlayerId player = track.join();
    for (int i = 0; i < 200; ++i) track.tick({player});
    track.push(player, {.told = 137.5, .likely = 137.5, .newest = 140});
    int looks = 0;
    track.look = [&](ServerSim& sim) {
        const RewindReport report = sim.rewind(player, [&](const Past& past) {
            CHECK(x_of(past, 0) == Approx(137.5));
            ++looks;
        });
        CHECK_FALSE(report.clamped);
    };
    track.tick();
    CHECK(looks == 1);
}
