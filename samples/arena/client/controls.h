// Keyboard and mouse: what the player wants, as a command and a few switches.
#pragma once

#include <SDL.h>

#include <cstdint>

#include "samples/arena/client/camera.h"
#include "samples/arena/rules.h"

namespace arena {

class Controls {
public:
    enum class Panel : std::uint8_t { None, Figures, Graphs };

    struct Switches {
        Panel panel = Panel::None;  ///< F1: the next one
        int links = 0;              ///< F2: how often
        bool show_all = false;      ///< M
        bool quit = false;          ///< Esc, the window is closed, Ctrl-C, SIGTERM or SIGHUP
    };

    /// From now on a SIGHUP quits; SDL sees to SIGINT and SIGTERM.
    explicit Controls(Switches start);

    /// Takes all events that wait.
    void poll_events();
    const Switches& switches() const { return switches_; }
    /// True when a key or button went down in the last poll_events().
    bool pressed() const { return pressed_; }
    /// What is held down now; the mouse aims from `own`, in arena units.
    Command command(Vec2 own, const Camera& camera) const;

private:
    Switches switches_;
    bool pressed_ = false;
};

}  // namespace arena
