// Bodies of every kind as a room sends them, each with what its reader knows then: the start of everything hostile.
#pragma once

#include <string>
#include <vector>

#include "sdk/core/replication/body.h"

namespace tidewire::replication::testing {

struct RealBody {
    const char* name;
    BodyKind kind;
    Coverage coverage;
    StreamState state;
    Snapshot base;
    Tick tick;
    Bytes body;
};

inline constexpr std::uint32_t real_entities_max = 150;

/// A delta, a catch-up, a keyframe and newcomers, public and private, at the end of some ticks of a GroupRoom.
std::vector<RealBody> real_bodies(const Codec& codec, std::uint64_t seed);

/// Reads `bytes` in the place of a real body's. What is accepted must be a state that the schema allows and that travels on like
/// any other; what is refused blames the peer in a sentence.
struct Reading {
    bool accepted = false;
    std::string trouble;  ///< Empty when all is well.
    std::string refusal;
};
Reading read_instead(const Codec& codec, const RealBody& real, ByteSpan bytes);

}  // namespace tidewire::replication::testing
