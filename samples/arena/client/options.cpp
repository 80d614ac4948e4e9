// The client's command line.
#include "samples/arena/client/options.h"

#include <CLI/CLI.hpp>

namespace arena {

ParsedOptions parse_options(int argc, char** argv) {
    Options options;
    double seconds = 0;
    std::string view;
    CLI::App app(
        "The arena: a top-down shooter over Tidewire.\n"
        "WASD or the arrows move, the mouse aims, the left button or space shoots, M shows the whole arena, F1 the "
        "figures, "
        "Esc quits.");
    app.add_option("url", options.url, "Where the server is")->capture_default_str();
    app.add_option("--name", options.name, "What the others see; 12 bytes are shown")->capture_default_str();
    app.add_flag("--headless", options.headless, "No window: the computer plays, and figures go to stdout as JSON");
    app.add_flag("--autoplay", options.autoplay, "The computer plays for you");
    auto* seconds_flag = app.add_option("--seconds", seconds, "Play this long, then end (headless: 10)")
                             ->check(CLI::Range(0.1, 86400.0));
    app.add_option("--ca-file", options.ca_file,
                   "PEM file of the authorities to trust on wss://, instead of the system's");
    app.add_option("--proxy", options.proxy, "HTTP proxy to go through: http://user:password@host:3128");
    app.add_option("--screenshot", options.screenshot, "Write the last frame to this PNG file");
    app.add_option("--width", options.width, "Of the picture, in pixels")
        ->check(CLI::Range(320, 7680))
        ->capture_default_str();
    app.add_option("--height", options.height, "Of the picture, in pixels")
        ->check(CLI::Range(240, 4320))
        ->capture_default_str();
    app.add_option("--fps", options.fps, "Frames per second at most")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--view", view, "What the camera shows (headless: all)")
        ->option_text("follow|all")
        ->check(CLI::IsMember({"follow", "all"}));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {.options = std::nullopt, .exit_code = app.exit(error) == 0 ? 0 : 2};
    }
    if (seconds_flag->count() > 0) options.seconds = seconds;
    if (!view.empty()) options.view = view == "all" ? CameraView::All : CameraView::Follow;
    return {.options = options};
}

}  // namespace arena
