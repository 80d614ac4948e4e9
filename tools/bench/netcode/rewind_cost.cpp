// A room by itself; the time of its ticks' shots is taken inside of them.
#include "tools/bench/netcode/rewind_cost.h"

#include <time.h>
#include <algorithm>
#include <vector>

#include "server/room/room.h"
#include "tools/bench/netcode/range_game.h"

namespace tidewire::bench {

namespace {

constexpr int warm_up = 20;
constexpr int ticks = 60;

double processor_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

enum class Look : std::uint8_t { All, Near, AllAtOneInstant };

double us_per_shot(const RewindCostOptions& options, Look look) {
    const RangeGame range(1);  // for its schema
    const replication::Layout layout(*range.game().schema);
    Game game;
    game.schema = range.game().schema;
    std::vector<double> samples;
    std::vector<EntityId> near;
    float sum = 0;
    game.on_tick = [&](ServerSim& sim) {
        for (auto [entity, target] : sim.view<Target>()) target.x += entity.index() % 2 == 0 ? 0.35F : -0.35F;
        const double before = processor_us();
        for (std::size_t shot = 0; shot < options.shots; ++shot)
            sim.rewind(static_cast<PlayerId>(shot + 1), [&](const Past& past) {
                if (look != Look::Near)
                    for (auto [entity, target] : past.view<Target>()) sum += target.x;
                else
                    for (std::size_t i = 0; i < options.near; ++i)
                        if (const auto* const target = past.find<Target>(near[(i * 397 + shot * 31) % near.size()]))
                            sum += target->x;
            });
        samples.push_back((processor_us() - before) / static_cast<double>(options.shots));
    };
    server::Room room(game, layout, {});
    for (std::size_t shot = 0; shot < options.shots; ++shot) room.join("player", false);
    for (std::size_t i = 0; i < options.entities; ++i) {
        const Entity target = Sim(room.world(), 0, 0).spawn(Target{.x = 0, .y = static_cast<float>(i % 800) - 400});
        near.push_back(target.id());
    }
    for (int i = 0; i < warm_up + ticks; ++i) {
        const Tick next = room.tick_number() + 1;
        for (std::size_t shot = 0; next > 10 && shot < options.shots; ++shot) {
            const double behind = look == Look::AllAtOneInstant ? 3.5 : 2 + static_cast<double>(shot % 50) * 0.08;
            const Bytes aggregate(sizeof(Trigger));
            server::PlayerInput input{.tick = next, .type = 0, .aggregate = aggregate, .view = {}};
            input.view = {.told = next - behind, .likely = next - behind, .newest = next - 1};
            room.push_input(static_cast<PlayerId>(shot + 1), input, 1);
        }
        room.tick();
        for (std::size_t shot = 0; shot < options.shots; ++shot) room.note_written(static_cast<PlayerId>(shot + 1));
    }
    samples.erase(samples.begin(), samples.begin() + warm_up);
    std::nth_element(samples.begin(), samples.begin() + ticks / 2, samples.end());
    return sum == 0.123F ? 0 : samples[ticks / 2];
}

}  // namespace

RewindCost run_rewind_cost(const RewindCostOptions& options) {
    return {.us_per_shot_view = us_per_shot(options, Look::All),
            .us_per_shot_find = us_per_shot(options, Look::Near),
            .us_per_shot_same_view = us_per_shot(options, Look::AllAtOneInstant)};
}

}  // namespace tidewire::bench
