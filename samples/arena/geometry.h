// Points, rectangles and the few questions that the arena asks of them. Knows nothing of fighters, shots or the map.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace arena {

struct Vec2 {
    float x = 0;
    float y = 0;

    friend constexpr Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
    friend constexpr Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
    friend constexpr Vec2 operator*(Vec2 a, float factor) { return {a.x * factor, a.y * factor}; }
    friend constexpr bool operator==(Vec2, Vec2) = default;
};

constexpr float dot(Vec2 a, Vec2 b) { return a.x * b.x + a.y * b.y; }
constexpr float length_squared(Vec2 a) { return dot(a, a); }
inline float length(Vec2 a) { return std::sqrt(length_squared(a)); }
inline Vec2 direction(float angle) { return {std::cos(angle), std::sin(angle)}; }
inline float angle_of(Vec2 a) { return std::atan2(a.y, a.x); }
/// A quarter turn, clockwise on the screen.
constexpr Vec2 perpendicular(Vec2 a) { return {-a.y, a.x}; }

/// The same direction within half a turn of 0.
inline float wrapped(float angle) { return std::remainder(angle, 2 * std::numbers::pi_v<float>); }

struct Rect {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;

    constexpr float right() const { return x + width; }
    constexpr float bottom() const { return y + height; }
    constexpr Rect grown(float by) const { return {x - by, y - by, width + 2 * by, height + 2 * by}; }
    constexpr Vec2 nearest(Vec2 p) const { return {std::clamp(p.x, x, right()), std::clamp(p.y, y, bottom())}; }
    constexpr bool contains(Vec2 p) const { return p.x > x && p.x < right() && p.y > y && p.y < bottom(); }
};

constexpr bool circle_overlaps(Vec2 centre, float radius, const Rect& rect) {
    return length_squared(centre - rect.nearest(centre)) < radius * radius;
}

/// The way out of a rectangle for a circle that overlaps it: the shortest move after which both just touch.
/// Empty when they do not overlap.
inline std::optional<Vec2> way_out(Vec2 centre, float radius, const Rect& rect) {
    const Vec2 away = centre - rect.nearest(centre);
    const float distance_squared = length_squared(away);
    if (distance_squared >= radius * radius) return std::nullopt;
    if (distance_squared > 0) {
        const float distance = std::sqrt(distance_squared);
        return away * ((radius - distance) / distance);
    }
    const float left = centre.x - rect.x;
    const float right = rect.right() - centre.x;
    const float up = centre.y - rect.y;
    const float down = rect.bottom() - centre.y;
    const float least = std::min({left, right, up, down});
    if (least == left) return Vec2{-left - radius, 0};
    if (least == right) return Vec2{right + radius, 0};
    if (least == up) return Vec2{0, -up - radius};
    return Vec2{0, down + radius};
}

/// How far along the segment, from 0 to 1, it first meets the rectangle; 0 when it begins inside.
inline std::optional<float> first_meeting(Vec2 from, Vec2 to, const Rect& rect) {
    const Vec2 way = to - from;
    float enter = 0;
    float leave = 1;
    const auto slab = [&](float start, float change, float low, float high) {
        if (change == 0) return start >= low && start <= high;
        float first = (low - start) / change;
        float second = (high - start) / change;
        if (first > second) std::swap(first, second);
        enter = std::max(enter, first);
        leave = std::min(leave, second);
        return enter <= leave;
    };
    if (!slab(from.x, way.x, rect.x, rect.right()) || !slab(from.y, way.y, rect.y, rect.bottom())) return std::nullopt;
    return enter;
}

/// The same for a circle.
inline std::optional<float> first_meeting(Vec2 from, Vec2 to, Vec2 centre, float radius) {
    const Vec2 way = to - from;
    const Vec2 start = from - centre;
    const float outside = length_squared(start) - radius * radius;
    if (outside <= 0) return 0.0F;
    const float a = length_squared(way);
    const float b = dot(start, way);
    if (a == 0 || b >= 0) return std::nullopt;
    const float discriminant = b * b - a * outside;
    if (discriminant < 0) return std::nullopt;
    const float t = (-b - std::sqrt(discriminant)) / a;
    if (t > 1) return std::nullopt;
    return t;
}

}  // namespace arena
