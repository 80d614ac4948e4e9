// Ways around the walls: for each of a few destinations, which way to go from anywhere. Computed once from the map.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "samples/arena/map.h"

namespace arena {

class Routes {
public:
    static constexpr int cell_size = 40;
    static constexpr int cells_across = static_cast<int>(arena_size) / cell_size;

    /// The destinations are the spawn points, which lie all over the map.
    Routes();

    static constexpr std::uint32_t destination_count = static_cast<std::uint32_t>(spawn_points.size());

    /// The direction, of length 1, from `position` towards a destination without walking into a wall.
    /// Zero when it is there. Precondition: destination < destination_count.
    Vec2 way(Vec2 position, std::uint32_t destination) const;

private:
    using Cells = std::vector<std::uint16_t>;

    static int cell_of(Vec2 position);
    static Vec2 centre_of(int cell);

    std::vector<bool> free_;   // a body fits at the cell's centre
    std::vector<Cells> next_;  // [destination][cell]: the neighbour that is nearer
};

}  // namespace arena
