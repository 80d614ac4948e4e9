// Smooth shapes and text on an SDL renderer, in pixels.
#include "samples/arena/client/canvas.h"

#include <array>
#include <cmath>

#include "samples/arena/client/font.h"

namespace arena {

namespace {

constexpr std::size_t stamps_max = 512;
constexpr int glyph_advance = glyph_width + 1;
constexpr int glyph_count = glyph_last - glyph_first + 1;

int half_pixels(float pixels) { return std::max(1, static_cast<int>(std::lround(pixels * 2))); }

std::uint32_t white(float alpha) {
    return static_cast<std::uint32_t>(std::lround(std::clamp(alpha, 0.0F, 1.0F) * 255)) << 24 | 0x00FFFFFFU;
}

/// The glyph of each character (code point, as far as UTF-8 goes) of a text, in order.
template <class Visit>
int for_glyphs(std::string_view text, Visit visit) {
    int count = 0;
    for (const char character : text) {
        if ((static_cast<unsigned char>(character) & 0xC0U) == 0x80U) continue;  // the rest of a longer character
        const bool printable = character >= glyph_first && character <= glyph_last;
        visit(count++, (printable ? character : '?') - glyph_first);
    }
    return count;
}

}  // namespace

Canvas::Canvas(SDL_Renderer& renderer) : renderer_(&renderer) {
    constexpr int width = glyph_count * glyph_advance;
    std::vector<std::uint32_t> pixels(static_cast<std::size_t>(width * glyph_height), white(0));
    for (int glyph = 0; glyph < glyph_count; ++glyph)
        for (int y = 0; y < glyph_height; ++y)
            for (int x = 0; x < glyph_width; ++x)
                if ((font[static_cast<std::size_t>(glyph)][static_cast<std::size_t>(y)] >> (glyph_width - 1 - x) & 1) !=
                    0)
                    pixels[static_cast<std::size_t>(y * width + glyph * glyph_advance + x)] = white(1);
    font_ = texture_of(width, glyph_height, pixels);
    SDL_SetTextureScaleMode(font_.get(), SDL_ScaleModeNearest);
}

void Canvas::clear(Color color) {
    SDL_SetRenderDrawColor(renderer_, color.r, color.g, color.b, 255);
    SDL_RenderClear(renderer_);
}

void Canvas::rect(const Rect& area, Color color) {
    SDL_SetRenderDrawColor(renderer_, color.r, color.g, color.b, color.a);
    const SDL_FRect target{area.x, area.y, area.width, area.height};
    SDL_RenderFillRectF(renderer_, &target);
}

void Canvas::frame(const Rect& area, Color color) {
    rect({area.x, area.y, area.width, 1}, color);
    rect({area.x, area.bottom() - 1, area.width, 1}, color);
    rect({area.x, area.y + 1, 1, area.height - 2}, color);
    rect({area.right() - 1, area.y + 1, 1, area.height - 2}, color);
}

void Canvas::disc(Vec2 centre, float radius, Color color) {
    stamp({.shape = Shape::Disc, .radius = half_pixels(radius), .width = 0}, centre, color);
}

void Canvas::ring(Vec2 centre, float radius, float width, Color color) {
    stamp({.shape = Shape::Ring, .radius = half_pixels(radius), .width = half_pixels(width)}, centre, color);
}

void Canvas::glow(Vec2 centre, float radius, Color color) {
    stamp({.shape = Shape::Glow, .radius = half_pixels(radius), .width = 0}, centre, color);
}

void Canvas::stroke(const Stroke& stroke) {
    const Vec2 way = stroke.to - stroke.from;
    const float size = length(way);
    if (size < 0.01F) return;
    const Vec2 across = perpendicular(way * (1 / size));
    // Four lines along the stroke: clear, full, full, clear. The outer pixel on each side fades and makes the edge smooth.
    const float core = std::max(0.0F, stroke.width / 2 - 0.5F);
    const float fade = core + 1;
    const float strength = std::min(1.0F, stroke.width);
    const std::array<float, 4> offsets = {-fade, -core, core, fade};
    std::array<SDL_Vertex, 8> vertices{};
    for (std::size_t i = 0; i < 4; ++i) {
        const float alpha = i == 0 || i == 3 ? 0.0F : strength;
        const auto vertex = [&](Vec2 end, Color color) {
            const Vec2 at = end + across * offsets[i];
            const Color faded = color.with_alpha(alpha);
            return SDL_Vertex{{at.x, at.y}, {faded.r, faded.g, faded.b, faded.a}, {0, 0}};
        };
        vertices[2 * i] = vertex(stroke.from, stroke.at_from);
        vertices[2 * i + 1] = vertex(stroke.to, stroke.at_to);
    }
    static constexpr std::array<int, 18> triangles = {0, 1, 2, 1, 3, 2, 2, 3, 4, 3, 5, 4, 4, 5, 6, 5, 7, 6};
    SDL_RenderGeometry(renderer_, nullptr, vertices.data(), static_cast<int>(vertices.size()), triangles.data(),
                       static_cast<int>(triangles.size()));
}

void Canvas::text(Vec2 at, std::string_view text, int scale, Color color) {
    SDL_SetTextureColorMod(font_.get(), color.r, color.g, color.b);
    SDL_SetTextureAlphaMod(font_.get(), color.a);
    const int left = static_cast<int>(std::lround(at.x));
    const int top = static_cast<int>(std::lround(at.y));
    for_glyphs(text, [&](int place, int glyph) {
        if (glyph == 0) return;
        const SDL_Rect source{glyph * glyph_advance, 0, glyph_width, glyph_height};
        const SDL_Rect target{left + place * glyph_advance * scale, top, glyph_width * scale, glyph_height * scale};
        SDL_RenderCopy(renderer_, font_.get(), &source, &target);
    });
}

float Canvas::text_width(std::string_view text, int scale) {
    const int count = for_glyphs(text, [](int, int) {});
    return static_cast<float>(count == 0 ? 0 : (count * glyph_advance - 1) * scale);
}

float Canvas::text_height(int scale) { return static_cast<float>(glyph_line_height * scale); }

void Canvas::stamp(StampKey key, Vec2 centre, Color color) {
    auto found = stamps_.find(key);
    if (found == stamps_.end()) {
        // Zooming and growing rings use ever new sizes; starting over is cheaper than counting who is still in use.
        if (stamps_.size() >= stamps_max) stamps_.clear();
        found = stamps_.emplace(key, paint(key)).first;
    }
    SDL_Texture* texture = found->second.get();
    int size = 0;
    SDL_QueryTexture(texture, nullptr, nullptr, &size, nullptr);
    SDL_SetTextureColorMod(texture, color.r, color.g, color.b);
    SDL_SetTextureAlphaMod(texture, color.a);
    const float half = static_cast<float>(size) / 2;
    const SDL_FRect target{centre.x - half, centre.y - half, static_cast<float>(size), static_cast<float>(size)};
    SDL_RenderCopyF(renderer_, texture, nullptr, &target);
}

Canvas::Texture Canvas::paint(const StampKey& key) {
    const float radius = static_cast<float>(key.radius) / 2;
    const float width = static_cast<float>(key.width) / 2;
    const int size = 2 * static_cast<int>(std::ceil(radius + width / 2 + 1));
    const float middle = static_cast<float>(size) / 2;
    std::vector<std::uint32_t> pixels;
    pixels.reserve(static_cast<std::size_t>(size * size));
    for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
            const float distance =
                length(Vec2{static_cast<float>(x) + 0.5F - middle, static_cast<float>(y) + 0.5F - middle});
            float alpha = 0;
            switch (key.shape) {
                case Shape::Disc:
                    alpha = radius + 0.5F - distance;
                    break;
                case Shape::Ring:
                    alpha = width / 2 + 0.5F - std::abs(distance - radius);
                    break;
                case Shape::Glow: {
                    const float light = std::max(0.0F, 1 - distance / radius);
                    alpha = light * light;
                    break;
                }
            }
            pixels.push_back(white(alpha));
        }
    }
    Texture texture = texture_of(size, size, pixels);
    if (key.shape == Shape::Glow) SDL_SetTextureBlendMode(texture.get(), SDL_BLENDMODE_ADD);
    return texture;
}

Canvas::Texture Canvas::texture_of(int width, int height, const std::vector<std::uint32_t>& argb) {
    Texture texture(SDL_CreateTexture(renderer_, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STATIC, width, height));
    SDL_SetTextureBlendMode(texture.get(), SDL_BLENDMODE_BLEND);
    SDL_UpdateTexture(texture.get(), nullptr, argb.data(), width * static_cast<int>(sizeof(std::uint32_t)));
    return texture;
}

}  // namespace arena
