// What there is to see at one moment, taken from the network client: plain data for whoever draws, sounds or plays by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/arena/rules.h"
#include "tidewire/client.h"

namespace arena {

using Net = tidewire::Client<Schema, Rules>;

struct SeenFighter {
    std::uint32_t index = 0;  ///< Of its entity.
    tidewire::PlayerId player = 0;
    Vec2 position{};
    Vec2 velocity{};
    float angle = 0;
    int hp = 0;
    float respawn_in = 0;     ///< Seconds; 0 while alive.
    float since_spawn = 0;    ///< Seconds; 0 while dead.
    float since_shot = 1e9F;  ///< Seconds.
    int kills = 0;
    int deaths = 0;
    std::uint8_t hue = 0;
    bool own = false;
    std::string name{};

    bool alive() const { return hp > 0; }
};

struct SeenShot {
    tidewire::EntityId id{};
    Vec2 position{};
    Vec2 velocity{};
    bool own = false;
};

struct Scene {
    tidewire::ClientStatus status = tidewire::ClientStatus::Connecting;
    double draw_tick = 0;
    float dt = 1.0F / 30;  ///< Of a tick, in seconds.
    std::vector<SeenFighter> fighters;
    std::vector<SeenShot> shots;

    /// Null while one has no fighter.
    const SeenFighter* own() const;
    /// With the most kills, of two the first. Null while there is none.
    const SeenFighter* best() const;
};

Scene scene_of(Net& net);

}  // namespace arena
