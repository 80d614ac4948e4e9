// Sparks where shots end and bursts where fighters die.
#include "samples/arena/client/effects.h"

#include <utility>

namespace arena {

namespace {

constexpr float spark_seconds = 0.25F;
constexpr float burst_seconds = 0.6F;

/// A shot vanishes up to a tick before what it met: the point where it met it.
Vec2 end_of(const SeenShot& shot, const Scene& scene) {
    const Vec2 far = shot.position + shot.velocity * (1.5F * scene.dt);
    float nearest = 1;
    for (const Rect& wall : walls)
        if (const auto t = first_meeting(shot.position, far, wall)) nearest = std::min(nearest, *t);
    for (const SeenFighter& fighter : scene.fighters)
        if (const auto t = first_meeting(shot.position, far, fighter.position, body_radius))
            nearest = std::min(nearest, *t);
    const Vec2 end = shot.position + (far - shot.position) * nearest;
    return {std::clamp(end.x, 0.0F, arena_size), std::clamp(end.y, 0.0F, arena_size)};
}

}  // namespace

void Effects::update(const Scene& scene, float seconds) {
    for (Effect& effect : shown_) effect.age += seconds;
    std::erase_if(shown_, [](const Effect& effect) { return effect.age >= effect.lifetime; });

    std::map<std::uint32_t, SeenShot> shots;
    for (const SeenShot& shot : scene.shots) shots[shot.id.index] = shot;
    for (const auto& [index, shot] : shots_) {
        const auto still = shots.find(index);
        if (still == shots.end() || still->second.id != shot.id)
            shown_.push_back({.kind = Effect::Kind::Spark, .position = end_of(shot, scene), .lifetime = spark_seconds});
    }
    shots_ = std::move(shots);

    std::map<std::uint32_t, bool> alive;
    for (const SeenFighter& fighter : scene.fighters) {
        alive[fighter.index] = fighter.alive();
        const auto before = alive_.find(fighter.index);
        if (before != alive_.end() && before->second && !fighter.alive())
            shown_.push_back({.kind = Effect::Kind::Burst,
                              .position = fighter.position,
                              .hue = fighter.hue,
                              .lifetime = burst_seconds});
    }
    alive_ = std::move(alive);
}

}  // namespace arena
