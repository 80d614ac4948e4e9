// One session of play: the frame loop that ties network, controls and picture together.
#include "samples/arena/client/play.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "samples/arena/bots.h"
#include "samples/arena/client/camera.h"
#include "samples/arena/client/canvas.h"
#include "samples/arena/client/complaint.h"
#include "samples/arena/client/controls.h"
#include "samples/arena/client/effects.h"
#include "samples/arena/client/history.h"
#include "samples/arena/client/kill_feed.h"
#include "samples/arena/client/meter.h"
#include "samples/arena/client/overlay.h"
#include "samples/arena/client/pacer.h"
#include "samples/arena/client/renderer.h"
#include "samples/arena/client/scene.h"

namespace arena {

namespace {

using Clock = std::chrono::steady_clock;

class Session {
public:
    Session(Window& window, const Options& options)
        : window_(&window),
          options_(&options),
          net_(options.url, {.player_name = options.name,
                             .token = options.token,
                             .spectate = options.spectate,
                             .room = {.name = options.room,
                                      .code = options.code,
                                      .choice = options.create ? tidewire::RoomChoice::JoinOrCreate : tidewire::RoomChoice::Join,
                                      .is_private = options.private_room},
                             .proxy = options.proxy,
                             .simulated_link = options.link,
                             .tls = {.ca_file = options.ca_file}}),
          controls_({.panel = options.graphs     ? Controls::Panel::Graphs
                              : options.headless ? Controls::Panel::Figures
                                                 : Controls::Panel::None,
                     .show_all = options.view.value_or(options.headless || options.spectate ? CameraView::All
                                                                                            : CameraView::Follow) ==
                                 CameraView::All}),
          canvas_(window.renderer()),
          renderer_(canvas_),
          overlay_(canvas_),
          pacer_({.fps = options.fps, .refresh = window.refresh()}, Clock::now()) {}

    int run() {
        while (frame()) wait_for_next_frame();
        return finish();
    }

private:
    bool frame() {
        controls_.poll_events();
        if (controls_.switches().quit || !pulse()) return false;
        const auto now = Clock::now();
        pacer_.begun(now);
        const float seconds = std::chrono::duration<float>(now - frame_at_).count();
        frame_at_ = now;
        scene_ = scene_of(net_);
        const auto figures = net_.figures();
        if (figures.snapshots > 0) {
            const Sample sample{.now = now, .figures = figures, .latency = net_.latency()};
            meter_.frame(sample);
            history_.frame(sample);
        }
        for (; links_ < controls_.switches().links; ++links_) next_link();
        effects_.update(scene_, seconds);
        kill_feed_.update(seconds);
        draw(seconds);
        const bool over = options_->seconds && meter_.played() >= *options_->seconds;
        if (over) return false;
        // Without a graphics chip drawing takes long, and showing as well: commands get their turn in between.
        SDL_RenderFlush(&window_->renderer());
        if (!pulse()) return false;
        SDL_RenderPresent(&window_->renderer());
        pacer_.shown(Clock::now());
        return true;
    }

    /// Takes what arrived, and sends the command when one is due. False once the connection is closed.
    bool pulse() {
        if (!net_.poll()) return false;
        tell_code();
        for (const auto& kill : net_.events<Kill>()) kill_feed_.add(*kill, scene_);
        if (net_.input_due()) net_.input(command());
        return true;
    }

    /// Once, to whoever has opened a private room.
    void tell_code() {
        if (!options_->private_room || told_code_ || net_.status() != tidewire::ClientStatus::Playing) return;
        told_code_ = true;
        std::fprintf(stderr, "Friends come with --code %s\n", one_line(net_.room().code).c_str());
    }

    /// The link as it is, then from the best to the worst of those that others have.
    void next_link() {
        const auto links = tidewire::simulated_links();
        const auto at = std::find_if(links.begin(), links.end(),
                                     [&](const auto& each) { return each.name == net_.simulated_link(); });
        if (at == links.end())
            net_.simulate_link(links.front().name);
        else
            net_.simulate_link(std::next(at) == links.end() ? std::string_view() : std::next(at)->name);
    }

    void draw_link(const Rect& screen) {
        for (const auto& link : tidewire::simulated_links())
            if (link.name == net_.simulated_link()) overlay_.draw_link(link.title, screen);
    }

    Command command() const {
        const SeenFighter* own = scene_.own();
        if (own == nullptr) return {};
        if (!options_->autoplay) return controls_.command(own->position, camera_);
        std::vector<Sighting> sightings;
        const Sighting* self = nullptr;
        sightings.reserve(scene_.fighters.size());
        for (const SeenFighter& fighter : scene_.fighters) {
            sightings.push_back({.index = fighter.index,
                                 .position = fighter.position,
                                 .velocity = fighter.velocity,
                                 .angle = fighter.angle,
                                 .alive = fighter.alive()});
            if (fighter.own) self = &sightings.back();
        }
        return pilot_.command(*self, sightings, static_cast<tidewire::Tick>(scene_.draw_tick), scene_.dt);
    }

    void draw(float seconds) {
        const auto [width, height] = window_->size();
        const Rect screen{0, 0, static_cast<float>(width), static_cast<float>(height)};
        camera_.screen = screen;
        const std::optional<tidewire::Reconnecting> reconnecting = net_.reconnecting();
        if ((scene_.status != tidewire::ClientStatus::Playing && !reconnecting) || scene_.fighters.empty()) {
            waited_ += seconds;
            overlay_.draw_waiting(scene_.status == tidewire::ClientStatus::Connecting ? "Connecting"
                                  : net_.spectates()                                  ? "Waiting for what there is to see"
                                                                                      : "Joining",
                                  options_->url, waited_, screen);
            return;
        }
        const SeenFighter* own = scene_.own();
        const SeenFighter* followed = net_.spectates() ? scene_.best() : own;
        if (controls_.switches().show_all || (followed == nullptr && !watching_)) {
            camera_.show_all();
        } else if (followed != nullptr) {
            camera_.follow(followed->position, seconds);
            watching_ = true;
        }
        renderer_.draw(scene_, effects_, camera_);
        overlay_.show_through(own == nullptr ? std::nullopt : std::optional(camera_.to_screen(own->position)));
        const Controls::Panel panel = controls_.switches().panel;
        if (panel != Controls::Panel::None) overlay_.draw_figures(meter_, screen);
        if (panel == Controls::Panel::Graphs) overlay_.draw_graphs(history_, screen);
        draw_link(screen);
        if (net_.spectates()) overlay_.draw_watching(net_.spectator_delay(), screen);
        overlay_.draw_scores(scene_, screen);
        overlay_.draw_kills(kill_feed_, screen);
        overlay_.draw_state(scene_, screen);
        const double silence = std::chrono::duration<double>(meter_.figures().snapshot_age).count();
        if (reconnecting)
            overlay_.draw_reconnecting(*reconnecting, screen);
        else if (silence > 1)
            overlay_.draw_silence(silence, screen);
        if (!options_->autoplay && !options_->spectate) overlay_.draw_hint(static_cast<float>(meter_.played()), screen);
    }

    /// Commands leave when they are due, and do not wait for frames.
    void wait_for_next_frame() {
        while (pulse() && Clock::now() + std::chrono::milliseconds(1) < pacer_.due()) SDL_Delay(1);
    }

    /// What was played is told and kept, however it ended.
    int finish() {
        const bool played = meter_.played() > 0;
        if (options_->headless && played) {
            std::puts(meter_.summary({.fighters = scene_.fighters.size(), .shots = scene_.shots.size()}).c_str());
            std::fflush(stdout);
        }
        int exit_code = 0;
        if (!options_->screenshot.empty() && (played || !net_.error())) {
            draw(0);  // what was shown is no longer there to be read
            if (const auto saved = window_->save_png(options_->screenshot); !saved)
                exit_code = complain(saved.error().message);
        }
        if (net_.error()) {
            exit_code = complain(net_.error()->message);
            if (!options_->headless && !controls_.switches().quit) show_ending(played, net_.error()->message);
        }
        net_.close();
        return exit_code;
    }

    /// Until a key, or long enough to be read.
    void show_ending(bool played, const std::string& sentence) {
        constexpr auto patience = std::chrono::seconds(5);
        const auto until = Clock::now() + patience;
        while (Clock::now() < until) {
            controls_.poll_events();
            if (controls_.pressed() || controls_.switches().quit) return;
            const auto [width, height] = window_->size();
            overlay_.draw_ending(played ? "The game is over" : "There is no game", one_line(sentence),
                                 {0, 0, static_cast<float>(width), static_cast<float>(height)});
            SDL_RenderPresent(&window_->renderer());
            SDL_Delay(20);
        }
    }

    Window* window_;
    const Options* options_;
    Net net_;
    Controls controls_;
    Canvas canvas_;
    Renderer renderer_;
    Overlay overlay_;
    Pilot pilot_;
    Effects effects_;
    KillFeed kill_feed_;
    Meter meter_;
    History history_;
    int links_ = 0;  // how often F2 was followed
    Camera camera_;
    Scene scene_;
    bool watching_ = false;
    bool told_code_ = false;
    float waited_ = 0;  // seconds, before there was anything to draw
    Clock::time_point frame_at_ = Clock::now();
    Pacer pacer_;
};

}  // namespace

int play(Window& window, const Options& options) { return Session(window, options).run(); }

}  // namespace arena
