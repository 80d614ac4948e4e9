// The contexts of the entropy coder: each has a distribution of its own. First those of a body's structure, then a block for each
// model of a slot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sdk/core/replication/token.h"

namespace tidewire::replication {

/// What a number is of: 33 symbols, its length in bits.
enum class NumberOf : std::uint8_t { Arrivals, IndexGap, Generation, Owner, RecordBytes };
/// What a choice among rows is of: 3 symbols, none, all and some.
enum class RowsOf : std::uint8_t {
    Left,
    OwnerChanged,
    Removed,
    AddedToSpawned,
    AddedToOthers,
    Starting,
    RecordChanged
};
/// What is yes or no.
enum class FlagOf : std::uint8_t { Edited, Remembers, LeftForGroup, ArrivedFromGroup, RemembersMoved, RemembersStill };

namespace contexts {

inline constexpr std::uint32_t numbers = 0;
inline constexpr std::uint32_t rows = 8;
inline constexpr std::uint32_t flags = 16;
inline constexpr std::uint32_t again = 24;  // moves after it moved: by how fast and in how many slots
inline constexpr std::uint32_t again_count = 32;
inline constexpr std::uint32_t structure_count = again + again_count;

// Of one model. Magnitudes are told apart by their length in bits, 0 to 10.
inline constexpr std::uint32_t magnitudes = 11;
inline constexpr std::uint32_t levels = 4;
inline constexpr std::uint32_t started = magnitudes;     // did not move the last time
inline constexpr std::uint32_t broken = magnitudes + 1;  // the basis of a quaternion has changed: nothing is known
inline constexpr std::uint32_t changes = 0;
inline constexpr std::uint32_t added = changes + (magnitudes + 2) * levels;
inline constexpr std::uint32_t remembered = added + magnitudes * levels;
inline constexpr std::uint32_t guess_levels = 3;
inline constexpr std::uint32_t unguessed = remembered + magnitudes * guess_levels;  // nothing was known about the row
inline constexpr std::uint32_t model_count = unguessed + magnitudes;

constexpr std::uint32_t of(NumberOf what) { return numbers + static_cast<std::uint32_t>(what); }
constexpr std::uint32_t of(RowsOf what) { return rows + static_cast<std::uint32_t>(what); }
constexpr std::uint32_t of(FlagOf what) { return flags + static_cast<std::uint32_t>(what); }

/// How many contexts of a model differ in their level alone, of which the one at `in_model` is the first.
constexpr std::uint32_t levels_at(std::uint32_t in_model) {
    if (in_model < remembered) return levels;
    return in_model < unguessed ? guess_levels : 1;
}

/// How many symbols a context of the structure has.
constexpr std::size_t structure_symbols(std::uint32_t context) {
    if (context < rows) return 33;
    return context < flags ? 3 : 2;
}

constexpr std::uint32_t magnitude_class(std::int32_t value) {
    const std::uint32_t magnitude = token::magnitude(value);
    if (magnitude == 0) return 0;
    return std::min(token::octave(magnitude) + 1, magnitudes - 1);
}

/// How far off the last slot of the row was: slots of a row are surprised together.
constexpr std::uint32_t level_of(std::int32_t residual) {
    const std::uint32_t magnitude = token::magnitude(residual);
    return (magnitude > 0 ? 1U : 0U) + (magnitude > 1 ? 1U : 0U) + (magnitude > 4 ? 1U : 0U);
}

constexpr std::uint32_t change(std::uint32_t magnitude_class, std::uint32_t level) {
    return changes + magnitude_class * levels + level;
}
/// `repeats`: for how many rows the difference to the row before has been the same.
constexpr std::uint32_t addition(std::int32_t last_difference, std::uint32_t repeats) {
    return added + magnitude_class(last_difference) * levels + std::min(repeats, levels - 1);
}
constexpr std::uint32_t memory(std::uint32_t guess_class, std::uint32_t level) {
    return remembered + guess_class * guess_levels + std::min(level, guess_levels - 1);
}
/// The same where nothing was known: the slot before it in the row tells how fast the entity is.
constexpr std::uint32_t memory_unguessed(std::int32_t last_slot) { return unguessed + magnitude_class(last_slot); }

}  // namespace contexts

}  // namespace tidewire::replication
