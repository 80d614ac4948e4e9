// What a game brings to a swarm: its schema, its rules, and players that know how to play it.
#pragma once

#include <cstdint>
#include <memory>

#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/rules.h"
#include "tidewire/schema.h"

namespace tidewire::swarm {

/// What one client knows when an input is due.
struct Sight {
    const replication::Layout& layout;
    const replication::Snapshot& newest;
    PlayerId player;
    Tick tick;  ///< Of the newest state.
    float dt;   ///< Of a tick, in seconds.
};

/// One client's hands. Made, used and destroyed in one thread, another one for each.
class SwarmPlayer {
public:
    virtual ~SwarmPlayer() = default;
    /// Writes the input of this tick into an aggregate of SwarmGame::input_type(), which is all zeros. Cheap: thousands do it 30 times a
    /// second.
    virtual void steer(const Sight& sight, std::byte* input) = 0;
};

/// Asked by several threads at once, but for its making and its end.
class SwarmGame {
public:
    enum class Manner : std::uint8_t { Wander, Fight };

    virtual ~SwarmGame() = default;
    /// Lives as long as the program.
    virtual const SchemaInfo& schema() const = 0;
    /// Of clients that predict.
    virtual ApplyInput rules() const = 0;
    /// Of what steer() writes: its place in SchemaInfo::inputs.
    virtual std::uint16_t input_type() const { return 0; }
    /// The same seed plays the same in the same world.
    virtual std::unique_ptr<SwarmPlayer> make_player(Manner manner, std::uint64_t seed) const = 0;
};

}  // namespace tidewire::swarm
