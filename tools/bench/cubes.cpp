// The bot that drives through the field, and the recorder.
#include "tools/bench/cubes.h"

#include <algorithm>
#include <cmath>

#include "sdk/core/base/random.h"
#include "tools/bench/rigid_cubes.h"

namespace tidewire::bench {

namespace {

constexpr std::size_t side = 30;  // cubes per side of the field
constexpr double spacing = 1.1;   // metres from cube to cube
constexpr double player_half = 1.5;
constexpr double player_mass = 80;         // small cubes'; much less than by its size, or it would crush them
constexpr double blast_radius = 7;         // metres
constexpr double blast_speed_max = 9;      // of a cube that was right beside the player
constexpr std::uint32_t blast_steps = 10;  // between two in a calm field, on average
constexpr std::ptrdiff_t calm_min = 758;   // sleepers of a calm field; keeps about 100 cubes moving
constexpr int interacting_steps = 30;
constexpr double root_2 = 1.4142135623730951;

double uniform(SeededRandom& random, double low, double high) {
    return low + (high - low) * static_cast<double>(random.unit());
}

std::vector<Body> field() {
    std::vector<Body> bodies(1);
    bodies[0].half = player_half;
    bodies[0].mass = player_mass;
    const double edge = spacing * (static_cast<double>(side) - 1) / 2;
    bodies[0].position = {-edge - 3, 0, player_half};
    for (std::size_t i = 0; i < side * side; ++i) {
        Body body;
        body.position = {spacing * static_cast<double>(i % side) - edge, spacing * static_cast<double>(i / side) - edge,
                         body.half};
        body.asleep = true;
        bodies.push_back(body);
    }
    return bodies;
}

/// Steers from one way-point to the next, each a small cube's place: rolls or pushes, now and then jumps, and throws
/// what is around it when the field grows calm.
class Bot {
public:
    explicit Bot(std::uint64_t seed) : random_(seed) {}

    /// Call before each step. Returns the cubes that it throws, until the next call.
    const std::vector<std::size_t>& drive(std::vector<Body>& bodies) {
        Body& player = bodies[0];
        player.still_steps = 0;  // it never sleeps, not even when it is stuck
        Vec3 way = target_ - player.position;
        way.z = 0;
        if (steps_left_-- <= 0 || length(way) < 1) {
            choose(bodies);
            way = target_ - player.position;
            way.z = 0;
        }
        const Vec3 wanted = way * (speed_ / std::max(length(way), 0.1));
        const bool on_ground = player.position.z < player.half * 1.8;
        const double grip = on_ground ? 0.12 : 0.02;
        player.velocity += Vec3{wanted.x - player.velocity.x, wanted.y - player.velocity.y, 0} * grip;
        if (rolling_) player.angular += (cross({0, 0, 1}, wanted) * (1 / player.half) - player.angular) * grip;
        if (on_ground && random_.below(240) == 0) player.velocity.z = uniform(random_, 3, 6);
        const auto calm = std::count_if(bodies.begin(), bodies.end(), [](const Body& body) { return body.asleep; });
        thrown_.clear();
        if (calm > calm_min && random_.below(blast_steps) == 0) blast(bodies);
        return thrown_;
    }

private:
    /// Throws the cubes around the player outwards and up: a hit of the field at many places at once.
    void blast(std::vector<Body>& bodies) {
        for (std::size_t i = 1; i < bodies.size(); ++i) {
            Body& body = bodies[i];
            Vec3 away = body.position - bodies[0].position;
            away.z = 0;
            const double distance = length(away);
            if (distance > blast_radius || dot(body.velocity, body.velocity) > 4) continue;  // out of reach, or flying
            const double speed = blast_speed_max * (1 - distance / blast_radius);
            body.velocity += away * (speed / std::max(distance, 0.1)) + Vec3{0, 0, speed * uniform(random_, 0.3, 0.8)};
            body.angular += Vec3{uniform(random_, -1, 1), uniform(random_, -1, 1), uniform(random_, -1, 1)} * speed;
            body.asleep = false;
            body.still_steps = 0;
            thrown_.push_back(i);
        }
    }

    void choose(const std::vector<Body>& bodies) {
        // The most crowded of a few: whoever chased every stray cube would soon drive through emptiness.
        std::ptrdiff_t most = 0;
        for (int i = 0; i < 4; ++i) {
            const std::size_t candidate = 1 + random_.below(static_cast<std::uint32_t>(bodies.size() - 1));
            const std::ptrdiff_t crowd = cubes_around(bodies, bodies[candidate].position);
            if (crowd <= most) continue;
            most = crowd;
            target_ = bodies[candidate].position;
        }
        speed_ = uniform(random_, 8, 13);
        rolling_ = random_.below(2) != 0;
        steps_left_ = 60 + static_cast<int>(random_.below(180));
    }

    static std::ptrdiff_t cubes_around(const std::vector<Body>& bodies, const Vec3& place) {
        return std::count_if(bodies.begin(), bodies.end(), [&place](const Body& body) {
            const Vec3 away = body.position - place;
            return dot(away, away) < blast_radius * blast_radius;
        });
    }

    SeededRandom random_;
    std::vector<std::size_t> thrown_;
    Vec3 target_;
    double speed_ = 0;
    bool rolling_ = false;
    int steps_left_ = 0;
};

std::int32_t quantised(double value, double per_unit, double low, double high) {
    return static_cast<std::int32_t>(std::clamp(std::floor(value * per_unit + 0.5), low, high));
}

void record_rotation(const Rotation& q, std::vector<std::int32_t>& out) {
    const std::array<double, 4> parts = {q.x, q.y, q.z, q.w};
    std::size_t largest = 0;
    for (std::size_t i = 1; i < parts.size(); ++i)
        if (std::abs(parts[i]) > std::abs(parts[largest])) largest = i;
    out.push_back(static_cast<std::int32_t>(largest));
    const double sign = parts[largest] < 0 ? -1 : 1;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (i != largest) out.push_back(quantised((parts[i] * sign * root_2 + 1) / 2, 511, 0, 511));
}

void record(const Body& body, bool interacting, std::vector<std::int32_t>& out) {
    record_rotation(body.rotation, out);
    out.push_back(quantised(body.position.x, 512, -131072, 131071));
    out.push_back(quantised(body.position.y, 512, -131072, 131071));
    out.push_back(quantised(body.position.z, 512, 0, 16383));
    out.push_back(interacting ? 1 : 0);
}

}  // namespace

Trace make_cubes(std::uint64_t seed, std::size_t frames) {
    Trace trace{cube_rows, cube_columns, {}};
    trace.values.reserve(frames * trace.frame_values());
    RigidCubes world(field());
    Bot bot(seed);
    std::vector<int> interacting(cube_rows, 0);  // for how many more steps
    interacting[0] = 1;
    const std::vector<Body>& bodies = world.bodies();
    for (std::size_t frame = 0; frame < frames; ++frame) {
        for (std::size_t i = 0; i < bodies.size(); ++i)
            record(bodies[i], interacting[i] > 0 && !bodies[i].asleep, trace.values);
        for (std::size_t i = 1; i < interacting.size(); ++i) interacting[i] = std::max(0, interacting[i] - 1);
        for (const std::size_t thrown : bot.drive(world.bodies())) interacting[thrown] = interacting_steps;
        world.step();
        for (const auto& [first, second] : world.pairs())
            if (first == 0) interacting[second] = interacting_steps;
    }
    return trace;
}

}  // namespace tidewire::bench
