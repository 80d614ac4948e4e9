// The rules of duel.fbs: one walks, and fires unless one's gun is jammed.
#pragma once

#include "duel.h"
#include "tidewire/rules.h"

namespace tidewire::test {

struct DuelRules {
    void operator()(Sim& sim, Entity entity, const duel::Move& move) const {
        auto& pos = entity.get<duel::Pos>();
        pos.x += static_cast<float>(move.dx) * 0.25F;
        if (pos.jammed > 0) --pos.jammed;
        if (move.fire && pos.jammed == 0) sim.emit(duel::Fired{.x = pos.x, .tick = sim.tick()});
    }
};

}  // namespace tidewire::test
