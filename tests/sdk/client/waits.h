// How tests of clients wait: bounded, never timed.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "sdk/net/system.h"
#include "tests/sdk/net/loopback.h"
#include "tidewire/client.h"

namespace tidewire::test {

/// Until it is so, by itself.
inline void await(const std::function<bool()>& done) {
    const TimePoint deadline = net::now() + net::patience;
    while (!done()) {
        REQUIRE(net::now() < deadline);
        std::this_thread::yield();
    }
}

/// Until the client plays and has something to show. `Game` is a Client.
template <class Game>
void join(Game& game) {
    await([&] {
        REQUIRE(game.update());
        return game.status() == ClientStatus::Playing && game.figures().snapshots > 0;
    });
}

}  // namespace tidewire::test
