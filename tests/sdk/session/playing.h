// A client in the middle of a game, for tests of its session.
#pragma once

#include <catch2/catch.hpp>

#include "tests/sdk/session/messages.h"
#include "tests/support/time.h"

namespace tidewire::test {

/// A client that plays, and the world that it is told of.
struct Playing {
    Source source;
    session::ClientSession session{schema(), {.player_name = "ann"}, at(0s)};

    Playing() {
        session.transport_opened(at(0s));
        session.receive(wire::encode(good_welcome()), at(10ms));
        sent(session);
        events(session);
        for (int i = 0; i < 5; ++i) {
            Entity entity(source.world, source.world.spawn(7));
            entity.set(model::Position{.x = static_cast<float>(i), .y = 2});
        }
        source.capture(10);
    }
    void take_keyframe() {
        session.receive(keyframe_message(10, source.keyframe_body(10)), at(20ms));
        REQUIRE(events(session).size() == 1);
    }
    /// Moves something and captures it.
    void step(Tick tick) {
        for (auto [entity, position] : View<model::Position>(source.world)) position.x += 1;
        source.capture(tick);
    }
};

}  // namespace tidewire::test
