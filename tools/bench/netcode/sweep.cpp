// One client of the sample game; the server counts what is late.
#include "tools/bench/netcode/sweep.h"

#include <algorithm>
#include <cmath>

#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration settle = std::chrono::seconds(5);
constexpr Duration third = std::chrono::seconds(20);
constexpr Duration stall_every = std::chrono::seconds(2);
constexpr Duration stall_for = std::chrono::milliseconds(250);

net::LinkOptions link_of(const SweepOptions& options, Duration rtt) {
    net::LinkOptions link{.latency = rtt / 2};
    if (options.weather == Weather::Jitter) link.jitter = link.latency * 3 / 10;
    if (options.weather == Weather::Stalls) {
        link.stall_every = stall_every;
        link.stall_for = stall_for;
    }
    return link;
}

/// Lets a part of the time pass and watches the client's clock.
class Watch {
public:
    Watch(sim::VirtualServer& server, sim::VirtualClient& client) : server_(server), client_(client) {}

    /// The mean lead in ticks, by what the server says of inputs as they come.
    double run_for(Duration duration) {
        double sum = 0;
        int count = 0;
        for (Duration passed{0}; passed < duration; passed += step, ++count) {
            server_.run_for(step);
            const auto& lead = client_.session().tick_lead();
            if (!lead) continue;
            sum += lead->worst().value_or(0);
            const double dilation = lead->speed() - 1;
            if (dilation == 0) continue;
            sign_changes += sign_ != 0 && (dilation > 0) != (sign_ > 0) ? 1 : 0;
            sign_ = dilation > 0 ? 1 : -1;
        }
        return sum / count;
    }

    int sign_changes = 0;

private:
    static constexpr Duration step = std::chrono::milliseconds(10);
    sim::VirtualServer& server_;
    sim::VirtualClient& client_;
    int sign_ = 0;
};

}  // namespace

const char* name_of(Weather weather) {
    switch (weather) {
        case Weather::Steady:
            return "steady";
        case Weather::Jitter:
            return "jitter";
        case Weather::StepUp:
            return "step-up";
        case Weather::StepDown:
            return "step-down";
        case Weather::Stalls:
            break;
    }
    return "stalls";
}

SweepFigures run_sweep(const SweepOptions& options) {
    sim::SampleGame game(options.seed);
    sim::VirtualServer server(game.game(), {.tick_rate = options.tick_rate}, options.seed);
    sim::VirtualClient& client = server.connect(link_of(options, options.rtt));
    client.frame = options.frame;
    client.input = [](std::uint32_t, std::byte*) {};
    Watch watch(server, client);
    watch.run_for(settle);
    const bool step = options.weather == Weather::StepUp || options.weather == Weather::StepDown;
    if (step) {
        const Duration other =
            options.weather == Weather::StepUp ? options.rtt + std::chrono::milliseconds(100) : options.rtt / 4;
        watch.run_for(settle);
        watch.sign_changes = 0;
        client.stream->up.set_options(link_of(options, other), server.now());
        client.stream->down.set_options(link_of(options, other), server.now());
        watch.run_for(settle);
    }

    SweepFigures figures;
    const server::InputCounters before = server.room().counters().inputs;
    const double tick_ms = 1000.0 / options.tick_rate;
    figures.lead_ms_mean = watch.run_for(third) * tick_ms;
    watch.run_for(third);
    figures.lead_ms_mean_end = watch.run_for(third) * tick_ms;
    const server::InputCounters& after = server.room().counters().inputs;
    figures.late = after.late - before.late;
    figures.inputs = after.consumed - before.consumed + figures.late;
    figures.sign_changes = watch.sign_changes;

    const auto expect = [&](bool holds, const char* what) {
        if (holds) return;
        figures.failed = true;
        figures.why += (figures.why.empty() ? "" : "; ") + std::string(what);
    };
    expect(client.session().state() == session::ClientState::Playing, "the client does not play any more");
    expect(figures.inputs > static_cast<std::uint64_t>(options.tick_rate) * 55, "inputs are missing");
    if (options.weather == Weather::Stalls) {
        const double lead = std::min(figures.lead_ms_mean, figures.lead_ms_mean_end);
        const double each = std::max(0.0, to_milliseconds(stall_for) - lead) / tick_ms + 2;
        expect(static_cast<double>(figures.late) <= each * (3 * third / stall_every + 1),
               "more are late than a stall holds up");
        expect(figures.lead_ms_mean_end <= figures.lead_ms_mean + 2 * tick_ms ||
                   figures.lead_ms_mean_end <= to_milliseconds(stall_for) + 2 * tick_ms,
               "the lead grows from stall to stall");
    } else {
        expect(figures.late * 1000 < figures.inputs, "more than one in a thousand is late");
    }
    if (step) expect(figures.sign_changes <= 2, "the clock swings after the step");
    return figures;
}

}  // namespace tidewire::bench
