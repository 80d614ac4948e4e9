// Ways around the walls: Dijkstra's algorithm over a coarse grid, once per destination.
#include "samples/arena/routes.h"

#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "samples/arena/rules.h"

namespace arena {

namespace {

constexpr int cells = Routes::cells_across * Routes::cells_across;
constexpr float elbow_room = 4;

/// Calls visit(neighbour, cost) for the up to eight cells around one. Diagonals are left to the caller to judge.
template <class Visit>
void for_neighbours(int cell, Visit visit) {
    const int column = cell % Routes::cells_across;
    const int row = cell / Routes::cells_across;
    for (int y = -1; y <= 1; ++y) {
        for (int x = -1; x <= 1; ++x) {
            if (x == 0 && y == 0) continue;
            const int next_column = column + x;
            const int next_row = row + y;
            if (next_column < 0 || next_row < 0 || next_column >= Routes::cells_across ||
                next_row >= Routes::cells_across)
                continue;
            visit(next_row * Routes::cells_across + next_column, x != 0 && y != 0 ? 14 : 10);
        }
    }
}

}  // namespace

Routes::Routes() {
    free_.resize(static_cast<std::size_t>(cells), true);
    for (int cell = 0; cell < cells; ++cell)
        for (const Rect& wall : walls)
            if (circle_overlaps(centre_of(cell), body_radius + elbow_room, wall))
                free_[static_cast<std::size_t>(cell)] = false;

    for (const Vec2 destination : spawn_points) {
        const int goal = cell_of(destination);
        std::vector<int> cost(static_cast<std::size_t>(cells), std::numeric_limits<int>::max());
        Cells next(static_cast<std::size_t>(cells), static_cast<std::uint16_t>(goal));
        using Entry = std::pair<int, int>;  // cost, cell
        std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
        cost[static_cast<std::size_t>(goal)] = 0;
        open.push({0, goal});
        while (!open.empty()) {
            const auto [reached_at, cell] = open.top();
            open.pop();
            if (reached_at > cost[static_cast<std::size_t>(cell)]) continue;
            // Cells in a wall are reached, so that whoever touches one finds out, but never crossed.
            if (!free_[static_cast<std::size_t>(cell)]) continue;
            const int here = cell;
            for_neighbours(here, [&, at = reached_at](int neighbour, int step) {
                const bool diagonal = step == 14;
                const auto row_mate =
                    static_cast<std::size_t>(here / cells_across * cells_across + neighbour % cells_across);
                const auto column_mate =
                    static_cast<std::size_t>(neighbour / cells_across * cells_across + here % cells_across);
                if (diagonal && !(free_[row_mate] && free_[column_mate])) return;
                const auto index = static_cast<std::size_t>(neighbour);
                if (at + step >= cost[index]) return;
                cost[index] = at + step;
                next[index] = static_cast<std::uint16_t>(here);
                open.push({cost[index], neighbour});
            });
        }
        next_.push_back(std::move(next));
    }
}

Vec2 Routes::way(Vec2 position, std::uint32_t destination) const {
    const int cell = cell_of(position);
    const auto& next = next_[destination];
    const int first = next[static_cast<std::size_t>(cell)];
    // Where the next cell is free, one further smooths the corners of the grid away.
    const int second = next[static_cast<std::size_t>(first)];
    const Vec2 target = (centre_of(first) + centre_of(free_[static_cast<std::size_t>(cell)] ? second : first)) * 0.5F;
    const Vec2 way = target - position;
    const float distance = length(way);
    if (distance < 1 || cell == cell_of(spawn_points[destination])) return {};
    return way * (1 / distance);
}

int Routes::cell_of(Vec2 position) {
    const auto coordinate = [](float value) {
        return std::clamp(static_cast<int>(value) / cell_size, 0, cells_across - 1);
    };
    return coordinate(position.y) * cells_across + coordinate(position.x);
}

Vec2 Routes::centre_of(int cell) {
    return {(static_cast<float>(cell % cells_across) + 0.5F) * cell_size,
            (static_cast<float>(cell / cells_across) + 0.5F) * cell_size};
}

}  // namespace arena
