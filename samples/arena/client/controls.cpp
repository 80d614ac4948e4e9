// Keyboard and mouse: what the player wants, as a command and a few switches.
#include "samples/arena/client/controls.h"

#include <csignal>

namespace arena {

namespace {

volatile std::sig_atomic_t hung_up = 0;

}  // namespace

Controls::Controls(Switches start) : switches_(start) {
    // Under nohup it stays ignored.
    if (std::signal(SIGHUP, [](int) { hung_up = 1; }) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

void Controls::poll_events() {
    pressed_ = false;
    if (hung_up != 0) switches_.quit = true;
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) {
        if (event.type == SDL_QUIT) switches_.quit = true;
        if (event.type == SDL_MOUSEBUTTONDOWN) pressed_ = true;
        if (event.type != SDL_KEYDOWN || event.key.repeat != 0) continue;
        pressed_ = true;
        switch (event.key.keysym.scancode) {
            case SDL_SCANCODE_ESCAPE:
                switches_.quit = true;
                break;
            case SDL_SCANCODE_F1:
                switches_.panel = switches_.panel == Panel::None      ? Panel::Figures
                                  : switches_.panel == Panel::Figures ? Panel::Graphs
                                                                      : Panel::None;
                break;
            case SDL_SCANCODE_F2:
                ++switches_.links;
                break;
            case SDL_SCANCODE_M:
                switches_.show_all = !switches_.show_all;
                break;
            default:
                break;
        }
    }
}

Command Controls::command(Vec2 own, const Camera& camera) const {
    const Uint8* keys = SDL_GetKeyboardState(nullptr);
    const auto axis = [keys](SDL_Scancode less, SDL_Scancode less_too, SDL_Scancode more, SDL_Scancode more_too) {
        const int up = keys[more] != 0 || keys[more_too] != 0 ? 1 : 0;
        const int down = keys[less] != 0 || keys[less_too] != 0 ? 1 : 0;
        return static_cast<std::int8_t>(up - down);
    };
    int x = 0;
    int y = 0;
    const Uint32 buttons = SDL_GetMouseState(&x, &y);
    const Vec2 mouse = camera.to_arena({static_cast<float>(x), static_cast<float>(y)});
    Command command{};
    command.move_x = axis(SDL_SCANCODE_A, SDL_SCANCODE_LEFT, SDL_SCANCODE_D, SDL_SCANCODE_RIGHT);
    command.move_y = axis(SDL_SCANCODE_W, SDL_SCANCODE_UP, SDL_SCANCODE_S, SDL_SCANCODE_DOWN);
    command.aim = angle_of(mouse - own);
    command.fire = (buttons & SDL_BUTTON_LMASK) != 0 || keys[SDL_SCANCODE_SPACE] != 0;
    return command;
}

}  // namespace arena
