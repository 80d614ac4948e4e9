// The arena's dedicated server: the match, and bots that play in it; as many of them as there are rooms.
#include "tidewire/server.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "samples/arena/bots.h"
#include "samples/arena/match.h"

namespace {

/// Gives all bots of one tick the same view of the others, taken once.
class Bots {
public:
    arena::Command command(const tidewire::Sim& sim, tidewire::Entity entity) {
        if (!entity.has<arena::Body>()) return {};
        look_around(sim);
        for (const arena::Sighting& self : seen_)
            if (self.index == entity.index()) return pilot_.command(self, seen_, sim.tick(), sim.dt());
        return {};
    }

private:
    void look_around(const tidewire::Sim& sim) {
        if (!seen_.empty() && seen_at_ == sim.tick()) return;
        seen_at_ = sim.tick();
        seen_.clear();
        for (auto [entity, body, vitals] : sim.view<const arena::Body, const arena::Vitals>())
            seen_.push_back({.index = entity.index(),
                             .position = {body.x, body.y},
                             .velocity = {body.vx, body.vy},
                             .angle = body.angle,
                             .alive = vitals.hp > 0});
    }

    arena::Pilot pilot_;
    std::vector<arena::Sighting> seen_;
    tidewire::Tick seen_at_ = 0;
};

/// What one room has beside the state.
struct Field {
    arena::Match match;
    Bots bots;
};

}  // namespace

int main(int argc, char** argv) {
    tidewire::Server<arena::Schema, arena::Rules> server({.tick_rate = 30, .players_max = 256});
    server.on_room([&](tidewire::Room<arena::Schema>& room) {
        const auto field = std::make_shared<Field>();
        const std::uint64_t seed = server.options().seed + room.number() - 1;
        room.on_join([field, seed](tidewire::Sim& sim, tidewire::Player player) {
            field->match.join(sim, {.owner = player.id(), .name = player.name(), .bot = player.bot(), .seed = seed});
        });
        room.on_tick([field](tidewire::Sim& sim) { field->match.advance(sim); });
        // All that a match is stands in components: a restart costs its players nothing but the wait.
        room.on_save([](tidewire::ServerSim&) { return std::vector<std::byte>(); },
                     [field, seed](tidewire::ServerSim&, std::span<const std::byte>) -> tidewire::Result<void> {
                         field->match.go_on(seed);
                         return {};
                     });
        room.on_bot([field](tidewire::Sim& sim, tidewire::Entity entity) { return field->bots.command(sim, entity); });
    });
    return tidewire::run_dedicated(server, argc, argv);
}
