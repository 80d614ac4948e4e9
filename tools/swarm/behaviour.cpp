// The names of what clients do.
#include "tools/swarm/behaviour.h"

#include <array>
#include <utility>

namespace tidewire::swarm {

namespace {

constexpr std::array<std::pair<std::string_view, Behaviour>, 5> names{{{"wander", Behaviour::Wander},
                                                                       {"fight", Behaviour::Fight},
                                                                       {"idle", Behaviour::Idle},
                                                                       {"churn", Behaviour::Churn},
                                                                       {"stall", Behaviour::Stall}}};

}  // namespace

std::optional<Behaviour> find_behaviour(std::string_view name) {
    for (const auto& [known, behaviour] : names)
        if (known == name) return behaviour;
    return std::nullopt;
}

std::string_view name_of(Behaviour behaviour) { return names[static_cast<std::size_t>(behaviour)].first; }

std::string behaviour_names() {
    std::string text;
    for (const auto& entry : names) text += (text.empty() ? "" : ", ") + std::string(entry.first);
    return text;
}

}  // namespace tidewire::swarm
