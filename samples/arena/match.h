// What fighters do to each other, on the server: they keep apart, their shots fly and hit, the dead come back, kills count.
// Deterministic: chance comes from the seed, the tick and the entity's index.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "samples/arena/rules.h"

namespace arena {

// Hit points, units, units per second, seconds.
inline constexpr std::uint8_t hp_max = 100;
inline constexpr std::uint8_t shot_damage = 10;
inline constexpr float shot_speed = 900;
inline constexpr float shot_radius = 4;
inline constexpr float shot_lifetime = 1.1F;
inline constexpr float respawn_delay = 1.5F;
inline constexpr float spawn_protection = 1.5F;

/// Whoever just came to life cannot be hit for a moment.
inline bool is_protected(const Vitals& vitals, tidewire::Tick now, float dt) {
    return now - vitals.respawn_tick < ticks_of(spawn_protection, dt);
}

/// Well mixed bits from two numbers (the finisher of MurmurHash3): the arena's only chance.
constexpr std::uint32_t mixed(std::uint32_t a, std::uint32_t b) {
    std::uint32_t h = a * 0x9E3779B9U ^ (b + 0x7F4A7C15U) * 0x85EBCA6BU;
    h = (h ^ (h >> 16)) * 0x85EBCA6BU;
    h = (h ^ (h >> 13)) * 0xC2B2AE35U;
    return h ^ (h >> 16);
}

/// From 0 to 1, without 1.
constexpr float fraction(std::uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24F; }

struct FighterOptions {
    tidewire::PlayerId owner = 0;
    std::string_view name{};
    bool bot = false;
    std::uint64_t seed = 0;  ///< Of the match: where fighters come to life.
};

class Match {
public:
    /// A new fighter, far from the living ones. A dead handle when the world is full.
    tidewire::Entity join(const tidewire::Sim& sim, const FighterOptions& options);

    /// Instead: the fighters of a match of this seed are there already.
    void go_on(std::uint64_t seed) { seed_ = static_cast<std::uint32_t>(seed); }

    /// One tick, after every command of it.
    void advance(const tidewire::Sim& sim);

private:
    struct Fighter {
        tidewire::Entity entity;
        tidewire::PlayerId owner;
        Vec2 position;
        bool alive;
    };

    /// A living fighter's place in the order from left to right: whoever looks for near ones looks at few.
    struct Ordered {
        float x;
        std::uint32_t fighter;
    };

    void find_fighters(const tidewire::Sim& sim);
    void order_fighters();
    /// Those that stood from `left` to `right` when they were ordered.
    std::span<const Ordered> between(float left, float right) const;
    void keep_apart();
    void shoot(const tidewire::Sim& sim);
    void fly(const tidewire::Sim& sim);
    void hit(Fighter& victim, tidewire::PlayerId shooter, const tidewire::Sim& sim);
    void bring_back(const tidewire::Sim& sim);
    Vec2 spawn_place(std::uint32_t index, tidewire::Tick tick) const;

    std::uint32_t seed_ = 0;
    std::vector<Fighter> fighters_;  // of this tick; kept for its memory, as is
    std::vector<Ordered> ordered_;
};

}  // namespace arena
