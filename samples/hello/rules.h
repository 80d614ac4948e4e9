// The rules of the smallest game: they run on the server, and in the client's prediction.
#pragma once

#include "hello.h"

struct Rules {
    void operator()(tidewire::Sim&, tidewire::Entity e, const hello::Move& move) const {
        auto& pos = e.get<hello::Pos>();
        pos.x += static_cast<float>(move.dx) * 0.1F;
        pos.y += static_cast<float>(move.dy) * 0.1F;
    }
};
