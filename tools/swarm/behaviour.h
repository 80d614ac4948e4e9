// What the clients of a swarm do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidewire::swarm {

enum class Behaviour : std::uint8_t {
    Wander,  ///< Moves and turns.
    Fight,   ///< Plays as well as it can by what it sees.
    Idle,    ///< Is there, and touches nothing: its inputs are neutral.
    Churn,   ///< Wanders for a random while, leaves, and comes back.
    Stall,   ///< Wanders, and now and then stands still for seconds: it reads nothing and says nothing.
};

/// By its name on the command line; empty when there is none of that name.
std::optional<Behaviour> find_behaviour(std::string_view name);
std::string_view name_of(Behaviour behaviour);
/// "wander, fight, …", for sentences.
std::string behaviour_names();

}  // namespace tidewire::swarm
