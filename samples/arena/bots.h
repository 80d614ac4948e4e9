// How the computer plays: one command from what a fighter sees. Used by the server's bots and by the client's --autoplay.
#pragma once

#include <cstdint>
#include <span>

#include "samples/arena/routes.h"
#include "samples/arena/rules.h"

namespace arena {

/// A fighter as others see it.
struct Sighting {
    std::uint32_t index = 0;  ///< Of its entity.
    Vec2 position{};
    Vec2 velocity{};
    float angle = 0;
    bool alive = true;
};

class Pilot {
public:
    /// What `self` does at this tick. `all` may contain itself. A pure function of its arguments: moods come from the tick
    /// and the index, so that equal worlds make equal bots.
    Command command(const Sighting& self, std::span<const Sighting> all, tidewire::Tick tick, float dt) const;

private:
    Command fight(const Sighting& self, const Sighting& target, tidewire::Tick tick, float dt) const;
    Command wander(const Sighting& self, tidewire::Tick tick, float dt) const;

    Routes routes_;
};

}  // namespace arena
