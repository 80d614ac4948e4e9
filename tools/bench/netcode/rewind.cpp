// One shooter, whose screen is drawn as the client draws it, and the judge of the range.
#include "tools/bench/netcode/rewind.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "sdk/core/base/hash.h"
#include "sdk/core/netcode/interpolation.h"
#include "server/room/view_time.h"
#include "tools/bench/netcode/range_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration settle = std::chrono::seconds(5);

enum class Meant : std::uint8_t { Middle, Inside, Outside };

/// A shot as it left.
struct Fired {
    Meant meant;
    double off;  // from the middle of what was drawn
};

class Shooter {
public:
    Shooter(sim::VirtualServer& server, sim::VirtualClient& client, std::uint64_t seed)
        : server_(server), client_(client), seed_(seed) {}

    /// At every fifth input.
    Trigger input(std::uint32_t number) {
        session::ClientSession& session = client_.session();
        if (server_.now() < TimePoint(settle) || number % 5 != 0 || session.snapshots().newest() == nullptr)
            return last_;
        if (!picture_) {
            picture_.emplace(session.layout());
            screen_.emplace(session.layout().schema(), session.entities_max());
        }
        picture_->draw(session.snapshots(), session.render_clock()->tick(), *screen_);
        const std::uint64_t random = hash_combine(seed_, number);
        const auto index = static_cast<std::uint32_t>(random % target_speeds.size());
        const auto* const target = Entity(*screen_, screen_->at(index)).find<const Target>();
        if (target == nullptr) return last_;
        const auto meant = static_cast<Meant>(random / 8 % 3);
        const double off = meant == Meant::Middle   ? 0
                           : meant == Meant::Inside ? static_cast<double>(target_radius) - target_quantum
                                                    : static_cast<double>(target_radius) + target_quantum;
        const double angle = static_cast<double>(random / 64 % 628) * 0.01;
        ++last_.shot;
        last_.target = static_cast<std::uint8_t>(index);
        last_.x = static_cast<float>(static_cast<double>(target->x) + std::cos(angle) * off);
        last_.y = static_cast<float>(static_cast<double>(target->y) + std::sin(angle) * off);
        fired_[last_.shot] = {meant, off};
        return last_;
    }
    const std::map<std::uint32_t, Fired>& fired() const { return fired_; }

private:
    sim::VirtualServer& server_;
    sim::VirtualClient& client_;
    std::uint64_t seed_;
    std::optional<netcode::Picture> picture_;
    std::optional<World> screen_;
    Trigger last_;
    std::map<std::uint32_t, Fired> fired_;
};

void tell(wire::InputMessage& input, const RewindScenario& scenario) {
    if (input.tick == 0) return;
    switch (scenario.lie) {
        case Lie::None:
            break;
        case Lie::Future:
            input.view_tick = input.tick % 2 == 0 ? ~Tick{0} : input.view_tick + 50;
            break;
        case Lie::FarPast:
            input.view_tick = 1;
            break;
        case Lie::Zero:
            input.view_tick = 0;
            input.view_fraction = 0;
            break;
        case Lie::Jumps:
            if (input.tick % 2 == 0 && input.view_tick > 20) input.view_tick -= 20;
            break;
        case Lie::Fraction:
            input.view_tick = 0;
            input.view_fraction = 255;
            break;
        case Lie::Steady:
            input.view_tick -= std::min<Tick>(input.view_tick, scenario.steady_ticks);
            break;
    }
}

}  // namespace

const char* name_of(Lie lie) {
    constexpr const char* names[] = {"none", "future", "far-past", "zero", "jumps", "fraction", "steady"};
    return names[static_cast<std::size_t>(lie)];
}

RewindFigures run_rewind(const RewindScenario& scenario) {
    RangeGame range(scenario.seed, scenario.half_rate);
    const ServerOptions options{.tick_rate = scenario.tick_rate};
    sim::VirtualServer server(range.game(), options, scenario.seed);
    net::LinkOptions up{.latency = scenario.rtt / 2, .jitter = scenario.jitter};
    if (scenario.stalls) {
        up.stall_every = std::chrono::seconds(2);
        up.stall_for = std::chrono::milliseconds(250);
    }
    net::LinkOptions down = up;
    down.bytes_per_second = scenario.bytes_per_second;
    sim::VirtualClient& client = server.connect(up);
    client.stream->down.set_options(down, server.now());
    client.frame = scenario.frame;
    Shooter shooter(server, client, scenario.seed);
    client.input = [&](std::uint32_t number, std::byte* aggregate) {
        const Trigger trigger = shooter.input(number);
        std::memcpy(aggregate, &trigger, sizeof trigger);
    };
    if (scenario.lie != Lie::None) client.forge = [&](wire::InputMessage& input) { tell(input, scenario); };
    server.run_for(settle);
    const auto ticks = client.session().counters().ticks;
    server.run_for(scenario.duration);

    RewindFigures figures;
    figures.ticks_per_second = static_cast<double>(client.session().counters().ticks - ticks) * 1e6 /
                               static_cast<double>(scenario.duration.count());
    const double tick_ms = 1000.0 / scenario.tick_rate;
    figures.limit_ms = server::rewind_ticks(options.rewind, scenario.tick_rate) * tick_ms;
    for (const JudgedShot& shot : range.shots()) {
        const Fired& fired = shooter.fired().at(shot.shot);
        ++figures.shots;
        if (fired.meant == Meant::Outside)
            figures.hits_beside += shot.hit ? 1U : 0U;
        else
            ++figures.meant_to_hit, figures.hits += shot.hit ? 1U : 0U;
        // Of shots at the edge this is how much nearer to it, or farther, they came.
        const double error = std::abs(shot.distance - fired.off) / target_quantum;
        figures.error_quanta_max = std::max(figures.error_quanta_max, error);
        figures.error_quanta_mean += error;
        const double rewind = (shot.tick - shot.report.tick) * tick_ms;
        figures.rewind_ms_mean += rewind;
        figures.rewind_ms_max = std::max(figures.rewind_ms_max, rewind);
        figures.clamped += shot.report.clamped ? 1U : 0U;
        figures.forged += shot.report.forged ? 1U : 0U;
    }
    if (figures.shots > 0) {
        figures.error_quanta_mean /= static_cast<double>(figures.shots);
        figures.rewind_ms_mean /= static_cast<double>(figures.shots);
    }
    return figures;
}

}  // namespace tidewire::bench
