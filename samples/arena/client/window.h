// An SDL window with its renderer, or the same without any display.
#pragma once

#include <SDL.h>

#include <memory>
#include <string>

#include "tidewire/result.h"

namespace arena {

struct WindowOptions {
    int width = 1280;
    int height = 720;
    bool headless = false;
};

class Window {
public:
    /// Fails where there is no display, in a sentence that says so.
    static tidewire::Result<Window> open(const WindowOptions& options);

    SDL_Renderer& renderer() { return *renderer_; }
    /// True when present() waits for the display's refresh.
    bool paced() const { return paced_; }

    struct Size {
        int width;
        int height;
    };
    /// Of the picture, in pixels; a window's changes.
    Size size() const;

    /// Writes what was drawn since the last present() to a PNG file.
    tidewire::Result<void> save_png(const std::string& path) const;

private:
    struct Quit {
        void operator()(SDL_Window* window) const;
        void operator()(SDL_Renderer* renderer) const;
    };

    Window() = default;

    std::unique_ptr<SDL_Window, Quit> window_;
    std::unique_ptr<SDL_Renderer, Quit> renderer_;
    bool paced_ = false;
};

}  // namespace arena
