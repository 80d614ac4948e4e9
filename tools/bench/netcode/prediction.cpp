// Each player has two screens: the one that it sees, and one without smoothing, which tells the error of the first.
#include "tools/bench/netcode/prediction.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "sdk/core/base/hash.h"
#include "sdk/core/netcode/own_picture.h"
#include "tools/bench/netcode/walkers_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration settle = std::chrono::seconds(4);
constexpr double rounding = 0.05;    // three quanta: both pictures and the last one are of rounded states
constexpr double clock_bend = 1.05;  // TickLeadOptions::faster_max

/// Corrections are seen at once.
constexpr netcode::SmoothingOptions without_smoothing{.half_life_small = Duration(1), .half_life_large = Duration(1)};

class Screen {
public:
    Screen(const session::ClientSession& session, netcode::SmoothingOptions smoothing)
        : picture_(session.layout()),
          own_picture_(session.layout(), smoothing),
          world_(session.layout().schema(), session.entities_max()) {}

    void draw(const session::ClientSession& session, TimePoint now) {
        picture_.draw(session.snapshots(), session.render_clock()->tick(), world_);
        own_picture_.draw(*session.prediction(), session.tick_lead()->position(), now, world_);
    }
    /// The player's own; empty before it is drawn.
    std::optional<Walker> walker(PlayerId player) {
        for (auto [entity, walker] : View<const Walker>(world_))
            if (entity.owner() == player) return walker;
        return std::nullopt;
    }

private:
    netcode::Picture picture_;
    netcode::OwnPicture own_picture_;
    World world_;
};

double distance(const Walker& a, const Walker& b) {
    return std::hypot(static_cast<double>(a.x) - static_cast<double>(b.x),
                      static_cast<double>(a.y) - static_cast<double>(b.y));
}

class Player {
public:
    Player(sim::VirtualServer& server, net::LinkOptions link, const PredictionScenario& scenario, std::uint64_t number)
        : client_(server.connect(link)), seed_(hash_combine(scenario.seed, number)), contention_(scenario.contention) {
        client_.session().predict_by(walker_rules());
        client_.input = [this](std::uint32_t count, std::byte* aggregate) {
            const Steps steps = input(count);
            std::memcpy(aggregate, &steps, sizeof steps);
        };
    }
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    void draw(TimePoint now, double frame_seconds, bool judged, PredictionFigures& figures) {
        session::ClientSession& session = client_.session();
        session.advance(now);
        if (session.snapshots().newest() == nullptr) return;
        if (!seen_) {
            seen_.emplace(session, netcode::SmoothingOptions{});
            raw_.emplace(session, without_smoothing);
        }
        seen_->draw(session, now);
        raw_->draw(session, now);
        const auto walker = seen_->walker(session.player());
        const auto simulated = raw_->walker(session.player());
        if (judged && walker && simulated && last_) {
            const double jump = distance(*walker, *last_);
            const double left = std::exp2(
                -frame_seconds / std::chrono::duration<double>(netcode::SmoothingOptions{}.half_life_large).count());
            // So much is the error now, so it was more by what this frame took off.
            const double error = distance(*walker, *simulated) / left;
            const double bound = static_cast<double>(walk_speed) * frame_seconds * clock_bend + error * (1 - left);
            figures.travelled += jump;
            figures.jump_max = std::max(figures.jump_max, jump);
            figures.error_max = std::max(figures.error_max, error);
            figures.beyond_bound_max = std::max(figures.beyond_bound_max, jump - bound - rounding);
        }
        last_ = walker;
    }
    const netcode::PredictionCounters& counters() const { return client_.session().prediction()->counters(); }
    bool plays() const { return client_.session().prediction() != nullptr; }

private:
    /// This way and that, a while each; those who shall meet run to the middle in between.
    Steps input(std::uint32_t number) const {
        const std::uint64_t random = hash_combine(seed_, number / 7);
        if (contention_ && number / 64 % 2 == 0 && last_)
            return {.dx = static_cast<std::int8_t>(last_->x < 0 ? 1 : -1),
                    .dy = static_cast<std::int8_t>(last_->y < 0 ? 1 : -1)};
        return {.dx = static_cast<std::int8_t>(static_cast<int>(random % 3) - 1),
                .dy = static_cast<std::int8_t>(static_cast<int>(random / 3 % 3) - 1)};
    }

    sim::VirtualClient& client_;
    std::uint64_t seed_;
    bool contention_;
    std::optional<Screen> seen_;
    std::optional<Screen> raw_;
    std::optional<Walker> last_;
};

net::LinkOptions link_of(const PredictionScenario& scenario) {
    net::LinkOptions link{.latency = scenario.rtt / 2};
    if (scenario.trouble == Trouble::Jitter) link.jitter = link.latency * 3 / 10;
    if (scenario.trouble == Trouble::Stalls) {
        link.stall_every = std::chrono::seconds(2);
        link.stall_for = std::chrono::milliseconds(250);
    }
    return link;
}

}  // namespace

const char* name_of(Trouble trouble) {
    return trouble == Trouble::None ? "none" : trouble == Trouble::Jitter ? "jitter" : "stalls";
}

PredictionFigures run_prediction(const PredictionScenario& scenario) {
    WalkersGame game(scenario.contention);
    sim::VirtualServer server(game.game(), {.tick_rate = scenario.tick_rate}, scenario.seed);
    std::vector<std::unique_ptr<Player>> players;
    for (std::uint64_t i = 0; i < (scenario.contention ? 4U : 1U); ++i)
        players.push_back(std::make_unique<Player>(server, link_of(scenario), scenario, i));

    PredictionFigures figures;
    const Duration frame(1'000'000 / scenario.frames_per_second);
    const double frame_seconds = std::chrono::duration<double>(frame).count();
    const auto run_for = [&](Duration duration, bool judged) {
        for (Duration passed{0}; passed < duration; passed += frame) {
            server.run_for(frame);
            for (const auto& player : players) player->draw(server.now(), frame_seconds, judged, figures);
        }
    };
    const auto sum = [&](std::uint64_t netcode::PredictionCounters::*counter) {
        std::uint64_t all = 0;
        for (const auto& player : players) all += player->plays() ? player->counters().*counter : 0;
        return all;
    };
    run_for(settle, false);
    const std::uint64_t predicted = sum(&netcode::PredictionCounters::predicted);
    const std::uint64_t corrections = sum(&netcode::PredictionCounters::corrections);
    const std::uint64_t late = server.room().counters().inputs.late;
    run_for(scenario.duration, true);
    figures.predicted = sum(&netcode::PredictionCounters::predicted) - predicted;
    figures.corrections = sum(&netcode::PredictionCounters::corrections) - corrections;
    figures.late = server.room().counters().inputs.late - late;
    return figures;
}

}  // namespace tidewire::bench
