// What stands above the picture: the figures of the link, the score, and a word when there is nothing to play.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "samples/arena/client/canvas.h"
#include "samples/arena/client/history.h"
#include "samples/arena/client/kill_feed.h"
#include "samples/arena/client/meter.h"
#include "samples/arena/client/scene.h"

namespace arena {

class Overlay {
public:
    /// `canvas` must outlive the overlay.
    explicit Overlay(Canvas& canvas) : canvas_(&canvas) {}

    /// Panels over this place, in pixels, let it show through: the own fighter's. Empty: none does.
    void show_through(std::optional<Vec2> place) { place_ = place; }
    /// The link's figures, at the upper left of `screen`.
    void draw_figures(const Meter& meter, const Rect& screen);
    /// What link is simulated, at the upper edge.
    void draw_link(std::string_view title, const Rect& screen);
    /// That one watches, and how long ago this was, at the lower edge.
    void draw_watching(std::chrono::milliseconds delay, const Rect& screen);
    /// The course of the link's figures, below those.
    void draw_graphs(const History& history, const Rect& screen);
    /// The five best and oneself, at the upper right; nothing where the screen is too narrow for it.
    void draw_scores(const Scene& scene, const Rect& screen);
    /// Who brought down whom, below the scores; nothing where the screen is too narrow for it.
    void draw_kills(const KillFeed& feed, const Rect& screen);
    /// The respawn while one is dead.
    void draw_state(const Scene& scene, const Rect& screen);
    /// That nothing has arrived for this long, in seconds.
    void draw_silence(double seconds, const Rect& screen);
    /// That the connection is lost, and how it is tried for.
    void draw_reconnecting(const tidewire::Reconnecting& reconnecting, const Rect& screen);
    /// The keys, at the lower edge; `seconds` since it appeared, it goes by itself.
    void draw_hint(float seconds, const Rect& screen);
    /// A whole screen while there is no arena to show. `seconds` moves it.
    void draw_waiting(std::string_view headline, std::string_view detail, float seconds, const Rect& screen);
    /// The same once it is over: nothing moves, and `detail` may be longer than a line.
    void draw_ending(std::string_view headline, std::string_view detail, const Rect& screen);

private:
    /// Returns how visible the panel is and what stands on it should be, 0 to 1.
    float panel(const Rect& area);
    /// One line on a panel in the middle; `height` is its place from the top, 0 to 1.
    void banner(std::string_view text, float height, const Rect& screen);
    /// A line on a panel in the middle of the screen's width.
    void label(std::string_view text, float top, const Rect& screen);
    void draw_trace(const History::Trace& trace, const Rect& area, float visible);
    void centred(Vec2 middle, std::string_view text, int scale, Color color);

    Canvas* canvas_;
    std::optional<Vec2> place_;
};

}  // namespace arena
