// Smooth shapes and text on an SDL renderer, in pixels. Knows nothing of the game.
#pragma once

#include <SDL.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "samples/arena/geometry.h"

namespace arena {

struct Color {
    std::uint8_t r = 255;
    std::uint8_t g = 255;
    std::uint8_t b = 255;
    std::uint8_t a = 255;

    constexpr Color with_alpha(float alpha) const {
        return {r, g, b, static_cast<std::uint8_t>(std::clamp(alpha, 0.0F, 1.0F) * static_cast<float>(a))};
    }
    /// Towards another colour, 0 to 1; alpha stays.
    constexpr Color mixed_with(Color other, float share) const {
        const auto mix = [share](std::uint8_t from, std::uint8_t to) {
            return static_cast<std::uint8_t>(static_cast<float>(from) +
                                             (static_cast<float>(to) - static_cast<float>(from)) * share);
        };
        return {mix(r, other.r), mix(g, other.g), mix(b, other.b), a};
    }
};

/// A line that may taper in colour.
struct Stroke {
    Vec2 from;
    Vec2 to;
    float width = 1;
    Color at_from;
    Color at_to;
};

class Canvas {
public:
    /// `renderer` must outlive the canvas.
    explicit Canvas(SDL_Renderer& renderer);

    void clear(Color color);
    void rect(const Rect& area, Color color);
    void frame(const Rect& area, Color color);
    void disc(Vec2 centre, float radius, Color color);
    void ring(Vec2 centre, float radius, float width, Color color);
    /// Light that falls off from the centre, added to what is there.
    void glow(Vec2 centre, float radius, Color color);
    void stroke(const Stroke& stroke);
    /// `at` is the upper left corner; a letter is 5 by 7 times `scale` and may hang 2 below. What is not printable ASCII shows as '?'.
    void text(Vec2 at, std::string_view text, int scale, Color color);
    static float text_width(std::string_view text, int scale);
    static float text_height(int scale);

private:
    struct Destroy {
        void operator()(SDL_Texture* texture) const { SDL_DestroyTexture(texture); }
    };
    using Texture = std::unique_ptr<SDL_Texture, Destroy>;

    enum class Shape : std::uint8_t { Disc, Ring, Glow };
    /// Shapes are painted once per size, smooth at their edges, and then stamped.
    struct StampKey {
        Shape shape;
        int radius;  // in half pixels
        int width;
        auto operator<=>(const StampKey&) const = default;
    };
    void stamp(StampKey key, Vec2 centre, Color color);
    Texture paint(const StampKey& key);
    Texture texture_of(int width, int height, const std::vector<std::uint32_t>& argb);

    SDL_Renderer* renderer_;
    std::map<StampKey, Texture> stamps_;
    Texture font_;
};

}  // namespace arena
