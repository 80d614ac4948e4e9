// The real server and client over the model link, and beside them the same ticks in a queue without a window.
#include "tools/bench/netcode/rate_drop.h"

#include <algorithm>

#include "sdk/net/link_model.h"
#include "tools/bench/netcode/payload_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration before = std::chrono::seconds(5);
constexpr Duration after = std::chrono::seconds(8);

net::LinkOptions link_of(const RateDropOptions& options, std::size_t bytes_per_second) {
    return {.latency = options.rtt / 2, .bytes_per_second = bytes_per_second};
}

double naive_age(const RateDropOptions& options, std::size_t tick_bytes) {
    const Duration interval = Duration(std::chrono::seconds(1)) / options.tick_rate;
    const TimePoint drop = TimePoint{} + before;
    net::LinkModel link(link_of(options, options.bytes_per_second), options.seed);
    const Bytes tick(tick_bytes);
    const ByteSpan part(tick);
    Bytes room(64 * 1024);
    std::size_t read = 0;
    Duration age_max{0};
    bool dropped = false;
    bool mended = false;
    for (TimePoint now{}; now < drop + options.drop + after; now += interval) {
        if (!dropped && now >= drop)
            link.set_options(link_of(options, options.dropped_bytes_per_second), now), dropped = true;
        if (!mended && now >= drop + options.drop)
            link.set_options(link_of(options, options.bytes_per_second), now), mended = true;
        link.write({&part, 1}, now);
        while (const std::size_t count = link.read(room, now)) read += count;
        const auto whole = static_cast<std::int64_t>(read / tick_bytes);
        if (dropped && whole > 0) age_max = std::max(age_max, now - (TimePoint{} + interval * (whole - 1)));
    }
    return to_milliseconds(age_max);
}

}  // namespace

RateDropFigures run_rate_drop(const RateDropOptions& options) {
    PayloadGame game(options.noise_bytes, options.seed);
    sim::VirtualServer server(game.game(), {.tick_rate = options.tick_rate}, options.seed);
    sim::VirtualClient& client = server.connect(link_of(options, options.bytes_per_second));
    client.input = [](std::uint32_t, std::byte*) {};

    RateDropFigures figures;
    TimePoint drop = never;
    const TimePoint start = server.now();  // tick n is due n intervals later
    std::uint64_t in_drop = 0;
    Tick shown = 0;
    server.on_client_event = [&](sim::VirtualClient&, const session::ClientEvent& event) {
        if (event.kind != session::ClientEvent::Kind::Snapshot) return;
        const TimePoint now = server.now();
        // Just before it was replaced the last one was oldest.
        if (now >= drop && shown != 0) {
            const TimePoint made = start + Duration(std::int64_t{1'000'000} * shown / options.tick_rate);
            figures.age_ms_max = std::max(figures.age_ms_max, to_milliseconds(now - made));
        }
        in_drop += now >= drop && now < drop + options.drop ? 1U : 0U;
        shown = client.session().snapshots().newest()->tick;
    };
    server.run_for(before);
    const auto bytes = client.session().counters().bytes_received;
    const auto ticks = client.session().counters().ticks;
    server.run_for(std::chrono::seconds(1));
    figures.tick_bytes_mean = static_cast<double>(client.session().counters().bytes_received - bytes) /
                              static_cast<double>(client.session().counters().ticks - ticks);
    drop = server.now();
    client.stream->down.set_options(link_of(options, options.dropped_bytes_per_second), server.now());
    server.run_for(options.drop);
    client.stream->down.set_options(link_of(options, options.bytes_per_second), server.now());
    server.run_for(after - std::chrono::seconds(1));
    const auto before_last = client.session().counters().ticks;
    server.run_for(std::chrono::seconds(1));
    figures.recovered_hz = static_cast<double>(client.session().counters().ticks - before_last);
    figures.ticks_per_second = static_cast<double>(in_drop) * 1e6 / static_cast<double>(options.drop.count());
    figures.playing = client.session().state() == session::ClientState::Playing;
    figures.naive_age_ms_max = naive_age(options, static_cast<std::size_t>(figures.tick_bytes_mean));
    return figures;
}

}  // namespace tidewire::bench
