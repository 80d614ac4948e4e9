// What stands above the picture: the figures of the link, the score, and a word when there is nothing to play.
#pragma once

#include <string>
#include <string_view>

#include "samples/arena/client/canvas.h"
#include "samples/arena/client/meter.h"
#include "samples/arena/client/scene.h"

namespace arena {

class Overlay {
public:
    /// `canvas` must outlive the overlay.
    explicit Overlay(Canvas& canvas) : canvas_(&canvas) {}

    /// The link's figures, at the upper left of `screen`.
    void draw_figures(const Meter& meter, const Rect& screen);
    /// The five best and oneself, at the upper right.
    void draw_scores(const Scene& scene, const Rect& screen);
    /// The respawn while one is dead.
    void draw_state(const Scene& scene, const Rect& screen);
    /// A whole screen while there is no arena to show. `seconds` moves it.
    void draw_waiting(std::string_view headline, std::string_view detail, float seconds, const Rect& screen);

private:
    void panel(const Rect& area);

    Canvas* canvas_;
};

}  // namespace arena
