// The first byte of every message and of every keyframe body: the kind in the high six bits, the coding in the low two.
#pragma once

#include <cstdint>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/refusal.h"

namespace tidewire::wire {

enum class Kind : std::uint8_t {
    Cold = 1,   ///< The union of Hello, Welcome, Goodbye, Ping and Pong.
    Tick = 2,   ///< Length, Tick table, bodies.
    Input = 3,  ///< The Input table.
    Body = 4,   ///< Not a message: a packed body of a group.
    Part = 5,   ///< Lane, numbers, and a piece of something larger.
};

enum class Coding : std::uint8_t {
    Stored = 0,
    Zstd = 1,
    ZstdDictionary = 2,  ///< Of bodies only: with the dictionary that Welcome names.
};

struct Envelope {
    Kind kind = Kind::Cold;
    Coding coding = Coding::Stored;
    friend bool operator==(const Envelope&, const Envelope&) = default;
};

constexpr std::byte to_byte(Envelope envelope) {
    return static_cast<std::byte>((static_cast<unsigned>(envelope.kind) << 2) | static_cast<unsigned>(envelope.coding));
}

/// Refuses kinds and codings that the protocol does not have.
inline Result<Envelope> parse_envelope(std::byte byte) {
    const unsigned value = std::to_integer<unsigned>(byte);
    const unsigned kind = value >> 2;
    const unsigned coding = value & 3;
    if (kind < static_cast<unsigned>(Kind::Cold) || kind > static_cast<unsigned>(Kind::Part))
        return refuse(Refusal::NotOurGrammar,
                      "The envelope names kind " + std::to_string(kind) + ", which " + "the protocol does not have.");
    if (coding > static_cast<unsigned>(Coding::ZstdDictionary))
        return refuse(Refusal::NotOurGrammar,
                      "The envelope names coding " + std::to_string(coding) + ", which the protocol does not have.");
    return Envelope{static_cast<Kind>(kind), static_cast<Coding>(coding)};
}

}  // namespace tidewire::wire
