// An SDL window with its renderer, or the same without any display.
#pragma once

#include <SDL.h>

#include <chrono>
#include <memory>
#include <optional>
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
    /// Of the display that SDL_RenderPresent waits for; empty when it waits for nothing.
    std::optional<std::chrono::nanoseconds> refresh() const;

    struct Size {
        int width;
        int height;
    };
    /// Of the picture, in pixels; a window's changes.
    Size size() const;

    /// Whether save_png(path) will have a place to write to; a sentence when not. Costs nothing and touches nothing.
    static tidewire::Result<void> can_save_png(const std::string& path);
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
    bool waits_ = false;  // for the display's refresh
};

}  // namespace arena
