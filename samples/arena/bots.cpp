// How the computer plays: it wanders from place to place, and when it sees somebody it circles, aims with an error and shoots.
#include "samples/arena/bots.h"

#include <algorithm>
#include <array>

#include "samples/arena/match.h"

namespace arena {

namespace {

// Units, radians, radians per second, seconds.
constexpr float sight = 620;
constexpr float distance_kept = 290;
constexpr float aim_error = 0.2F;
constexpr float turn_speed = 8;
constexpr float trigger_angle = 0.2F;

/// Chance that is renewed every `period` seconds, each bot at a moment of its own; `what` keeps different chances apart.
struct Mood {
    std::uint32_t bits;
    float progress;  // from 0 to 1 through this period
};
Mood mood(std::uint32_t index, std::uint32_t what, float period, tidewire::Tick tick, float dt,
          std::uint32_t later = 0) {
    const tidewire::Tick ticks = ticks_of(period, dt);
    const tidewire::Tick shifted = tick + mixed(index, what) % ticks;
    return {mixed(index * 16 + what, shifted / ticks + later),
            static_cast<float>(shifted % ticks) / static_cast<float>(ticks)};
}

/// A smooth error from -1 to 1.
float wobble(std::uint32_t index, std::uint32_t what, float period, tidewire::Tick tick, float dt) {
    const Mood now = mood(index, what, period, tick, dt);
    const float a = fraction(now.bits);
    const float b = fraction(mood(index, what, period, tick, dt, 1).bits);
    const float eased = now.progress * now.progress * (3 - 2 * now.progress);
    return (a + (b - a) * eased) * 2 - 1;
}

bool wall_between(Vec2 from, Vec2 to, float radius) {
    return std::any_of(walls.begin(), walls.end(),
                       [&](const Rect& wall) { return first_meeting(from, to, wall.grown(radius)).has_value(); });
}

bool blocked(Vec2 position) {
    return position.x < body_radius || position.y < body_radius || position.x > arena_size - body_radius ||
           position.y > arena_size - body_radius;
}

/// The nearest living fighter within sight that no wall hides. Looks at the three nearest only: that is what it costs.
const Sighting* nearest_visible(const Sighting& self, std::span<const Sighting> all) {
    struct Candidate {
        float distance_squared;
        const Sighting* fighter;
    };
    std::array<Candidate, 3> nearest{};
    nearest.fill({sight * sight, nullptr});
    for (const Sighting& other : all) {
        if (!other.alive || other.index == self.index) continue;
        Candidate candidate{length_squared(other.position - self.position), &other};
        for (Candidate& kept : nearest)
            if (candidate.distance_squared < kept.distance_squared) std::swap(candidate, kept);
    }
    for (const Candidate& candidate : nearest)
        if (candidate.fighter != nullptr && !wall_between(self.position, candidate.fighter->position, shot_radius))
            return candidate.fighter;
    return nullptr;
}

/// The keys that move this way: one of eight directions, or none.
void steer(Command& command, Vec2 way) {
    const float size = length(way);
    if (size < 0.01F) return;
    constexpr float sine_of_an_eighth = 0.3827F;
    const auto key = [size](float part) {
        return static_cast<std::int8_t>(part > size * sine_of_an_eighth    ? 1
                                        : part < -size * sine_of_an_eighth ? -1
                                                                           : 0);
    };
    command.move_x = key(way.x);
    command.move_y = key(way.y);
}

float turned(float from, float to, float dt) {
    return wrapped(from + std::clamp(wrapped(to - from), -turn_speed * dt, turn_speed * dt));
}

}  // namespace

Command Pilot::command(const Sighting& self, std::span<const Sighting> all, tidewire::Tick tick, float dt) const {
    if (!self.alive) {
        Command none{};
        none.aim = self.angle;
        return none;
    }
    const Sighting* target = nearest_visible(self, all);
    return target != nullptr ? fight(self, *target, tick, dt) : wander(self, tick, dt);
}

Command Pilot::fight(const Sighting& self, const Sighting& target, tidewire::Tick tick, float dt) const {
    const Vec2 to_target = target.position - self.position;
    const float distance = std::max(1.0F, length(to_target));
    const Vec2 ahead = to_target * (1 / distance);

    // It circles, one way for a while and then perhaps the other, nearer or farther as it pleases.
    const float side = mood(self.index, 1, 1.3F, tick, dt).bits % 2 == 0 ? 1.0F : -1.0F;
    const float kept = distance_kept * (1 + 0.4F * wobble(self.index, 2, 2.5F, tick, dt));
    const float approach = std::clamp((distance - kept) / 120, -1.0F, 1.0F);
    Vec2 way = ahead * approach + perpendicular(ahead) * side;
    const auto stuck = [&](Vec2 along) {
        const Vec2 soon = self.position + along * 45;
        return blocked(soon) || wall_between(self.position, soon, body_radius * 0.9F);
    };
    if (stuck(way)) way = ahead * approach - perpendicular(ahead) * side;
    if (stuck(way)) way = ahead * 0.8F + perpendicular(ahead) * (side * 0.2F);

    Command command{};
    steer(command, way);
    const Vec2 meeting = to_target + target.velocity * (distance / shot_speed);
    const float wanted = angle_of(meeting) + aim_error * wobble(self.index, 3, 0.45F, tick, dt);
    command.aim = turned(self.angle, wanted, dt);
    const bool holds_fire = mood(self.index, 4, 0.7F, tick, dt).bits % 4 == 0;
    command.fire = !holds_fire && std::abs(wrapped(wanted - command.aim)) < trigger_angle;
    return command;
}

Command Pilot::wander(const Sighting& self, tidewire::Tick tick, float dt) const {
    const std::uint32_t destination = mood(self.index, 5, 7.0F, tick, dt).bits % Routes::destination_count;
    const Vec2 way = routes_.way(self.position, destination);
    Command command{};
    steer(command, way);
    const float ahead = way == Vec2{} ? self.angle : angle_of(way);
    command.aim = turned(self.angle, ahead + 0.7F * wobble(self.index, 6, 1.1F, tick, dt), dt);
    return command;
}

}  // namespace arena
