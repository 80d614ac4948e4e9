// The client's command line.
#pragma once

#include <optional>
#include <string>

namespace arena {

enum class CameraView {
    Follow,  ///< The own fighter in the middle.
    All,     ///< The whole arena.
};

struct Options {
    std::string url = "ws://localhost:7777";
    std::string name;  ///< After parse_options never empty.
    bool headless = false;
    bool spectate = false;          ///< Nobody plays: all of it is shown, a while ago.
    bool autoplay = false;          ///< The computer plays; always so without a window.
    std::optional<double> seconds;  ///< Of playing, then it ends. Without a window 10.
    std::string room;               ///< Its name; empty: any.
    std::string code;               ///< Of a private one.
    bool create = false;            ///< The room, where there is none of this name.
    bool private_room = false;      ///< And only who has its code finds it.
    bool list_rooms = false;        ///< Instead of playing.
    std::string token;              ///< For a server that asks for one; empty: none.
    std::string ca_file;            ///< PEM, for wss://; empty: the system's authorities.
    std::string proxy;              ///< URL of an HTTP proxy; empty: none.
    std::string screenshot;         ///< PNG of the last frame; empty: none.
    int width = 1280;
    int height = 720;
    int fps = 60;                    ///< At most.
    std::optional<CameraView> view;  ///< Follow in a window, All without one and for who spectates.
    std::string link;                ///< Name of a link to put in front of the real one; empty: none.
    bool graphs = false;             ///< Shown from the start.
};

/// What a player is called who did not say: the user's name, and two characters that tell two players of one user apart.
/// `user` may be null; `number` is the process's.
std::string default_name(const char* user, int number);

/// Options, or the exit code to end with: 0 after --help, 2 after unusable flags, which were explained on stderr.
struct ParsedOptions {
    std::optional<Options> options;
    int exit_code = 0;
};
ParsedOptions parse_options(int argc, char** argv);

}  // namespace arena
