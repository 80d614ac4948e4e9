// Where the picture looks: arena units to pixels and back.
#pragma once

#include <algorithm>
#include <cmath>

#include "samples/arena/client/options.h"
#include "samples/arena/map.h"

namespace arena {

struct Camera {
    Rect screen;  ///< The part of the window that shows the arena, in pixels.
    Vec2 centre{arena_size / 2, arena_size / 2};
    float zoom = 1;  ///< Pixels per unit.

    /// Pixels per unit of fighters and shots: from far away they are drawn a little larger than they are, to be seen at all.
    float figure_zoom() const { return std::max(zoom, 0.5F); }
    Vec2 to_screen(Vec2 p) const { return (p - centre) * zoom + middle(); }
    Vec2 to_arena(Vec2 p) const { return (p - middle()) * (1 / zoom) + centre; }
    Rect to_screen(const Rect& r) const {
        const Vec2 corner = to_screen(Vec2{r.x, r.y});
        return {corner.x, corner.y, r.width * zoom, r.height * zoom};
    }
    bool sees(Vec2 p, float around) const { return screen.grown(around * zoom).contains(to_screen(p)); }

    /// Moves on by `seconds` after `target`; the first call jumps there.
    void follow(Vec2 target, float seconds) {
        constexpr float units_seen = 1150;  // the geometric mean of width and height, so that no window shape sees more
        constexpr float margin = 70;
        zoom = std::sqrt(screen.width * screen.height) / units_seen;
        constexpr float haste = 10;
        centre = following_ ? centre + (target - centre) * (1 - std::exp(-haste * seconds)) : target;
        following_ = true;
        const auto kept_inside = [](float at, float half_seen) {
            const float least = half_seen - margin;
            return least > arena_size / 2 ? arena_size / 2 : std::clamp(at, least, arena_size - least);
        };
        centre = {kept_inside(centre.x, screen.width / 2 / zoom), kept_inside(centre.y, screen.height / 2 / zoom)};
    }
    void show_all() {
        constexpr float margin = 24;
        zoom = std::min(screen.width, screen.height) / (arena_size + 2 * margin);
        centre = {arena_size / 2, arena_size / 2};
        following_ = false;
    }

private:
    Vec2 middle() const { return {screen.x + screen.width / 2, screen.y + screen.height / 2}; }

    bool following_ = false;
};

}  // namespace arena
