// A world that stands still but for a few entities, so that after the join there is room on the link.
#include "tools/bench/netcode/lanes.h"

#include <algorithm>

#include "tools/bench/netcode/payload_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr std::size_t moving_bytes = 250;  // in each tick: 60 kbit/s at 30 Hz
constexpr Duration step = std::chrono::milliseconds(1);
constexpr Duration patience = std::chrono::seconds(60);

/// How long the Pongs took that came since the last look, beyond the link's delay.
class PongWatch {
public:
    PongWatch(const session::ClientSession& session, Duration link_rtt) : session_(&session), link_rtt_(link_rtt) {}

    /// True when one came.
    bool look(TimePoint now) {
        const Latency latency = session_->latency(now);
        if (latency.samples == seen_) return false;
        seen_ = latency.samples;
        delay_ms = to_milliseconds(latency.rtt_last - link_rtt_);
        return true;
    }

    double delay_ms = 0;

private:
    const session::ClientSession* session_;
    Duration link_rtt_;
    std::uint64_t seen_ = 0;
};

}  // namespace

LanesFigures run_lanes(const LanesOptions& options) {
    PayloadGame game(moving_bytes, options.seed, options.join_bytes);
    const auto sent = std::make_shared<const std::vector<std::byte>>(options.bulk_bytes, std::byte{7});
    bool send = false;
    game.game().on_tick = [moves = game.game().on_tick, &send, &sent](ServerSim& sim) {
        moves(sim);
        if (send) send = !sim.send_bulk(1, 5, sent);
    };
    constexpr std::size_t all = 1024 * 1024;
    ServerOptions server_options;
    if (options.naive) server_options.first_flight_bytes = all;
    sim::VirtualServer server(game.game(), server_options, options.seed);
    server.run_for(std::chrono::milliseconds(100 + options.seed * 7 % 33));

    LanesFigures figures;
    const TimePoint start = server.now();
    sim::VirtualClient& client =
        server.connect({.latency = options.latency, .bytes_per_second = options.bytes_per_second});
    PongWatch pongs(client.session(), options.latency * 2);
    const auto ticks = [&] { return client.session().counters().ticks; };
    // What left in time may be there a little later.
    for (TimePoint end = start + patience; server.now() < end; server.run_for(step)) {
        if (ticks() > 0 && figures.join_ms == 0) {
            figures.join_ms = to_milliseconds(server.now() - start);
            end = server.now() + options.latency;
        }
        if (!pongs.look(server.now())) continue;
        figures.event_delay_ms_max = std::max(figures.event_delay_ms_max, pongs.delay_ms);
        ++figures.events;
    }

    const TimePoint joined = server.now();
    const std::uint64_t ticks_before = ticks();
    send = options.bulk_bytes > 0;
    bool whole = !send;
    while (!whole && server.now() < joined + patience) {
        server.run_for(step);
        if (pongs.look(server.now()))
            figures.bulk_event_delay_ms_max = std::max(figures.bulk_event_delay_ms_max, pongs.delay_ms);
        const auto bulk = client.session().poll_bulk();
        if (!bulk) continue;
        whole = bulk->id == 5 && bulk->bytes == *sent;
        figures.bulk_ms = to_milliseconds(server.now() - joined);
        figures.bulk_ticks_per_second = static_cast<double>(ticks() - ticks_before) * 1000 / figures.bulk_ms;
    }
    server.run_for(std::chrono::seconds(1));
    figures.playing = whole && client.session().state() == session::ClientState::Playing && ticks() > ticks_before;
    return figures;
}

}  // namespace tidewire::bench
