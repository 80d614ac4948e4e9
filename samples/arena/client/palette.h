// The colours of the arena: a dark floor, quiet walls, and fighters that stand out.
#pragma once

#include <array>
#include <cmath>

#include "samples/arena/client/canvas.h"

namespace arena::palette {

inline constexpr Color outside{10, 12, 17, 255};
inline constexpr Color floor{19, 23, 31, 255};
inline constexpr Color grid{27, 33, 44, 255};
inline constexpr Color grid_strong{36, 44, 58, 255};
inline constexpr Color border{92, 110, 140, 255};
inline constexpr Color wall{52, 63, 82, 255};
inline constexpr Color wall_light{86, 102, 130, 255};
inline constexpr Color wall_dark{34, 42, 56, 255};
inline constexpr Color shadow{0, 0, 0, 90};
inline constexpr Color shot{255, 214, 120, 255};
inline constexpr Color own_shot{150, 235, 255, 255};
inline constexpr Color flash{255, 226, 160, 255};
inline constexpr Color metal{196, 205, 220, 255};
inline constexpr Color ink{228, 234, 244, 255};
inline constexpr Color quiet_ink{138, 150, 172, 255};
inline constexpr Color accent{120, 220, 255, 255};
inline constexpr Color panel{8, 10, 15, 205};
inline constexpr Color panel_edge{44, 54, 72, 255};
inline constexpr Color healthy{110, 222, 140, 255};
inline constexpr Color hurt{240, 84, 84, 255};
inline constexpr Color warning{255, 196, 84, 255};

/// A colour for each graph, by its number.
inline Color trace(std::size_t number) {
    constexpr std::array<Color, 7> colors{{{120, 220, 255, 255},
                                           {255, 160, 110, 255},
                                           {190, 170, 255, 255},
                                           {110, 222, 140, 255},
                                           {255, 214, 120, 255},
                                           {240, 110, 130, 255},
                                           {140, 180, 255, 255}}};
    return colors[number % colors.size()];
}

/// A clear colour for each of 256 hues.
inline Color fighter(std::uint8_t hue) {
    const float turn = static_cast<float>(hue) / 256 * 6;
    const auto channel = [turn](float offset) {
        const float k = std::fmod(offset + turn, 6.0F);
        constexpr float saturation = 0.62F;
        constexpr float value = 0.98F;
        const float v = value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0F, 1.0F);
        return static_cast<std::uint8_t>(v * 255);
    };
    return {channel(5), channel(3), channel(1), 255};
}

}  // namespace arena::palette
