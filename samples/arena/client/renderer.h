// Draws a scene: the floor, walls, fighters, shots and effects. What stands above them is the overlay's.
#pragma once

#include "samples/arena/client/camera.h"
#include "samples/arena/client/canvas.h"
#include "samples/arena/client/effects.h"
#include "samples/arena/client/scene.h"

namespace arena {

class Renderer {
public:
    /// `canvas` must outlive the renderer.
    explicit Renderer(Canvas& canvas) : canvas_(&canvas) {}

    void draw(const Scene& scene, const Effects& effects, const Camera& camera);

private:
    void draw_floor(const Camera& camera);
    void draw_walls(const Camera& camera);
    void draw_shot(const SeenShot& shot, const Camera& camera);
    void draw_wreck(const SeenFighter& fighter, const Camera& camera);
    void draw_fighter(const SeenFighter& fighter, const Camera& camera);
    void draw_label(const SeenFighter& fighter, const Camera& camera);
    void draw_effect(const Effect& effect, const Camera& camera);

    Canvas* canvas_;
};

}  // namespace arena
