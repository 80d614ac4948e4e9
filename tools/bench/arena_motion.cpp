// The rules of the arena's motion.
#include "tools/bench/arena_motion.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "sdk/core/base/random.h"

namespace tidewire::bench {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double position_quanta = 64;  // per unit
constexpr double velocity_quanta = 4;   // per unit per second
constexpr double angle_quanta = 4096 / (2 * pi);
constexpr double ticks_per_second = 30;
constexpr double world_size = 2000;      // units
constexpr double speed = 10;             // units per tick
constexpr double turn_max = 0.2;         // radians per tick, at full turn
constexpr int touch_distance = 10 * 64;  // quanta
constexpr int hp_max = 100;

/// An entity in quanta, as it is recorded and as the next tick finds it.
struct Entity {
    std::int32_t x = 0;
    std::int32_t y = 0;
    std::int32_t velocity_x = 0;
    std::int32_t velocity_y = 0;
    std::int32_t angle = 0;
    std::int32_t hp = hp_max;
    int turn = 0;             // -127 to 127, not recorded
    int turn_ticks_left = 0;  // until the bot changes its mind
};

std::int32_t quantised(double value, double quanta) {
    return static_cast<std::int32_t>(std::floor(value * quanta + 0.5));
}

/// Keeps a coordinate between the walls; whether it was mirrored.
bool mirror(double& coordinate) {
    if (coordinate >= 0 && coordinate <= world_size) return false;
    coordinate = coordinate < 0 ? -coordinate : 2 * world_size - coordinate;
    return true;
}

void round_velocity(Entity& entity, double velocity_x, double velocity_y) {
    entity.velocity_x = quantised(velocity_x * ticks_per_second, velocity_quanta);
    entity.velocity_y = quantised(velocity_y * ticks_per_second, velocity_quanta);
}

void move(Entity& entity) {
    double angle = entity.angle / angle_quanta + entity.turn / 127.0 * turn_max;
    double velocity_x = speed * std::cos(angle);
    double velocity_y = speed * std::sin(angle);
    double x = entity.x / position_quanta + velocity_x;
    double y = entity.y / position_quanta + velocity_y;
    if (mirror(x)) {
        velocity_x = -velocity_x;
        angle = pi - angle;
    }
    if (mirror(y)) {
        velocity_y = -velocity_y;
        angle = -angle;
    }
    entity.x = quantised(x, position_quanta);
    entity.y = quantised(y, position_quanta);
    round_velocity(entity, velocity_x, velocity_y);
    // In quanta the wrap to [-pi, pi) is exact.
    entity.angle = ((quantised(angle, angle_quanta) + 2048) & 4095) - 2048;
}

class Arena {
public:
    explicit Arena(const ArenaMotion& options)
        : options_(options), random_(options.seed), entities_(options.entities), order_(options.entities) {
        assert(options.changing <= options.entities);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        const auto positions = static_cast<std::uint32_t>(world_size * position_quanta) + 1;
        for (Entity& entity : entities_) {
            entity.x = static_cast<std::int32_t>(random_.below(positions));
            entity.y = static_cast<std::int32_t>(random_.below(positions));
            entity.angle = static_cast<std::int32_t>(random_.below(4096)) - 2048;
            entity.hp = 1 + static_cast<std::int32_t>(random_.below(hp_max));
        }
        for (std::size_t i = 0; i < options.changing; ++i) std::swap(order_[i], order_[i + below(order_.size() - i)]);
        for (std::size_t i = 0; i < options.changing; ++i) {
            Entity& mover = entities_[order_[i]];
            const double angle = mover.angle / angle_quanta;
            round_velocity(mover, speed * std::cos(angle), speed * std::sin(angle));
        }
    }

    void tick() {
        relieve();
        for (std::size_t i = 0; i < options_.changing; ++i) {
            Entity& mover = entities_[order_[i]];
            steer(mover);
            move(mover);
        }
        for (std::size_t i = 0; i < options_.changing; ++i) {
            Entity& mover = entities_[order_[i]];
            if (touches_another(mover)) mover.hp = mover.hp > 0 ? mover.hp - 1 : hp_max;
        }
    }

    void record(std::vector<std::int32_t>& out) const {
        for (const Entity& e : entities_) out.insert(out.end(), {e.x, e.y, e.velocity_x, e.velocity_y, e.angle, e.hp});
    }

private:
    std::size_t below(std::size_t bound) { return random_.below(static_cast<std::uint32_t>(bound)); }

    /// A fiftieth of the movers change places with as many at rest, nobody twice.
    void relieve() {
        const std::size_t movers = options_.changing;
        const std::size_t resting = order_.size() - movers;
        for (std::size_t i = 0; i < std::min(movers / 50, resting); ++i) {
            std::swap(order_[i], order_[i + below(movers - i)]);
            std::swap(order_[movers + i], order_[movers + i + below(resting - i)]);
            std::swap(order_[i], order_[movers + i]);
            Entity& stopped = entities_[order_[movers + i]];
            stopped.velocity_x = 0;
            stopped.velocity_y = 0;
            stopped.turn_ticks_left = 0;
        }
    }

    void steer(Entity& mover) {
        if (options_.straight || mover.turn_ticks_left-- > 0) return;
        mover.turn = static_cast<int>(random_.below(255)) - 127;
        mover.turn_ticks_left = 4 + static_cast<int>(random_.below(36));  // after this one: 5 to 40 in all
    }

    bool touches_another(const Entity& mover) const {
        for (const Entity& other : entities_) {
            const std::int64_t x = other.x - mover.x;
            const std::int64_t y = other.y - mover.y;
            if (&other != &mover && x * x + y * y <= touch_distance * touch_distance) return true;
        }
        return false;
    }

    ArenaMotion options_;
    SeededRandom random_;
    std::vector<Entity> entities_;
    std::vector<std::size_t> order_;  // the movers first
};

}  // namespace

Trace make_arena(const ArenaMotion& options, std::size_t frames) {
    Trace trace{options.entities, arena_columns, {}};
    trace.values.reserve(frames * trace.frame_values());
    Arena arena(options);
    for (std::size_t frame = 0; frame < frames; ++frame) {
        if (frame > 0) arena.tick();
        arena.record(trace.values);
    }
    return trace;
}

}  // namespace tidewire::bench
