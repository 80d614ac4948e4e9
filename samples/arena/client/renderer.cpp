// Draws a scene: the floor, walls, fighters, shots and effects.
#include "samples/arena/client/renderer.h"

#include <cmath>

#include "samples/arena/client/palette.h"
#include "samples/arena/match.h"

namespace arena {

namespace {

constexpr float grid_step = 50;
constexpr float barrel_length = 30;
constexpr float trail_seconds = 0.055F;
constexpr float flash_seconds = 0.09F;

}  // namespace

void Renderer::draw(const Scene& scene, const Effects& effects, const Camera& camera) {
    canvas_->clear(palette::outside);
    draw_floor(camera);
    for (const SeenFighter& fighter : scene.fighters)
        if (!fighter.alive() && camera.sees(fighter.position, 60)) draw_wreck(fighter, camera);
    for (const SeenShot& shot : scene.shots)
        if (camera.sees(shot.position, 80)) draw_shot(shot, camera);
    draw_walls(camera);
    for (const SeenFighter& fighter : scene.fighters)
        if (fighter.alive() && camera.sees(fighter.position, 80)) draw_fighter(fighter, camera);
    for (const Effect& effect : effects.shown())
        if (camera.sees(effect.position, 100)) draw_effect(effect, camera);
    for (const SeenFighter& fighter : scene.fighters)
        if (fighter.alive() && camera.sees(fighter.position, 80)) draw_label(fighter, camera);
}

void Renderer::draw_floor(const Camera& camera) {
    const Rect floor = camera.to_screen(Rect{0, 0, arena_size, arena_size});
    canvas_->rect(floor, palette::floor);
    constexpr int lines = static_cast<int>(arena_size / grid_step);
    for (const bool strong : {false, true}) {
        for (int i = 1; i < lines; ++i) {
            if ((i % 5 == 0) != strong) continue;
            const Vec2 at =
                camera.to_screen(Vec2{static_cast<float>(i) * grid_step, static_cast<float>(i) * grid_step});
            const Color color = strong ? palette::grid_strong : palette::grid;
            canvas_->rect({std::floor(at.x), floor.y, 1, floor.height}, color);
            canvas_->rect({floor.x, std::floor(at.y), floor.width, 1}, color);
        }
    }
    canvas_->frame(floor.grown(2), palette::border);
    canvas_->frame(floor.grown(1), palette::border);
}

void Renderer::draw_walls(const Camera& camera) {
    const float lift = std::max(2.0F, 5 * camera.zoom);
    for (const Rect& wall : walls) {
        Rect shade = camera.to_screen(wall);
        shade.x += lift;
        shade.y += lift;
        canvas_->rect(shade, palette::shadow);
    }
    const float bevel = std::max(1.0F, std::round(3 * camera.zoom));
    // Layer by layer, so that walls which meet become one.
    for (const Rect& wall : walls) canvas_->rect(camera.to_screen(wall), palette::wall_dark);
    for (const Rect& wall : walls) {
        const Rect face = camera.to_screen(wall);
        canvas_->rect({face.x, face.y, face.width - bevel, face.height - bevel}, palette::wall_light);
    }
    for (const Rect& wall : walls) canvas_->rect(camera.to_screen(wall).grown(-bevel), palette::wall);
}

void Renderer::draw_shot(const SeenShot& shot, const Camera& camera) {
    const float unit = camera.figure_zoom();
    const Color color = shot.own ? palette::own_shot : palette::shot;
    const Vec2 head = camera.to_screen(shot.position);
    const Vec2 tail = camera.to_screen(shot.position - shot.velocity * trail_seconds);
    const float width = std::max(2.0F, 5 * unit);
    canvas_->stroke(
        {.from = tail, .to = head, .width = width, .at_from = color.with_alpha(0), .at_to = color.with_alpha(0.85F)});
    canvas_->glow(head, std::max(6.0F, 20 * unit), color.with_alpha(0.5F));
    canvas_->disc(head, std::max(1.5F, 4 * unit), color.mixed_with(palette::ink, 0.5F));
}

void Renderer::draw_wreck(const SeenFighter& fighter, const Camera& camera) {
    const float unit = camera.figure_zoom();
    const Color color = palette::fighter(fighter.hue).mixed_with(palette::floor, 0.55F).with_alpha(0.7F);
    const Vec2 at = camera.to_screen(fighter.position);
    const float arm = 9 * unit;
    canvas_->ring(at, body_radius * unit * 0.8F, std::max(1.0F, 2 * unit), color);
    for (const Vec2 diagonal : {Vec2{1, 1}, Vec2{1, -1}})
        canvas_->stroke({.from = at - diagonal * arm * 0.6F,
                         .to = at + diagonal * arm * 0.6F,
                         .width = std::max(1.0F, 3 * unit),
                         .at_from = color,
                         .at_to = color});
}

void Renderer::draw_fighter(const SeenFighter& fighter, const Camera& camera) {
    const float unit = camera.figure_zoom();
    const Color color = palette::fighter(fighter.hue);
    const Vec2 at = camera.to_screen(fighter.position);
    const Vec2 ahead = direction(fighter.angle);
    const float radius = body_radius * unit;
    const float recoil = fighter.since_shot < flash_seconds ? 4 * (1 - fighter.since_shot / flash_seconds) : 0;
    const Vec2 muzzle = at + ahead * ((barrel_length - recoil) * unit);

    canvas_->disc(at + Vec2{3, 4} * unit, radius, palette::shadow);
    if (fighter.own) {
        canvas_->glow(at, radius * 2.6F, palette::accent.with_alpha(0.45F));
        canvas_->ring(at, radius + std::max(3.0F, 7 * unit), std::max(1.5F, 2 * unit), palette::accent);
    }
    if (fighter.since_spawn < spawn_protection) {
        const float rest = 1 - fighter.since_spawn / spawn_protection;
        canvas_->glow(at, radius * 2.4F, color.with_alpha(0.25F + 0.4F * rest));
        canvas_->ring(at, radius * 1.45F, std::max(1.0F, 2 * unit),
                      color.mixed_with(palette::ink, 0.5F).with_alpha(0.4F + 0.5F * rest));
    }
    const Color rim = color.mixed_with(palette::outside, 0.55F);
    const float barrel = std::max(2.5F, 9 * unit);
    canvas_->stroke(
        {.from = at, .to = muzzle, .width = barrel + std::max(1.0F, 3 * unit), .at_from = rim, .at_to = rim});
    canvas_->stroke(
        {.from = at, .to = muzzle - ahead * unit, .width = barrel, .at_from = palette::metal, .at_to = palette::metal});
    canvas_->disc(at, radius, rim);
    canvas_->disc(at, radius - std::max(1.0F, 2.5F * unit), color);
    canvas_->disc(at - Vec2{4, 5} * unit, radius * 0.45F, color.mixed_with(palette::ink, 0.6F).with_alpha(0.45F));
    canvas_->disc(at + ahead * (3 * unit), radius * 0.36F, rim);
    if (fighter.since_shot < flash_seconds) {
        const float strength = 1 - fighter.since_shot / flash_seconds;
        canvas_->glow(muzzle, std::max(8.0F, 34 * unit), palette::flash.with_alpha(strength));
        canvas_->disc(muzzle, std::max(2.0F, 6 * unit), palette::flash.with_alpha(strength));
    }
}

void Renderer::draw_label(const SeenFighter& fighter, const Camera& camera) {
    const float unit = camera.figure_zoom();
    const Vec2 at = camera.to_screen(fighter.position);
    const float radius = body_radius * unit;
    const float width = std::max(18.0F, 2.4F * radius);
    const float height = std::max(3.0F, std::round(4.5F * unit));
    const Rect bar{std::round(at.x - width / 2), std::round(at.y - radius - height - std::max(4.0F, 10 * unit)), width,
                   height};
    const float share = std::clamp(static_cast<float>(fighter.hp) / hp_max, 0.0F, 1.0F);
    canvas_->rect(bar.grown(1), palette::outside.with_alpha(0.85F));
    canvas_->rect({bar.x, bar.y, std::round(width * share), height}, palette::hurt.mixed_with(palette::healthy, share));

    const int scale = unit > 1.4F ? 2 : 1;
    const float text_width = Canvas::text_width(fighter.name, scale);
    const Vec2 name{at.x - text_width / 2, at.y + radius + std::max(4.0F, 9 * unit)};
    canvas_->text(name + Vec2{1, 1}, fighter.name, scale, palette::outside);
    canvas_->text(name, fighter.name, scale, fighter.own ? palette::accent : palette::ink.with_alpha(0.8F));
}

void Renderer::draw_effect(const Effect& effect, const Camera& camera) {
    const float unit = camera.figure_zoom();
    const Vec2 at = camera.to_screen(effect.position);
    const float rest = 1 - effect.progress();
    switch (effect.kind) {
        case Effect::Kind::Spark:
            canvas_->glow(at, std::max(7.0F, 26 * unit), palette::flash.with_alpha(rest * rest));
            for (int i = 0; i < 5; ++i) {
                const Vec2 way = direction(effect.position.x + static_cast<float>(i) * 1.2566F);
                const float reach = (6 + 20 * effect.progress()) * unit;
                canvas_->stroke({.from = at + way * (reach * 0.6F),
                                 .to = at + way * reach,
                                 .width = std::max(1.0F, 2 * unit),
                                 .at_from = palette::flash.with_alpha(0),
                                 .at_to = palette::flash.with_alpha(rest)});
            }
            break;
        case Effect::Kind::Burst: {
            const Color color = palette::fighter(effect.hue);
            const float grown = 1 - rest * rest * rest;
            canvas_->glow(at, 90 * unit, color.with_alpha(rest * 0.8F));
            canvas_->ring(at, (12 + 58 * grown) * unit, std::max(1.0F, 7 * rest * unit), color.with_alpha(rest));
            for (int i = 0; i < 9; ++i) {
                const Vec2 way = direction(effect.position.y + static_cast<float>(i) * 0.698F);
                const float reach = (10 + (40 + static_cast<float>(i * 7 % 5) * 9) * grown) * unit;
                canvas_->disc(at + way * reach, std::max(1.0F, 4.5F * rest * unit),
                              color.mixed_with(palette::ink, 0.3F).with_alpha(rest));
            }
            break;
        }
    }
}

}  // namespace arena
