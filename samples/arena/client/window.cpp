// An SDL window with its renderer, or the same without any display.
#include "samples/arena/client/window.h"

#include <png.h>

#include <string_view>
#include <vector>

namespace arena {

namespace {

tidewire::Unexpected sdl_failed(const char* what) {
    return tidewire::unexpected(tidewire::Blame::Machine, std::string(what) + ": " + SDL_GetError());
}

}  // namespace

void Window::Quit::operator()(SDL_Window* window) const {
    SDL_DestroyWindow(window);
    SDL_Quit();
}

void Window::Quit::operator()(SDL_Renderer* renderer) const { SDL_DestroyRenderer(renderer); }

tidewire::Result<Window> Window::open(const WindowOptions& options) {
    if (options.headless) {
        SDL_SetHint(SDL_HINT_VIDEODRIVER, "dummy");
        SDL_SetHint(SDL_HINT_RENDER_DRIVER, "software");
    }
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) return sdl_failed("There is no display to open a window on");
    // Where there is no display, SDL falls back to drivers that nobody sees.
    const std::string_view driver = SDL_GetCurrentVideoDriver();
    if (!options.headless && (driver == "offscreen" || driver == "dummy" || driver == "evdev")) {
        SDL_Quit();
        return tidewire::unexpected(tidewire::Blame::Machine, "There is no display to open a window on");
    }
    Window window;
    window.window_.reset(SDL_CreateWindow("Tidewire arena", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                          options.width, options.height,
                                          options.headless ? SDL_WINDOW_HIDDEN : SDL_WINDOW_RESIZABLE));
    if (!window.window_) {
        const auto failure = sdl_failed("There is no display to open a window on");
        SDL_Quit();
        return failure;
    }
    const Uint32 flags = options.headless ? 0U : Uint32{SDL_RENDERER_PRESENTVSYNC};
    window.renderer_.reset(SDL_CreateRenderer(window.window_.get(), -1, flags));
    if (!window.renderer_) return sdl_failed("SDL cannot draw in the window");
    SDL_RendererInfo info{};
    SDL_GetRendererInfo(window.renderer_.get(), &info);
    // The software renderer says that it waits whether it was asked to or not.
    window.paced_ = !options.headless && (info.flags & SDL_RENDERER_PRESENTVSYNC) != 0;
    SDL_SetRenderDrawBlendMode(window.renderer_.get(), SDL_BLENDMODE_BLEND);
    return window;
}

Window::Size Window::size() const {
    Size size{};
    SDL_GetRendererOutputSize(renderer_.get(), &size.width, &size.height);
    return size;
}

tidewire::Result<void> Window::save_png(const std::string& path) const {
    const auto [width, height] = size();
    std::vector<unsigned char> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    if (SDL_RenderReadPixels(renderer_.get(), nullptr, SDL_PIXELFORMAT_RGB24, pixels.data(), width * 3) != 0)
        return sdl_failed("SDL cannot read the picture back");
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = PNG_FORMAT_RGB;
    if (png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) == 0)
        return tidewire::unexpected(tidewire::Blame::Machine, "Cannot write " + path + ": " + image.message);
    return {};
}

}  // namespace arena
