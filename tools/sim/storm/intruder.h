// Somebody who does not play in a storm: bytes that no client of ours would send, or too few of them, and mostly no ear for the answers.
#pragma once

#include <cstdint>
#include <string_view>

#include "sdk/core/base/random.h"
#include "tools/sim/virtual_shards.h"

namespace tidewire::sim {

class Intruder {
public:
    enum class Kind : std::uint8_t {
        Mute,          ///< Opens a stream, and says nothing.
        Garbage,       ///< Says anything.
        Slowloris,     ///< A request at a byte a second.
        HalfFrame,     ///< A WebSocket, and then part of a frame.
        Garbled,       ///< A WebSocket, and then frames of anything.
        ForgedResume,  ///< Wants a session back by a token that nobody gave it.
        DeafPlayer,    ///< Joins, and takes nothing.
    };
    static constexpr std::uint32_t kinds = 7;
    static std::string_view name_of(Kind kind);

    /// It goes at `until`, if it is not sent away before.
    Intruder(Kind kind, LinePointer line, std::uint64_t seed, TimePoint until, TimePoint now);

    TimePoint next_instant() const;
    void turn(TimePoint now);
    /// Its end of the line is let go of, in order or not.
    void go();
    bool gone() const { return line_ == nullptr; }

private:
    void say(ByteSpan bytes, TimePoint now);

    SeededRandom random_;
    LinePointer line_;
    Bytes unsaid_;
    std::size_t said_ = 0;
    std::size_t greeting_ = 0;  // bytes of the request
    std::size_t pace_ = 0;  // bytes at once; 0: all
    Duration period_{0};
    TimePoint next_{};
    TimePoint until_;
    bool reads_ = true;
};

}  // namespace tidewire::sim
