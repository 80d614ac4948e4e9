// The rules of the smallest game: they run on the server, and in the client's prediction.
#pragma once

#include "hello.h"

struct Rules {
    void operator()(tidewire::Sim& sim, tidewire::Entity e, const hello::Move& move) const {
        const float step = 3 * sim.dt();  // 3 units a second
        auto& pos = e.get<hello::Pos>();
        pos.x += static_cast<float>(move.dx) * step;
        pos.y += static_cast<float>(move.dy) * step;
    }
};
