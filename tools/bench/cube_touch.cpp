// Contacts between two cubes.
#include "tools/bench/cube_touch.h"

namespace tidewire::bench {

namespace {

/// An edge contact must be better than the best face by this much, in metres: faces give steadier contacts.
constexpr double face_preference = 0.01;

struct Axis {
    Vec3 normal;
    double gap = -1e9;
    std::size_t first = 0;   // the axis of the first cube that made it
    std::size_t second = 0;  // likewise of the second
    enum class Kind { FirstFace, SecondFace, Edges } kind = Kind::FirstFace;
};

/// Points the axis out of the second cube.
Vec3 towards_first(const Vec3& n, const Vec3& between) { return dot(n, between) < 0 ? n * -1 : n; }

double gap_along(const Cube& a, const Cube& b, const Vec3& n) {
    return std::abs(dot(a.centre - b.centre, n)) - a.reach(n) - b.reach(n);
}

/// The axis of least overlap; its gap is above the margin as soon as one axis separates the cubes.
Axis best_axis(const Cube& a, const Cube& b, double margin) {
    Axis best;
    for (std::size_t i = 0; i < 6; ++i) {
        const bool of_first = i < 3;
        const Vec3& n = of_first ? a.axes[i] : b.axes[i - 3];
        const double gap = gap_along(a, b, n);
        if (gap > best.gap) best = {n, gap, i % 3, i % 3, of_first ? Axis::Kind::FirstFace : Axis::Kind::SecondFace};
        if (gap > margin) return best;
    }
    const double face_gap = best.gap;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            const Vec3 product = cross(a.axes[i], b.axes[j]);
            const double size = length(product);
            if (size < 1e-3) continue;  // parallel edges: a face covers them
            const Vec3 n = product * (1 / size);
            const double gap = gap_along(a, b, n);
            if (gap > best.gap && gap > face_gap + face_preference) best = {n, gap, i, j, Axis::Kind::Edges};
            if (gap > margin) return best.gap > margin ? best : Axis{n, gap, i, j, Axis::Kind::Edges};
        }
    }
    return best;
}

/// The middle of the edge along axis `skip` that lies farthest along the direction.
Vec3 edge_middle(const Cube& cube, const Vec3& direction, std::size_t skip) {
    Vec3 middle = cube.centre;
    for (std::size_t k = 0; k < 3; ++k)
        if (k != skip) middle += cube.axes[k] * (dot(direction, cube.axes[k]) < 0 ? -cube.half : cube.half);
    return middle;
}

/// Halfway between the closest points of the two edges.
Vec3 crossing(const Cube& a, const Cube& b, const Axis& axis, const Vec3& normal) {
    const Vec3 p = edge_middle(a, normal * -1, axis.first);
    const Vec3 q = edge_middle(b, normal, axis.second);
    const Vec3& u = a.axes[axis.first];
    const Vec3& v = b.axes[axis.second];
    const Vec3 between = p - q;
    const double uv = dot(u, v);
    const double determinant = 1 - uv * uv;
    const double s = (uv * dot(v, between) - dot(u, between)) / determinant;
    const double t = (dot(v, between) - uv * dot(u, between)) / determinant;
    return (p + u * s + q + v * t) * 0.5;
}

/// A convex polygon: a square and at most one more corner per clip.
struct Polygon {
    std::array<Vec3, 8> corners;
    std::size_t count = 0;
    void add(const Vec3& corner) {
        if (count < corners.size()) corners[count++] = corner;
    }
};

/// What of the polygon lies where dot(n, corner) <= limit.
Polygon clipped(const Polygon& polygon, const Vec3& n, double limit) {
    Polygon kept;
    for (std::size_t i = 0; i < polygon.count; ++i) {
        const Vec3& here = polygon.corners[i];
        const Vec3& next = polygon.corners[(i + 1) % polygon.count];
        const double here_over = dot(n, here) - limit;
        const double next_over = dot(n, next) - limit;
        if (here_over <= 0) kept.add(here);
        if ((here_over < 0 && next_over > 0) || (here_over > 0 && next_over < 0))
            kept.add(here + (next - here) * (here_over / (here_over - next_over)));
    }
    return kept;
}

/// The face of the cube that looks most against the normal.
Polygon face_against(const Cube& cube, const Vec3& normal) {
    std::size_t most = 0;
    for (std::size_t k = 1; k < 3; ++k)
        if (std::abs(dot(normal, cube.axes[k])) > std::abs(dot(normal, cube.axes[most]))) most = k;
    const double side = dot(normal, cube.axes[most]) > 0 ? -cube.half : cube.half;
    const Vec3 middle = cube.centre + cube.axes[most] * side;
    const Vec3 u = cube.axes[(most + 1) % 3] * cube.half;
    const Vec3 v = cube.axes[(most + 2) % 3] * cube.half;
    return {{middle + u + v, middle - u + v, middle - u - v, middle + u - v}, 4};
}

}  // namespace

void touch(const Cube& first, const Cube& second, double margin, std::vector<Touch>& touches) {
    touches.clear();
    const Axis axis = best_axis(first, second, margin);
    if (axis.gap > margin) return;
    const Vec3 normal = towards_first(axis.normal, first.centre - second.centre);
    if (axis.kind == Axis::Kind::Edges) {
        touches.push_back({crossing(first, second, axis, normal), normal, axis.gap});
        return;
    }
    const bool of_first = axis.kind == Axis::Kind::FirstFace;
    const Cube& reference = of_first ? first : second;
    const Vec3 outward = of_first ? normal * -1 : normal;
    Polygon polygon = face_against(of_first ? second : first, outward);
    for (std::size_t k = 0; k < 3; ++k) {
        if (k == axis.first) continue;
        const Vec3& side = reference.axes[k];
        const double middle = dot(side, reference.centre);
        polygon = clipped(polygon, side, middle + reference.half);
        polygon = clipped(polygon, side * -1, reference.half - middle);
    }
    const double surface = dot(outward, reference.centre) + reference.half;
    for (std::size_t i = 0; i < polygon.count; ++i) {
        const double gap = dot(outward, polygon.corners[i]) - surface;
        if (gap <= margin) touches.push_back({polygon.corners[i], normal, gap});
    }
}

}  // namespace tidewire::bench
