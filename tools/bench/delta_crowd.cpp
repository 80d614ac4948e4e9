// Motion as in arena_motion.cpp, but at a walk.
#include "tools/bench/delta_crowd.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tidewire::bench {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr float world_size = 2000;
constexpr float cell_size = world_size / Crowd::cells;
constexpr float speed = 10;                   // units per second
constexpr double turn_max = 0.2;              // radians per tick
constexpr std::uint32_t moving_share = 5;     // one of so many entities
constexpr std::uint32_t relieved_share = 50;  // one of so many movers stops in a tick
constexpr float steps_per_second = 0.02F;     // of a client

InterestOptions grid_options() {
    // From the middle of a cell the eight around it begin within 90 units and the next at 187.
    return {.grid = GridOptions{.cell_size = cell_size,
                                .enter_radius = cell_size,
                                .leave_radius = 1.25F * cell_size,
                                .bounds = GridBounds{0, 0, world_size, world_size}},
            .component = component_index<Walker>,
            .x_offset = offsetof(Walker, x),
            .y_offset = offsetof(Walker, y)};
}

/// Mirrors a coordinate at the walls; whether it did.
bool mirror(float& coordinate) {
    if (coordinate >= 0 && coordinate <= world_size) return false;
    coordinate = coordinate < 0 ? -coordinate : 2 * world_size - coordinate;
    return true;
}

}  // namespace

Crowd::Crowd(const CrowdOptions& options) : options_(options), schema_(walker_schema()), random_(options.seed) {
    game_.schema = &schema_.info();
    game_.interest = grid_options();
    game_.on_join = [this](ServerSim& sim, const Player& player) { join(sim, player); };
    game_.on_tick = [this](ServerSim& sim) { tick(sim); };
}

void Crowd::join(ServerSim& sim, const Player& player) {
    const Place place{1 + random_.below(cells - 2), 1 + random_.below(cells - 2)};
    places_[player.id()] = place;
    look(sim, player.id(), place);
}

void Crowd::tick(ServerSim& sim) {
    if (entities_.empty()) spawn(sim);
    relieve();
    for (std::size_t i = 0; i < movers_.size(); ++i) move(entities_[i].get<Walker>(), movers_[i]);
    // Who was relieved stands behind the movers now.
    for (std::size_t i = movers_.size(); i < entities_.size(); ++i) {
        const auto* const resting = entities_[i].find<const Walker>();
        if (resting->velocity_x == 0 && resting->velocity_y == 0) continue;
        auto& stopped = entities_[i].get<Walker>();
        stopped.velocity_x = stopped.velocity_y = 0;
    }
    walk(sim);
}

void Crowd::spawn(ServerSim& sim) {
    movers_.resize(options_.entities / moving_share);
    for (std::uint32_t i = 0; i < options_.entities; ++i) {
        Walker entity{};
        entity.x = random_.range(0, world_size);
        entity.y = random_.range(0, world_size);
        entity.angle = random_.range(-static_cast<float>(pi), static_cast<float>(pi));
        entity.hp = static_cast<std::uint8_t>(1 + random_.below(100));
        entities_.push_back(sim.spawn(entity));
    }
    // Indexes lie as they came; who moves must not.
    for (std::uint32_t i = 0; i < options_.entities; ++i)
        std::swap(entities_[i], entities_[i + random_.below(options_.entities - i)]);
}

void Crowd::relieve() {
    const auto moving = static_cast<std::uint32_t>(movers_.size());
    const std::uint32_t resting = options_.entities - moving;
    for (std::uint32_t i = 0; i < moving / relieved_share; ++i) {
        const std::uint32_t tired = random_.below(moving);
        std::swap(entities_[tired], entities_[moving + random_.below(resting)]);
        movers_[tired] = {};
    }
}

void Crowd::move(Walker& entity, Mover& mover) {
    if (mover.turn_ticks_left-- <= 0) {
        mover.turn = static_cast<int>(random_.below(255)) - 127;
        mover.turn_ticks_left = 4 + static_cast<int>(random_.below(36));
    }
    double angle = double{entity.angle} + mover.turn / 127.0 * turn_max;
    entity.velocity_x = speed * static_cast<float>(std::cos(angle));
    entity.velocity_y = speed * static_cast<float>(std::sin(angle));
    entity.x += entity.velocity_x / tick_rate;
    entity.y += entity.velocity_y / tick_rate;
    if (mirror(entity.x)) {
        entity.velocity_x = -entity.velocity_x;
        angle = pi - angle;
    }
    if (mirror(entity.y)) {
        entity.velocity_y = -entity.velocity_y;
        angle = -angle;
    }
    entity.angle = static_cast<float>(std::remainder(angle, 2 * pi));
}

void Crowd::look(ServerSim& sim, PlayerId player, const Place& place) const {
    sim.interest().set_focus(player, (static_cast<float>(place.column) + 0.5F) * cell_size,
                             (static_cast<float>(place.row) + 0.5F) * cell_size);
}

void Crowd::walk(ServerSim& sim) {
    for (auto& [player, place] : places_) {
        if (random_.unit() >= steps_per_second / tick_rate) continue;
        std::uint32_t& way = random_.below(2) == 0 ? place.column : place.row;
        // Cells at the edge of the world have fewer neighbours.
        const bool forwards = way == 1 || (way != cells - 2 && random_.below(2) == 0);
        way = forwards ? way + 1 : way - 1;
        look(sim, player, place);
    }
}

}  // namespace tidewire::bench
