// A raw peer that plays as it should.
#pragma once

#include <functional>
#include <memory>

#include "tests/hostile/stage.h"

namespace tidewire::hostile {

/// A raw peer plays: it acknowledges every tick, answers Pings and gives an input for every tick.
/// `data` is the input's, as sdk/PROTOCOL.md has it.
struct Play {
    Tick newest = 0;          ///< The newest tick that came.
    std::uint64_t ticks = 0;  ///< Tick messages.
    std::uint64_t parts = 0;  ///< Bytes of parts.
    Bytes whole;              ///< What has come of a message in parts.
};
std::shared_ptr<Play> play(Stage& stage, RawPeer& peer, std::function<Bytes(Tick)> data);

}  // namespace tidewire::hostile
