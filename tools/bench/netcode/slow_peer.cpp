// The sample game with a hundred clients. The slow one only watches, so that nothing that it does is part of the others' world.
#include "tools/bench/netcode/slow_peer.h"

#include <malloc.h>

#include <algorithm>
#include <map>

#include "sdk/core/base/hash.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration latency = std::chrono::milliseconds(20);
constexpr Duration settled = std::chrono::seconds(5);
constexpr Duration nap = std::chrono::seconds(5);
constexpr Duration nap_every = std::chrono::seconds(15);
constexpr char watcher[] = "watcher";

/// One run: it observes what passes and turns it into figures.
class Run {
public:
    explicit Run(const SlowPeerOptions& options)
        : options_(options), game_(options.seed), server_(with_watcher(game_), server_options(options), options.seed) {
        server_.on_written = [this](const sim::VirtualStream& stream, ByteSpan bytes) { note_written(stream, bytes); };
        server_.on_client_event = [this](sim::VirtualClient& client, const session::ClientEvent& event) {
            note_event(client, event);
        };
        // They are told above; a run of minutes does not keep them.
        server_.on_tick = [this] {
            for (auto& client : server_.clients()) client->events.clear();
            server_.gate_events.clear();
        };
    }

    SlowPeerFigures play() {
        for (std::size_t i = 0; i < options_.others; ++i) {
            server_.connect({.latency = latency}).input = [i](std::uint32_t number, std::byte* aggregate) {
                const auto turn = static_cast<std::int8_t>((number / 8 + i) % 3);
                *static_cast<sim::Push*>(static_cast<void*>(aggregate)) = {.dx = static_cast<std::int8_t>(turn - 1),
                                                                           .dy = static_cast<std::int8_t>(1 - turn)};
            };
        }
        if (options_.kind != SlowPeer::Absent) connect_slow();
        const TimePoint begin = server_.now();
        const TimePoint end = begin + options_.length;
        server_.run_until(begin + settled);
        const double seconds = to_milliseconds(options_.length - settled) / 1000;
        std::uint64_t ticks = 0;
        for (auto& client : server_.clients())
            if (client.get() != slow_) ticks -= client->session().counters().ticks;
        const std::uint64_t slow_ticks = slow_ != nullptr ? slow_->session().counters().ticks : 0;
        measuring_ = true;
        std::size_t heap = 0;
        for (TimePoint next = server_.now(); next < end;) {
            if (heap == 0 && next >= begin + options_.length / 10) heap = mallinfo2().uordblks;
            set_slow(next - begin);
            next = std::min(end, next + std::chrono::seconds(1));
            server_.run_until(next);
        }

        for (auto& client : server_.clients()) {
            figures_.faults += client->session().counters().desyncs;
            if (client.get() != slow_) ticks += client->session().counters().ticks;
        }
        figures_.others_ticks_per_second = static_cast<double>(ticks) / static_cast<double>(options_.others) / seconds;
        if (slow_ != nullptr) {
            figures_.slow_playing = slow_->session().state() == session::ClientState::Playing;
            figures_.slow_ticks_per_second =
                static_cast<double>(slow_->session().counters().ticks - slow_ticks) / seconds;
        }
        if (options_.kind == SlowPeer::Throttled)
            figures_.slow_age_ms_allowed =
                3e3 * static_cast<double>(slow_tick_bytes_max_) / static_cast<double>(options_.bytes_per_second) +
                to_milliseconds(latency + 2 * interval_);
        figures_.heap_growth_kib =
            (static_cast<double>(mallinfo2().uordblks) - static_cast<double>(heap)) / 1024;
        // In the order of the connections, whatever that of the map is.
        for (auto& client : server_.clients())
            if (client.get() != slow_)
                figures_.others_hash = hash_combine(figures_.others_hash, hashes_[client->stream->id]);
        return figures_;
    }

private:
    static const Game& with_watcher(sim::SampleGame& game) {
        game.game().on_join = [join = game.game().on_join](ServerSim& sim, Player player) {
            if (player.name() != watcher) join(sim, player);
        };
        return game.game();
    }

    static ServerOptions server_options(const SlowPeerOptions& options) {
        return {.players_max = static_cast<std::uint32_t>(options.others + 1)};
    }

    void connect_slow() {
        // Behind it is what a kernel with small buffers holds: the server's window has to do the rest.
        net::LinkOptions link{.latency = latency};
        if (options_.kind == SlowPeer::Throttled) link.held_bytes_max = 64 * 1024;
        slow_ = &server_.connect(link, {.player_name = watcher});
        if (options_.kind == SlowPeer::Throttled) {
            link.bytes_per_second = options_.bytes_per_second;
            slow_->stream->down.set_options(link, server_.now());
        }
        slow_->input = [](std::uint32_t, std::byte*) {};
    }

    void set_slow(Duration since_begin) {
        if (options_.kind == SlowPeer::Silent) slow_->reading = false;
        if (options_.kind == SlowPeer::Napping) slow_->reading = since_begin % nap_every >= nap;
    }

    void note_written(const sim::VirtualStream& stream, ByteSpan bytes) {
        if (slow_ != nullptr && &stream == slow_->stream.get()) return;
        std::uint64_t& hash = hashes_[stream.id];
        hash = fnv1a(bytes, hash == 0 ? fnv1a({}) : hash);
        figures_.others_bytes += bytes.size();
    }

    void note_event(sim::VirtualClient& client, const session::ClientEvent& event) {
        if (event.kind != session::ClientEvent::Kind::Snapshot) return;
        const replication::Snapshot& newest = *client.session().snapshots().newest();
        // Of the others some stand for all: they are told the same bytes.
        const bool watched = &client == slow_ || static_cast<std::uint64_t>(client.stream->id) % 16 == 0;
        const auto& hashes = server_.hashes();
        if (watched && (newest.tick > hashes.size() || replication::state_hash(newest) != hashes[newest.tick - 1]))
            ++figures_.faults;
        if (&client != slow_) return;
        // Just before it was replaced the last one was oldest.
        if (measuring_ && shown_ != 0)
            figures_.slow_age_ms_max =
                std::max(figures_.slow_age_ms_max, to_milliseconds(server_.now() - (start_ + interval_ * shown_)));
        shown_ = newest.tick;
        const std::uint64_t bytes = client.session().counters().bytes_received;
        if (measuring_) slow_tick_bytes_max_ = std::max(slow_tick_bytes_max_, bytes - slow_bytes_);
        slow_bytes_ = bytes;
    }

    SlowPeerOptions options_;
    sim::SampleGame game_;
    sim::VirtualServer server_;
    TimePoint start_ = server_.now();  // tick n is due n intervals later
    Duration interval_ = Duration(std::chrono::seconds(1)) / server_.room().options().tick_rate;
    sim::VirtualClient* slow_ = nullptr;
    bool measuring_ = false;
    Tick shown_ = 0;
    std::uint64_t slow_bytes_ = 0;
    std::uint64_t slow_tick_bytes_max_ = 0;
    std::map<server::ConnectionId, std::uint64_t> hashes_;
    SlowPeerFigures figures_;
};

}  // namespace

const char* name_of(SlowPeer kind) {
    switch (kind) {
        case SlowPeer::Absent:
            return "absent";
        case SlowPeer::Throttled:
            return "throttled";
        case SlowPeer::Silent:
            return "silent";
        case SlowPeer::Napping:
            break;
    }
    return "napping";
}

SlowPeerFigures run_slow_peer(const SlowPeerOptions& options) { return Run(options).play(); }

}  // namespace tidewire::bench
