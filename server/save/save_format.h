// A saved room as the bytes of a file.
//
//     file = "TWSV", version, 3 zeros, schema hash (8), FNV-1a of all that follows (8), zstd frame of the tables of saved.fbs
//
// The world is the keyframes that a client with a view of everything would get, by code tables that go with them, so a later version of the
// SDK reads them as well. Integers are little-endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/layout.h"
#include "server/save/saved_game.h"
#include "tidewire/result.h"

namespace tidewire::server {

inline constexpr std::array<std::byte, 4> save_magic = {std::byte{'T'}, std::byte{'W'}, std::byte{'S'}, std::byte{'V'}};
inline constexpr std::uint8_t save_version = 1;
inline constexpr std::size_t save_head_bytes = 24;

struct SaveLimits {
    /// Before compression. What a machine writes, and reads again, in a few seconds: bulk transfers that wait are most of it.
    std::size_t content_bytes_max = 512 * 1024 * 1024;
    std::uint32_t entities_max = 8192;  ///< Of the room that it is for.
};

/// Errors: it would be larger than a reader takes.
Result<Bytes> encode_save(const SavedGame& game, const replication::Layout& layout, const SaveLimits& limits);
/// Errors say in a sentence why these bytes are no room of this layout within these limits: not a save, of a newer version, of another
/// schema, damaged or cut off.
Result<SavedGame> parse_save(ByteSpan file, const replication::Layout& layout, const SaveLimits& limits);

/// What a room takes for granted of values that were read. Errors as parse_save().
Result<void> check_save(const SavedGame& game, const replication::Layout& layout, const SaveLimits& limits);

}  // namespace tidewire::server
