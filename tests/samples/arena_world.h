// A small match for tests: a world, its ticks, and fighters that do what they are told. Not a room: nothing is quantised.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "samples/arena/bots.h"
#include "samples/arena/match.h"

namespace arena {

class ArenaWorld {
public:
    explicit ArenaWorld(int tick_rate = 60) : dt_(1.0F / static_cast<float>(tick_rate)) {}

    float dt() const { return dt_; }
    tidewire::Tick tick() const { return tick_; }
    tidewire::World& world() { return world_; }
    tidewire::Sim sim() { return tidewire::Sim(world_, tick_, dt_); }
    Match& match() { return match_; }

    tidewire::Entity join(tidewire::PlayerId owner) {
        return match_.join(sim(), {.owner = owner, .name = "fighter " + std::to_string(owner), .bot = true});
    }
    /// A fighter that stands somewhere and has done so for long: it can be hit.
    tidewire::Entity join_at(tidewire::PlayerId owner, Vec2 position) {
        const tidewire::Entity entity = join(owner);
        entity.get<Body>().x = position.x;
        entity.get<Body>().y = position.y;
        entity.get<Vitals>().respawn_tick = 0;
        return entity;
    }

    /// One tick: the rules for each fighter, then the match.
    void step(const std::function<Command(tidewire::Entity)>& command) {
        ++tick_;
        std::vector<tidewire::Entity> fighters;
        for (auto [entity, body] : sim().view<const Body>()) fighters.push_back(entity);
        tidewire::Sim now = sim();
        for (const tidewire::Entity fighter : fighters) Rules{}(now, fighter, command(fighter));
        match_.advance(now);
    }
    void step_with_bots() {
        std::vector<Sighting> seen;
        for (auto [entity, body, vitals] : sim().view<const Body, const Vitals>())
            seen.push_back({.index = entity.index(),
                            .position = {body.x, body.y},
                            .velocity = {body.vx, body.vy},
                            .angle = body.angle,
                            .alive = vitals.hp > 0});
        std::size_t next = 0;
        step([&](tidewire::Entity) { return pilot_.command(seen[next++], seen, tick_, dt_); });
    }

private:
    tidewire::World world_{Schema::info(), 4096};
    tidewire::Tick tick_ = 1000;
    float dt_;
    Match match_;
    Pilot pilot_;
};

inline Vec2 position_of(tidewire::Entity entity) { return {entity.get<Body>().x, entity.get<Body>().y}; }

}  // namespace arena
