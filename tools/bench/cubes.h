// The cubes trace: a bot steers a big cube through a field of 900 small ones, recorded at 60 Hz in the columns
// of Glenn Fiedler's "Networked Physics Data Compression Challenge" and the widths of his "Snapshot Compression"
// (gafferongames.com, 2015).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tools/bench/trace.h"

namespace tidewire::bench {

constexpr std::size_t cube_rows = 901;  ///< Row 0 is the player's cube.

/// The columns of a cube, in order.
enum class CubeColumn : std::uint8_t {
    OrientationLargest,  ///< 0 to 3: which of x, y, z, w is left out, made positive; 2 bits.
    OrientationA,        ///< The other three in order, [-1/sqrt 2, 1/sqrt 2] in 0 to 511; 9 bits each.
    OrientationB,
    OrientationC,
    PositionX,    ///< 1/512 m, -256 to 256 m; 18 bits, signed.
    PositionY,    ///< Likewise.
    PositionZ,    ///< 1/512 m, 0 to 32 m, up; 14 bits.
    Interacting,  ///< 1 for the player's cube, and for what it touched or threw in the last half second; 1 bit.
};

constexpr std::size_t cube_columns = 8;
constexpr std::array<unsigned, cube_columns> cube_widths = {2, 9, 9, 9, 18, 18, 14, 1};

/// Records `frames` frames of the field; the first shows it untouched. The same seed gives the same trace. About 100 of
/// the cubes change from one frame to the next; those at rest are constant.
Trace make_cubes(std::uint64_t seed, std::size_t frames);

}  // namespace tidewire::bench
