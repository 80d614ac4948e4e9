// Where two cubes touch: separating axes, and the clipped face or the crossing edges of the best one.
// (Gottschalk, Lin, Manocha 1996 for the axes; Sutherland, Hodgman 1974 for the clipping.)
#pragma once

#include <array>
#include <vector>

#include "tools/bench/vec3.h"

namespace tidewire::bench {

/// A cube in space.
struct Cube {
    Vec3 centre;
    std::array<Vec3, 3> axes;
    double half = 0;  ///< Half an edge, in metres.

    /// Half the extent along a unit vector.
    double reach(const Vec3& n) const {
        return half * (std::abs(dot(n, axes[0])) + std::abs(dot(n, axes[1])) + std::abs(dot(n, axes[2])));
    }
};

/// One point of a contact.
struct Touch {
    Vec3 point;
    Vec3 normal;     ///< Unit length, out of the second cube into the first.
    double gap = 0;  ///< Metres along the normal; negative when the cubes overlap.
};

/// Replaces `touches` by the points, at most eight, where the cubes are closer than `margin`.
void touch(const Cube& first, const Cube& second, double margin, std::vector<Touch>& touches);

}  // namespace tidewire::bench
