// Vectors and rotations of the cubes, in doubles and without transcendental functions: the same on every machine.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace tidewire::bench {

struct Vec3 {
    double x = 0;
    double y = 0;
    double z = 0;
};

inline Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(const Vec3& a, double s) { return {a.x * s, a.y * s, a.z * s}; }
inline Vec3& operator+=(Vec3& a, const Vec3& b) { return a = a + b; }
inline Vec3& operator-=(Vec3& a, const Vec3& b) { return a = a - b; }
inline double dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(const Vec3& a, const Vec3& b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(const Vec3& a) { return std::sqrt(dot(a, a)); }

/// A unit quaternion: a rotation.
struct Rotation {
    double x = 0;
    double y = 0;
    double z = 0;
    double w = 1;
};

/// The rotation after turning with the angular velocity (radians per second) for `seconds`, to first order.
inline Rotation turned(const Rotation& q, const Vec3& angular, double seconds) {
    const Vec3 h = angular * (0.5 * seconds);
    Rotation r{q.x + h.x * q.w + h.y * q.z - h.z * q.y, q.y + h.y * q.w + h.z * q.x - h.x * q.z,
               q.z + h.z * q.w + h.x * q.y - h.y * q.x, q.w - h.x * q.x - h.y * q.y - h.z * q.z};
    const double scale = 1 / std::sqrt(r.x * r.x + r.y * r.y + r.z * r.z + r.w * r.w);
    return {r.x * scale, r.y * scale, r.z * scale, r.w * scale};
}

/// Where the rotation takes the three axes.
inline std::array<Vec3, 3> axes_of(const Rotation& q) {
    return {Vec3{1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y + q.z * q.w), 2 * (q.x * q.z - q.y * q.w)},
            Vec3{2 * (q.x * q.y - q.z * q.w), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z + q.x * q.w)},
            Vec3{2 * (q.x * q.z + q.y * q.w), 2 * (q.y * q.z - q.x * q.w), 1 - 2 * (q.x * q.x + q.y * q.y)}};
}

}  // namespace tidewire::bench
