// The one map of the arena: its size, its walls and where fighters appear. Both ends compile the same list, so it is not sent.
#pragma once

#include <array>
#include <cstddef>

#include "samples/arena/geometry.h"

namespace arena {

inline constexpr float arena_size = 2000;

namespace detail {

/// The quarter of the map around the origin, mirrored into all four.
template <std::size_t N>
constexpr std::array<Rect, 4 * N> mirrored(const std::array<Rect, N>& quarter) {
    std::array<Rect, 4 * N> all{};
    for (std::size_t i = 0; i < N; ++i) {
        const Rect& r = quarter[i];
        const float far_x = arena_size - r.right();
        const float far_y = arena_size - r.bottom();
        all[4 * i] = r;
        all[4 * i + 1] = {far_x, r.y, r.width, r.height};
        all[4 * i + 2] = {r.x, far_y, r.width, r.height};
        all[4 * i + 3] = {far_x, far_y, r.width, r.height};
    }
    return all;
}

template <std::size_t N, std::size_t M>
constexpr std::array<Rect, N + M> joined(const std::array<Rect, N>& a, const std::array<Rect, M>& b) {
    std::array<Rect, N + M> all{};
    for (std::size_t i = 0; i < N; ++i) all[i] = a[i];
    for (std::size_t i = 0; i < M; ++i) all[N + i] = b[i];
    return all;
}

inline constexpr std::array<Rect, 6> quarter_walls = {{
    {240, 240, 280, 40},  // outer corner
    {240, 240, 40, 280},
    {600, 600, 220, 40},  // inner corner
    {600, 600, 40, 220},
    {700, 360, 80, 80},  // pillars
    {360, 700, 80, 80},
}};

inline constexpr std::array<Rect, 5> middle_walls = {{
    {940, 940, 120, 120},
    {980, 240, 40, 320},
    {980, 1440, 40, 320},
    {240, 980, 320, 40},
    {1440, 980, 320, 40},
}};

}  // namespace detail

inline constexpr auto walls = detail::joined(detail::middle_walls, detail::mirrored(detail::quarter_walls));

/// Fighters appear within `spawn_spread` of one of these.
inline constexpr float spawn_spread = 40;
inline constexpr std::array<Vec2, 20> spawn_points = {{
    {120, 120},  {620, 120},  {1380, 120},  {1880, 120},   // along the upper edge
    {120, 620},  {1880, 620}, {120, 1380},  {1880, 1380},  // along the sides
    {120, 1880}, {620, 1880}, {1380, 1880}, {1880, 1880},  // along the lower edge
    {400, 400},  {1600, 400}, {400, 1600},  {1600, 1600},  // in the outer corners
    {1000, 760}, {760, 1000}, {1240, 1000}, {1000, 1240},  // around the middle
}};

}  // namespace arena
