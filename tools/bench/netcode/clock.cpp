// The sample game over a link of known latency; the figures are read every 100 ms.
#include "tools/bench/netcode/clock.h"

#include <algorithm>
#include <cmath>

#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

ClockFigures run_clock(const ClockOptions& options) {
    sim::SampleGame game(options.seed);
    sim::VirtualServer server(game.game(), {.bots = 4}, options.seed);
    sim::VirtualClient& client = server.connect();
    client.stream->up.set_options({.latency = options.latency_up, .jitter = options.jitter}, server.now());
    client.stream->down.set_options({.latency = options.latency_down, .jitter = options.jitter}, server.now());
    client.frame = options.frame;
    client.input = [](std::uint32_t, std::byte*) {};
    server.run_for(std::chrono::seconds(10));

    ClockFigures figures;
    for (int i = 0; i < 300; ++i) {
        server.run_for(std::chrono::milliseconds(100));
        const Latency latency = client.session().latency(server.now());
        const double rtt = to_milliseconds(options.latency_up + options.latency_down);
        figures.offset_error_ms_max =
            std::max(figures.offset_error_ms_max, std::abs(to_milliseconds(latency.clock_offset)));
        figures.error_bound_ms = to_milliseconds(latency.clock_error_max);
        figures.rtt_ms_min = to_milliseconds(latency.rtt_min);
        figures.rtt_error_ms_max =
            std::max(figures.rtt_error_ms_max, std::abs(to_milliseconds(latency.rtt_smoothed) - rtt));
    }
    return figures;
}

}  // namespace tidewire::bench
