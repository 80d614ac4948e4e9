// How often a group's stream is told to a client: each class is a stream of its own with its own last snapshot.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tidewire/state.h"

namespace tidewire::replication {

enum class Rate : std::uint8_t { Full, Half, Quarter };
inline constexpr std::size_t rate_count = 3;

/// Ticks from one body to the next.
constexpr Tick period_of(Rate rate) { return Tick{1} << static_cast<unsigned>(rate); }

}  // namespace tidewire::replication
