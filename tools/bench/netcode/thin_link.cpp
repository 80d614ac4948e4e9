// The join comes over a fast link, as in most games while they load: what the window learns there must not last.
#include "tools/bench/netcode/thin_link.h"

#include <algorithm>

#include "server/gate/delivery_ladder.h"
#include "tools/bench/netcode/payload_game.h"
#include "tools/bench/netcode/promised_age.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration settled = std::chrono::seconds(15);
/// Beside the state in each tick: the frame's and the message's heads, and what says which entities changed.
constexpr std::size_t head_bytes_max = 80;

/// A client that skipped ticks is told of two: the newest, and the one that both ends guess the next from.
double tick_bytes_max(const ThinLinkOptions& options) {
    return static_cast<double>(2 * options.state_bytes + head_bytes_max);
}

double allowed_ms(const ThinLinkOptions& options, Duration interval) {
    const double tick_ms = tick_bytes_max(options) * 1e3 / static_cast<double>(options.bytes_per_second);
    const double promised =
        promised_age_ms(tick_bytes_max(options), {.latency = options.latency,
                                                  .bytes_per_second = static_cast<double>(options.bytes_per_second),
                                                  .tick_interval = interval});
    // A link that carries less than every fourth tick is told one a second, which is alone on it.
    if (tick_ms <= to_milliseconds(interval * 4)) return promised;
    const Duration one_a_second = server::DeliveryLadderOptions{}.keyframe_interval + interval + options.latency;
    return std::max(promised, to_milliseconds(one_a_second) + tick_ms);
}

}  // namespace

ThinLinkFigures run_thin_link(const ThinLinkOptions& options) {
    PayloadGame game(options.state_bytes, options.seed);
    sim::VirtualServer server(game.game(), {}, options.seed);
    sim::VirtualClient& client = server.connect({.latency = options.latency});
    client.input = [](std::uint32_t, std::byte*) {};
    server.run_for(std::chrono::seconds(1));
    net::LinkOptions link = client.stream->down.options();
    link.bytes_per_second = options.bytes_per_second;
    client.stream->down.set_options(link, server.now());

    ThinLinkFigures figures;
    const Duration interval = Duration(std::chrono::seconds(1)) / server.room().options().tick_rate;
    figures.age_ms_allowed = allowed_ms(options, interval);
    const TimePoint start = server.now() - interval * server.room().tick_number();  // tick n is due n intervals later
    Tick shown = 0;
    std::uint64_t bytes = 0;
    server.on_client_event = [&](sim::VirtualClient&, const session::ClientEvent& event) {
        if (event.kind != session::ClientEvent::Kind::Snapshot) return;
        const TimePoint now = server.now();
        const std::uint64_t received = client.session().counters().bytes_received;
        if (now >= start + settled) {
            // Just before it was replaced the last one was oldest.
            figures.age_ms_max = std::max(figures.age_ms_max, to_milliseconds(now - (start + interval * shown)));
            figures.tick_bytes_max = std::max(figures.tick_bytes_max, static_cast<double>(received - bytes));
        }
        bytes = received;
        shown = client.session().snapshots().newest()->tick;
    };
    server.on_tick = [&] {
        client.events.clear();
        server.gate_events.clear();
    };
    server.run_for(settled);
    const session::ClientCounters before = client.session().counters();
    server.run_for(options.length - settled);
    const session::ClientCounters& after = client.session().counters();
    const double seconds = to_milliseconds(options.length - settled) / 1e3;
    figures.ticks_per_second = static_cast<double>(after.ticks - before.ticks) / seconds;
    figures.link_percent = static_cast<double>(after.bytes_received - before.bytes_received) * 100 / seconds /
                           static_cast<double>(options.bytes_per_second);
    figures.playing = client.session().state() == session::ClientState::Playing;
    return figures;
}

}  // namespace tidewire::bench
