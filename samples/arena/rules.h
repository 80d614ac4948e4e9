// The rules that both ends run: what one command does to its fighter in one tick. What fighters do to each other (shots,
// hits, respawn, score) is the server's alone and stands in match.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "arena.h"
#include "samples/arena/geometry.h"
#include "samples/arena/map.h"

namespace arena {

// Units, units per second, units per second squared, seconds.
inline constexpr float body_radius = 18;
inline constexpr float run_speed = 280;
inline constexpr float acceleration = 2400;
inline constexpr float gun_cooldown = 0.2F;

/// The whole ticks that cover a duration.
inline tidewire::Tick ticks_of(float seconds, float dt) {
    return static_cast<tidewire::Tick>(std::max(1.0F, std::ceil(seconds / dt - 0.001F)));
}

struct Motion {
    Vec2 position{};
    Vec2 velocity{};
};

/// Moves a circle out of walls and back into the arena; what remains of its velocity runs along them.
inline Motion freed(Motion motion) {
    const auto stop_against = [&motion](Vec2 push) {
        const float depth_squared = length_squared(push);
        const float inward = dot(motion.velocity, push);
        motion.position = motion.position + push;
        if (inward < 0) motion.velocity = motion.velocity - push * (inward / depth_squared);
    };
    // The second pass settles corners, where leaving one wall enters another.
    for (int pass = 0; pass < 2; ++pass) {
        for (const Rect& wall : walls)
            if (const auto push = way_out(motion.position, body_radius, wall)) stop_against(*push);
    }
    const auto inside = [](float& position, float& velocity) {
        const float allowed = std::clamp(position, body_radius, arena_size - body_radius);
        if (allowed != position) velocity = 0;
        position = allowed;
    };
    inside(motion.position.x, motion.velocity.x);
    inside(motion.position.y, motion.velocity.y);
    return motion;
}

/// Moves a circle for `dt` seconds, sliding along walls. Its steps are shorter than half its radius, so no speed and no
/// tick rate carries it through a wall.
inline Motion moved(Motion motion, float dt) {
    const int steps = std::max(1, static_cast<int>(std::ceil(length(motion.velocity) * dt / (body_radius / 2))));
    for (int i = 0; i < steps; ++i) {
        motion.position = motion.position + motion.velocity * (dt / static_cast<float>(steps));
        motion = freed(motion);
    }
    return motion;
}

/// The velocity that a fighter has after `dt` seconds of pushing this way. Diagonals are no faster than straight lines.
inline Vec2 accelerated(Vec2 velocity, int move_x, int move_y, float dt) {
    Vec2 wanted{static_cast<float>(std::clamp(move_x, -1, 1)), static_cast<float>(std::clamp(move_y, -1, 1))};
    if (move_x != 0 && move_y != 0) wanted = wanted * std::numbers::sqrt2_v<float> * 0.5F;
    const Vec2 change = wanted * run_speed - velocity;
    const float most = acceleration * dt;
    const float size = length(change);
    return size <= most ? wanted * run_speed : velocity + change * (most / size);
}

inline bool gun_ready(const Gun& gun, tidewire::Tick now, float dt) {
    return gun.fired_tick == 0 || now - gun.fired_tick >= ticks_of(gun_cooldown, dt);
}

struct Rules {
    /// Entities without a body (a player owns its shots, too) ignore commands, and so do the dead.
    void operator()(tidewire::Sim& sim, tidewire::Entity entity, const Command& command) const {
        const auto* vitals = entity.find<Vitals>();
        auto* body = entity.find<Body>();
        auto* gun = entity.find<Gun>();
        if (vitals == nullptr || body == nullptr || gun == nullptr || vitals->hp == 0) return;

        if (std::isfinite(command.aim)) body->angle = wrapped(command.aim);
        const Vec2 velocity = accelerated({body->vx, body->vy}, command.move_x, command.move_y, sim.dt());
        const Motion motion = moved({{body->x, body->y}, velocity}, sim.dt());
        body->x = motion.position.x;
        body->y = motion.position.y;
        body->vx = motion.velocity.x;
        body->vy = motion.velocity.y;
        if (command.fire && gun_ready(*gun, sim.tick(), sim.dt())) gun->fired_tick = sim.tick();
    }
};

}  // namespace arena
