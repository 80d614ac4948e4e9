// The client's command line.
#include "samples/arena/client/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "samples/arena/client/complaint.h"
#include "tidewire/simulated_link.h"

namespace arena {

std::string default_name(const char* user, int number) {
    constexpr std::size_t user_bytes_max = 6;  // so that the two characters show behind a rank too
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string name = std::string(user == nullptr ? "" : user).substr(0, user_bytes_max);
    const bool shown = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (name.empty() || !shown) name = "player";
    const auto place = static_cast<std::size_t>(number);
    return name + "-" + digits[place / digits.size() % digits.size()] + digits[place % digits.size()];
}

ParsedOptions parse_options(int argc, char** argv) {
    Options options;
    options.name = default_name(std::getenv("USER"), ::getpid());
    double seconds = 0;
    std::string view;
    CLI::App app(
        "The arena: a top-down shooter over Tidewire.\n"
        "WASD or the arrows move, the mouse aims, the left button or space shoots, M shows the whole arena, F1 the "
        "figures and once more the graphs of the connection, F2 makes it as bad as others have it, Esc quits.");
    app.add_option("url", options.url, "Where the server is")->capture_default_str();
    app.add_option("--name", options.name, "What the others see; 12 bytes are shown")->capture_default_str();
    app.add_flag("--headless", options.headless, "No window: the computer plays, and figures go to stdout as JSON");
    app.add_flag("--spectate", options.spectate,
                 "Watch: the whole arena, as far behind as the server wants it, or by M the best of the fighters");
    app.add_flag("--autoplay", options.autoplay, "The computer plays for you");
    auto* seconds_flag = app.add_option("--seconds", seconds, "Play this long, then end (headless: 10)")
                             ->check(CLI::Range(0.1, 86400.0));
    app.add_option("--room", options.room, "The room to play in; without it the one with the fewest players");
    app.add_option("--code", options.code, "Of a private room: it finds the room by itself");
    app.add_flag("--create", options.create, "Open the room if there is none of its name, where the server lets players do so");
    app.add_flag("--private", options.private_room, "Open a room that only those find who have its code, which is printed")
        ->needs(app.get_option("--create"));
    app.add_flag("--list", options.list_rooms, "Print the server's rooms, where it tells of them, and end");
    app.add_option("--token", options.token, "What a server that does not take anybody asks for: a ticket, or a JWT");
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
    std::vector<std::string> links;
    for (const tidewire::SimulatedLink& link : tidewire::simulated_links()) links.emplace_back(link.name);
    app.add_option("--link", options.link, "Play as over a link like this, by a model in front of the real one")
        ->option_text([&links] {
            std::string names;
            for (const std::string& name : links) names += (names.empty() ? "" : "|") + name;
            return names;
        }())
        ->check(CLI::IsMember(links));
    app.add_flag("--graphs", options.graphs, "Show the graphs of the connection from the start, as F1 does");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return {.options = std::nullopt, .exit_code = app.exit(error)};
        complain(std::string(error.what()) + "; --help lists what there is");
        return {.options = std::nullopt, .exit_code = 2};
    }
    if (seconds_flag->count() > 0) options.seconds = seconds;
    if (!view.empty()) options.view = view == "all" ? CameraView::All : CameraView::Follow;
    return {.options = options};
}

}  // namespace arena
