// H15: a player that delays its own link to see further back, or says that it has. What a rewind reaches is clamped, and counted.
#include <algorithm>

#include "tests/hostile/stage.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

struct Reach {
    double ticks_max = 0;  // how far back a rewind went
    int rewinds = 0;
    int clamped = 0;
    int forged = 0;
    void note(const RewindReport& report, Tick now) {
        ticks_max = std::max(ticks_max, now - report.tick);
        ++rewinds;
        clamped += report.clamped ? 1 : 0;
        forged += report.forged ? 1 : 0;
    }
};

}  // namespace

TEST_CASE("H15: a lag switch and a lie about what was seen reach no further back than the clamp, and are counted",
          "[H15]") {
    const bool lies = GENERATE(true, false);
    const auto delay = GENERATE(200ms, 600ms, 1500ms);
    CAPTURE(lies, delay.count());
    constexpr int tick_rate = 30;
    test::Duel duel;
    Reach reach;
    duel.after_tick = [&](ServerSim& sim) { reach.note(sim.rewind(1, [](const Past&) {}), sim.tick()); };
    sim::VirtualServer server(duel.game, {.tick_rate = tick_rate}, 1);
    sim::VirtualClient& cheat =
        test::join_duel(server, {.latency = 20ms}, [](std::uint32_t) { return duel::Move{.dx = 1}; });
    server.run_for(5s);
    const Reach honest = std::exchange(reach, {});
    CHECK(honest.rewinds > 100);
    CHECK(honest.forged == 0);

    if (lies)
        cheat.forge = [](wire::InputMessage& input) {
            if (input.view_tick > 60) input.view_tick -= 60;
        };
    const double limit = 0.250 * tick_rate + 1;
    for (int round = 0; round < 4; ++round) {
        // The switch: nothing that it says arrives for so long, and then all at once.
        net::LinkOptions slow{.latency = delay};
        cheat.stream->up.set_options(slow, server.now());
        server.run_for(delay);
        cheat.stream->up.set_options({.latency = 20ms}, server.now());
        server.run_for(1s);
    }
    CHECK(reach.rewinds > 100);
    CHECK(reach.ticks_max <= limit + 0.001);
    if (lies) CHECK(reach.forged > reach.rewinds / 2);
    const Reach attacked = std::exchange(reach, {});

    // Twenty seconds after the last switch it is judged by its link again.
    cheat.forge = nullptr;
    server.run_for(25s);
    reach = {};
    server.run_for(5s);
    CHECK(reach.forged == 0);
    CHECK(reach.ticks_max <= honest.ticks_max + 2);
    print_figure("H15", std::string(lies ? "lies and " : "") + "a switch of " + std::to_string(delay.count()) +
                            " ms: " + std::to_string(attacked.ticks_max) + " ticks back at most (limit " +
                            std::to_string(limit) + "), " + std::to_string(attacked.forged) + " of " +
                            std::to_string(attacked.rewinds) + " rewinds counted as forged, " +
                            std::to_string(attacked.clamped) + " as clamped; honest " +
                            std::to_string(honest.ticks_max));
}
