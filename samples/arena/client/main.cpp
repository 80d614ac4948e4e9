// The arena's client: a window on a game that runs on a server. Without a display it plays by itself.
#include <SDL.h>

#include <cstdio>

#include "samples/arena/client/complaint.h"
#include "samples/arena/client/list_rooms.h"
#include "samples/arena/client/options.h"
#include "samples/arena/client/play.h"
#include "samples/arena/client/window.h"

int main(int argc, char** argv) {
    const arena::ParsedOptions parsed = arena::parse_options(argc, argv);
    if (!parsed.options) return parsed.exit_code;
    arena::Options options = *parsed.options;
    if (options.list_rooms) return arena::list_rooms(options);

    if (!options.screenshot.empty()) {
        if (const auto writable = arena::Window::can_save_png(options.screenshot); !writable)
            return arena::complain(writable.error().message);
    }

    const auto open = [&options] {
        return arena::Window::open({.width = options.width, .height = options.height, .headless = options.headless});
    };
    auto window = open();
    if (!window && !options.headless) {
        arena::complain(window.error().message + "; playing headless instead");
        options.headless = true;
        window = open();
    }
    if (!window) return arena::complain(window.error().message);
    if (options.headless) {
        options.autoplay = true;
        if (!options.seconds) options.seconds = 10;
        std::fprintf(stderr, "No window: the computer plays for %g s, drawn by SDL's %s driver in software.\n",
                     *options.seconds, SDL_GetCurrentVideoDriver());
    }
    return arena::play(*window, options);
}
