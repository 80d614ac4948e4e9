// A game that runs and nobody comes or goes: its server takes no memory from the heap.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>

#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace std::chrono_literals;

namespace {

constexpr int players = 50;
constexpr Tick ticks = 300;
/// In ticks: as long as everything takes that grows once and then stays, among it the history of the snapshots, and some rounds.
constexpr Tick settling = 900;
constexpr Tick round_trip = 60;  // of an entity, back to where it was
constexpr float half_extent = 500;

/// Every player has a ball that runs round a small circle, pushed by an input in each tick. As many balls of nobody run round large ones,
/// from cell to cell.
class Circles {
public:
    explicit Circles(InterestOptions interest) {
        game_.schema = &sim::SampleSchema::info();
        game_.interest = interest;
        game_.on_join = [](ServerSim& sim, const Player& player) {
            player.spawn(sim::Ball{});
            sim.spawn(sim::Ball{});
            // The view stays, and so does what is the player's own in its cell: new groups begin with keyframes.
            const auto id = static_cast<float>(player.id());
            sim.interest().set_focus(player.id(), std::fmod(id * 97, half_extent), std::fmod(id * 61, half_extent));
        };
        game_.apply_input = [](Sim&, Entity entity, std::uint16_t, const std::byte* input) {
            const auto& push = *static_cast<const sim::Push*>(static_cast<const void*>(input));
            entity.get<sim::Ball>().vx = push.dx;
        };
        game_.on_tick = [](ServerSim& sim) {
            for (auto [entity, ball] : sim.view<sim::Ball>()) {
                const auto at = static_cast<float>((sim.tick() + entity.index() * 7) % round_trip);
                const float angle = at / round_trip * 6.2831853F;
                const bool owned = entity.owner() != 0;
                const float radius = owned ? 20 : 20 + 9 * static_cast<float>(entity.index() % 50);
                ball.x = (owned ? 50 : 0) + radius * std::cos(angle);
                ball.y = (owned ? 50 : 0) + radius * std::sin(angle);
            }
        };
    }
    const Game& game() const { return game_; }

private:
    Game game_;
};

std::int64_t allocations_in_steady_state(InterestOptions interest, int spectators = 0) {
    const Circles circles(interest);
    sim::VirtualServer server(circles.game(), {.tick_rate = 30, .players_max = players, .spectators_max = 10, .spectator_delay = 2s}, 1);
    for (int i = 0; i < players; ++i) {
        sim::VirtualClient& client = server.connect();
        client.input = [i](std::uint32_t number, std::byte* aggregate) {
            auto& push = *static_cast<sim::Push*>(static_cast<void*>(aggregate));
            push.dx = static_cast<std::int8_t>((number / 10 + static_cast<std::uint32_t>(i)) % 3) - 1;
        };
    }
    for (int i = 0; i < spectators; ++i) server.connect({}, {.spectate = true});
    const auto run_until = [&](Tick tick) {
        while (server.room().tick_number() < tick) server.run_for(10ms);
    };
    run_until(settling);
    REQUIRE(server.room().player_count() == players);
    const std::uint64_t consumed = server.room().counters().inputs.consumed;
    const std::uint64_t sent = server.gate().counters().ticks_sent;
    const std::int64_t before = sim::server_heap_allocations();
    run_until(settling + ticks);
    const std::int64_t after = sim::server_heap_allocations();
    // It was no idle server.
    CHECK(server.gate().counters().ticks_shown >= static_cast<std::uint64_t>(spectators) * ticks);
    CHECK(server.room().counters().inputs.consumed - consumed >= players * (ticks - 5));
    CHECK(server.gate().counters().ticks_sent - sent >= players * (ticks - 5));
    return after - before;
}

InterestOptions grid(float half_rate_from) {
    return {.grid = GridOptions{.cell_size = 100,
                                .enter_radius = 250,
                                .leave_radius = 300,
                                .half_rate_from = half_rate_from,
                                .bounds = GridBounds{-half_extent, -half_extent, half_extent, half_extent}},
            .component = component_index<sim::Ball>,
            .x_offset = offsetof(sim::Ball, x),
            .y_offset = offsetof(sim::Ball, y)};
}

}  // namespace

TEST_CASE("a tick of a running game allocates nothing when everybody sees everybody", "[gate][memory]") {
    CHECK(allocations_in_steady_state({}) == 0);
}

TEST_CASE("a tick of a running game allocates nothing when entities go from cell to cell", "[gate][memory]") {
    CHECK(allocations_in_steady_state(grid(0)) == 0);
}

TEST_CASE("a tick of a running game allocates nothing when far cells have every second tick", "[gate][memory]") {
    CHECK(allocations_in_steady_state(grid(150)) == 0);
}

TEST_CASE("a tick of a running game allocates nothing when some watch it, late", "[gate][memory]") {
    CHECK(allocations_in_steady_state(grid(0), 10) == 0);
}
