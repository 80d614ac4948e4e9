// The rules of storm_game.fbs: one walks.
#pragma once

#include "storm_game.h"
#include "tidewire/rules.h"

namespace tidewire::sim {

struct StormRules {
    void operator()(Sim&, Entity entity, const storm::Move& move) const {
        auto* const pos = entity.find<storm::Pos>();
        if (pos == nullptr) return;
        pos->x += static_cast<float>(move.dx) * 0.5F;
        pos->y += static_cast<float>(move.dy) * 0.5F;
    }
};

inline ApplyInput storm_rules() { return to_apply_input(StormRules{}, storm::Schema::Inputs{}); }

}  // namespace tidewire::sim
