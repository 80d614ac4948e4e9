// A world that stands still but for a few entities, so that after the join there is room on the link.
#include "tools/bench/netcode/lanes.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "tools/bench/netcode/payload_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr std::size_t moving_bytes = 250;  // in each tick: 60 kbit/s at 30 Hz
constexpr Duration step = std::chrono::milliseconds(1);
constexpr Duration patience = std::chrono::seconds(60);

/// Looks in each step at what came to the client since the last one.
class Watch {
public:
    Watch(sim::VirtualClient& client, Duration latency) : client_(&client), latency_(latency) {}

    /// The game sends the next event.
    Noted note_sent(TimePoint now) {
        sent_.push_back(now);
        return {.number = static_cast<std::uint32_t>(sent_.size() - 1)};
    }
    /// From now on delays count here.
    void begin(LaneDelays& delays, TimePoint now) {
        delays_ = &delays;
        begin_ = now;
    }
    void look(TimePoint now) {
        look_at_pong(now);
        for (const session::ReceivedEvent& event : client_->game_events) {
            const std::uint32_t number = static_cast<const Noted*>(event.value.get())->number;
            exact_ = exact_ && number == arrived_++;
            const TimePoint sent = sent_.at(number);
            if (sent < begin_) continue;
            ++delays_->events;
            delays_->event_ms_max = std::max(delays_->event_ms_max, to_milliseconds(now - sent - latency_));
        }
        client_->game_events.clear();
    }
    /// Each event arrived once and in order, as far as they have arrived.
    bool exact() const { return exact_; }
    bool all_arrived() const { return arrived_ == sent_.size(); }

private:
    void look_at_pong(TimePoint now) {
        const Latency latency = client_->session().latency(now);
        if (latency.samples == pongs_) return;
        pongs_ = latency.samples;
        ++delays_->pongs;
        delays_->pong_ms_max =
            std::max(delays_->pong_ms_max, to_milliseconds(latency.rtt_last - Duration(latency_ * 2)));
    }

    sim::VirtualClient* client_;
    Duration latency_;
    LaneDelays* delays_ = nullptr;
    TimePoint begin_{};
    std::vector<TimePoint> sent_;  // by number
    std::uint32_t arrived_ = 0;
    std::uint64_t pongs_ = 0;
    bool exact_ = true;
};

}  // namespace

LanesFigures run_lanes(const LanesOptions& options) {
    PayloadGame game(moving_bytes, options.seed, options.join_bytes);
    const auto sent = std::make_shared<const std::vector<std::byte>>(options.bulk_bytes, std::byte{7});
    bool send_bulk = false;
    PlayerId player = 0;
    std::function<Noted()> next_event;
    game.game().on_join = [&](ServerSim&, Player joined) { player = joined.id(); };
    game.game().on_tick = [&, moves = game.game().on_tick](ServerSim& sim) {
        moves(sim);
        if (send_bulk) send_bulk = !sim.send_bulk(player, 5, sent);
        if (player != 0 && next_event && sim.tick() % options.event_every == 0) sim.send(player, next_event());
    };
    constexpr std::size_t all = 4 * 1024 * 1024;
    ServerOptions server_options;
    if (options.naive) server_options.first_flight_bytes = all;
    sim::VirtualServer server(game.game(), server_options, options.seed);
    server.run_for(std::chrono::milliseconds(100 + options.seed * 7 % 33));

    LanesFigures figures;
    const TimePoint start = server.now();
    sim::VirtualClient& client =
        server.connect({.latency = options.latency, .bytes_per_second = options.bytes_per_second});
    Watch watch(client, options.latency);
    next_event = [&] { return watch.note_sent(server.now()); };
    const auto ticks = [&] { return client.session().counters().ticks; };
    const auto run_step = [&] {
        server.run_for(step);
        watch.look(server.now());
    };
    // What left until then may be there later.
    const auto settle = [&] {
        next_event = nullptr;
        for (const TimePoint end = server.now() + patience; !watch.all_arrived() && server.now() < end;) run_step();
    };
    watch.begin(figures.join, start);
    while (ticks() == 0 && server.now() < start + patience) run_step();
    figures.join_ms = to_milliseconds(server.now() - start);
    settle();

    const TimePoint joined = server.now();
    const std::uint64_t ticks_before = ticks();
    watch.begin(figures.bulk, joined);
    next_event = [&] { return watch.note_sent(server.now()); };
    send_bulk = options.bulk_bytes > 0;
    bool whole = !send_bulk;
    while (!whole && server.now() < joined + patience) {
        run_step();
        const auto bulk = client.session().poll_bulk();
        if (!bulk) continue;
        whole = bulk->id == 5 && bulk->bytes == *sent;
        figures.bulk_ms = to_milliseconds(server.now() - joined);
        figures.bulk_ticks_per_second = static_cast<double>(ticks() - ticks_before) * 1000 / figures.bulk_ms;
    }
    settle();
    server.run_for(std::chrono::seconds(1));
    figures.playing = whole && watch.exact() && watch.all_arrived() &&
                      client.session().state() == session::ClientState::Playing && ticks() > ticks_before;
    return figures;
}

}  // namespace tidewire::bench
