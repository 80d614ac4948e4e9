// Sparks where shots end and bursts where fighters die: seen by comparing scenes, never sent. For the eye alone.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "samples/arena/client/scene.h"

namespace arena {

struct Effect {
    enum class Kind : std::uint8_t { Spark, Burst };
    Kind kind = Kind::Spark;
    Vec2 position{};
    std::uint8_t hue = 0;  ///< Of a burst.
    float age = 0;         ///< Seconds.
    float lifetime = 0;    ///< Seconds.

    float progress() const { return age / lifetime; }
};

class Effects {
public:
    void update(const Scene& scene, float seconds);
    std::span<const Effect> shown() const { return shown_; }

private:
    std::vector<Effect> shown_;
    std::map<std::uint32_t, SeenShot> shots_;  // by index, of the scene before
    std::map<std::uint32_t, bool> alive_;      // by index, of the scene before
};

}  // namespace arena
