// An SDL window with its renderer, or the same without any display.
#include "samples/arena/client/window.h"

#include <png.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
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
    if (SDL_Init(SDL_INIT_VIDEO) != 0) return sdl_failed("there is no display to open a window on");
    // Where there is no display, SDL falls back to drivers that nobody sees.
    const std::string_view driver = SDL_GetCurrentVideoDriver();
    if (!options.headless && (driver == "offscreen" || driver == "dummy" || driver == "evdev")) {
        SDL_Quit();
        return tidewire::unexpected(tidewire::Blame::Machine, "there is no display to open a window on");
    }
    Window window;
    window.window_.reset(SDL_CreateWindow("Tidewire arena", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                          options.width, options.height,
                                          options.headless ? SDL_WINDOW_HIDDEN : SDL_WINDOW_RESIZABLE));
    if (!window.window_) {
        const auto failure = sdl_failed("there is no display to open a window on");
        SDL_Quit();
        return failure;
    }
    const Uint32 flags = options.headless ? 0U : Uint32{SDL_RENDERER_PRESENTVSYNC};
    window.renderer_.reset(SDL_CreateRenderer(window.window_.get(), -1, flags));
    if (!window.renderer_) return sdl_failed("SDL cannot draw in the window");
    SDL_RendererInfo info{};
    SDL_GetRendererInfo(window.renderer_.get(), &info);
    // The software renderer knows no refresh: SDL lets it sleep instead, and the network with it.
    if ((info.flags & SDL_RENDERER_SOFTWARE) != 0) SDL_RenderSetVSync(window.renderer_.get(), 0);
    window.waits_ = (info.flags & SDL_RENDERER_SOFTWARE) == 0 && (info.flags & SDL_RENDERER_PRESENTVSYNC) != 0;
    SDL_SetRenderDrawBlendMode(window.renderer_.get(), SDL_BLENDMODE_BLEND);
    return window;
}

Window::Size Window::size() const {
    Size size{};
    SDL_GetRendererOutputSize(renderer_.get(), &size.width, &size.height);
    return size;
}

std::optional<std::chrono::nanoseconds> Window::refresh() const {
    SDL_DisplayMode mode{};
    if (!waits_ || SDL_GetCurrentDisplayMode(SDL_GetWindowDisplayIndex(window_.get()), &mode) != 0) return {};
    if (mode.refresh_rate <= 0) return {};
    return std::chrono::nanoseconds(std::chrono::seconds(1)) / mode.refresh_rate;
}

tidewire::Result<void> Window::can_save_png(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    fs::path folder = fs::path(path).parent_path();
    if (folder.empty()) folder = ".";
    const auto refuse = [&path](const std::string& why) {
        return tidewire::unexpected(tidewire::Blame::Machine, "cannot write the screenshot " + path + ": " + why);
    };
    if (!fs::is_directory(folder, ignored)) return refuse("there is no folder " + folder.string());
    if (fs::is_directory(path, ignored)) return refuse("that is a folder; name a file in it");
    const bool exists = fs::exists(path, ignored);
    if (::access(exists ? path.c_str() : folder.c_str(), exists ? W_OK : W_OK | X_OK) != 0)
        return refuse(std::string(std::strerror(errno)) + "; choose another place");
    return {};
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
        return tidewire::unexpected(tidewire::Blame::Machine, "cannot write " + path + ": " + image.message);
    return {};
}

}  // namespace arena
