// The sample game with a hundred clients. The slow one only watches, so that nothing that it does is part of the others' world.
#include "tools/bench/netcode/slow_peer.h"

#include <algorithm>
#include <array>
#include <map>

#include "sdk/core/base/hash.h"
#include "tools/bench/netcode/promised_age.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/server_heap.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::bench {

namespace {

constexpr Duration latency = std::chrono::milliseconds(20);
constexpr Duration settled = std::chrono::seconds(5);
constexpr Duration nap = std::chrono::seconds(5);
constexpr Duration nap_every = std::chrono::seconds(15);
constexpr char watcher[] = "watcher";
/// Of a frame of this size, which a session does not count.
constexpr std::size_t frame_head_bytes = 4;
/// Ticks of which one may be on its way while another is, and the next.
constexpr std::size_t ticks_around = 6;

/// The mean of what is sampled once a second between two instants.
class Mean {
public:
    void add(double value) {
        sum_ += value;
        ++count_;
    }
    double value() const { return count_ == 0 ? 0 : sum_ / count_; }

private:
    double sum_ = 0;
    int count_ = 0;
};

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
        Mean heap_before;
        Mean heap_after;
        for (TimePoint next = server_.now(); next < end;) {
            const double heap_kib = static_cast<double>(sim::server_heap_bytes() - heap_start_) / 1024;
            const auto tenth = (next - begin) * 10 / options_.length;
            if (tenth == 1) heap_before.add(heap_kib);
            if (tenth == 9) heap_after.add(heap_kib);
            if (tenth >= 1) figures_.server_heap_kib_max = std::max(figures_.server_heap_kib_max, heap_kib);
            set_slow(next - begin);
            next = std::min(end, next + std::chrono::seconds(1));
            server_.run_until(next);
        }
        figures_.server_heap_kib = heap_after.value();
        figures_.server_heap_growth_kib = heap_after.value() - heap_before.value();
        figures_.slow_age_ms_allowed_mean = age_allowed_.value();

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
        // Whoever is closed for what it does not read stays away: its next connection would be another story.
        return {.players_max = static_cast<std::uint32_t>(options.others + 1), .resume_within = std::chrono::milliseconds(0)};
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
        const std::uint64_t bytes = client.session().counters().bytes_received;
        std::rotate(slow_ticks_.begin(), slow_ticks_.begin() + 1, slow_ticks_.end());
        slow_ticks_.back() = static_cast<double>(bytes - slow_bytes_ + frame_head_bytes);
        slow_bytes_ = bytes;
        if (measuring_ && shown_ != 0) judge_age();
        shown_ = newest.tick;
    }

    /// Just before it is replaced the shown one is oldest.
    void judge_age() {
        const double age_ms = to_milliseconds(server_.now() - (start_ + interval_ * shown_));
        figures_.slow_age_ms_max = std::max(figures_.slow_age_ms_max, age_ms);
        if (options_.kind != SlowPeer::Throttled) return;
        const double allowed_ms = promised_age_ms(*std::max_element(slow_ticks_.begin(), slow_ticks_.end()),
                                                  {.latency = latency,
                                                   .bytes_per_second = static_cast<double>(options_.bytes_per_second),
                                                   .tick_interval = interval_});
        age_allowed_.add(allowed_ms);
        figures_.slow_age_ms_beyond_max = std::max(figures_.slow_age_ms_beyond_max, age_ms - allowed_ms);
    }

    SlowPeerOptions options_;
    std::int64_t heap_start_ = sim::server_heap_bytes();
    sim::SampleGame game_;
    sim::VirtualServer server_;
    TimePoint start_ = server_.now();  // tick n is due n intervals later
    Duration interval_ = Duration(std::chrono::seconds(1)) / server_.room().options().tick_rate;
    sim::VirtualClient* slow_ = nullptr;
    bool measuring_ = false;
    Tick shown_ = 0;
    std::uint64_t slow_bytes_ = 0;
    std::array<double, ticks_around> slow_ticks_{};  // the bytes of its last ones, in order
    Mean age_allowed_;
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
