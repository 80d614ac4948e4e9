// A game whose every tick takes a known number of bytes: entities of noise, which no predictor and no code makes smaller.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/random.h"
#include "tidewire/game.h"

namespace tidewire::bench {

inline constexpr std::size_t noise_bytes = 50;  ///< Of one entity.

struct Noise {
    std::uint8_t bytes[noise_bytes] = {};
};
struct Nudge {
    std::int8_t dx = 0;
};
/// An event, which is never sent by the game itself.
struct Noted {
    std::uint32_t number = 0;
};

class PayloadGame {
public:
    /// In each tick all of this much state changes, and `still_bytes` beside it never do.
    PayloadGame(std::size_t state_bytes, std::uint64_t seed, std::size_t still_bytes = 0);
    PayloadGame(const PayloadGame&) = delete;
    PayloadGame& operator=(const PayloadGame&) = delete;

    const Game& game() const { return game_; }
    /// To be changed before a room is made of it.
    Game& game() { return game_; }

private:
    void fill(Noise& noise);

    std::size_t entities_;
    std::size_t still_entities_;
    SeededRandom random_;
    Game game_;
};

}  // namespace tidewire::bench

template <>
struct tidewire::ComponentIndex<tidewire::bench::Noise> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::InputIndex<tidewire::bench::Nudge> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::EventIndex<tidewire::bench::Noted> {
    static constexpr std::uint16_t value = 0;
};
