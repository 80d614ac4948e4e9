// One client of the workload, without its socket. It speaks the whole protocol: a plain one lets the bodies be, a probe decodes all and
// measures how long its stamps take to come back.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/replication/replica.h"
#include "sdk/core/session/part_assembly.h"
#include "sdk/core/ws/connection.h"
#include "tools/bench/arena_n/game.h"

namespace tidewire::bench::arena_n {

/// A client's copy of the state.
class Probe {
public:
    explicit Probe(std::uint32_t entities_max);

    /// Errors: what is told cannot be applied, or is not the state of which the server tells the hash.
    Result<void> receive(const wire::TickMessage& message);
    /// The last stamp of the player's own; 0: none yet.
    std::uint32_t stamp(PlayerId player) const;
    /// Entities within half_extent of the player's own, it among them; 0 half_extent: all.
    std::size_t visible(PlayerId player, float half_extent) const;

private:
    replication::Layout layout_;
    replication::Codec codec_;
    replication::Replica replica_;
    replication::Snapshot newest_;
    std::vector<Bytes> inflated_;  // bodies point into them
};

struct WalkerFigures {
    std::uint64_t bytes = 0;       ///< Of messages and their frames' heads.
    std::uint64_t tick_bytes = 0;  ///< Of Tick messages.
    std::uint64_t ticks = 0;
    std::uint64_t leads = 0;       ///< Inputs that the server has told of,
    std::uint64_t leads_late = 0;  ///< and of those the late ones.
    double margin_ms = 0;          ///< Of inputs, summed up over clients.
    std::uint64_t probe_ticks = 0;            ///< Of probes alone.
    std::uint64_t visible = 0;                ///< Of probes: entities, summed up over ticks.
    std::vector<double> input_to_state_ms{};  ///< Of probes.
    /// Of those who digest: ticks in which all that they were told of groups that are not their own was a delta, and its hash.
    std::vector<std::pair<Tick, std::uint64_t>> digests{};
};

struct WalkerOptions {
    std::uint16_t port = 0;
    std::string name{};
    std::uint64_t seed = 1;
    bool probes = false;    ///< It decodes and measures.
    float half_extent = 0;  ///< Of what counts as seen; 0: everything.
    bool digests = false;   ///< It keeps a hash of what it is told.
    bool spectates = false;  ///< It has no entity and steers nothing.
};

class Walker {
public:
    Walker(const WalkerOptions& options, TimePoint now);

    void receive(MutableByteSpan bytes, TimePoint now);
    /// One input, for the next tick that it can still reach. Precondition: playing().
    void steer(TimePoint now);
    /// Tells the server that ticks up to this one have come, and no more.
    void acknowledge(Tick tick);
    void handle_timeout(TimePoint now);
    std::span<const ByteSpan> poll_transmit() { return connection_.poll_transmit(); }
    void transmitted(std::size_t bytes, TimePoint now) { connection_.transmitted(bytes, now); }

    TimePoint poll_timeout() const { return connection_.poll_timeout(); }
    /// It was told of a tick.
    bool playing() const { return newest_ != 0; }
    Tick newest() const { return newest_; }
    /// Why it does not work any more; empty while it does.
    const std::string& trouble() const { return trouble_; }
    WalkerFigures take_figures() {
        figures_.margin_ms = std::chrono::duration<double, std::milli>(margin_).count();
        return std::exchange(figures_, {});
    }

private:
    struct Steered {
        Tick tick = 0;
        TimePoint at{};
    };
    struct Stamped {
        std::uint32_t stamp;
        TimePoint at;
    };

    void pump(TimePoint now);
    void take(ByteSpan message, TimePoint now);
    void take(const wire::TickMessage& message, std::size_t bytes, TimePoint now);
    void digest(const wire::TickMessage& message);
    void send(const Bytes& message);
    void note_rhythm(const wire::TickMessage& message, TimePoint now);
    /// The tick that an input of now is for.
    Tick next_tick(TimePoint now) const;

    WalkerOptions options_;
    SeededRandom random_;
    ws::Connection connection_;
    replication::Layout layout_{::arena_n::Schema::info()};
    std::unique_ptr<Probe> probe_;
    session::PartAssembly parts_;
    std::uint64_t parts_received_ = 0;
    PlayerId player_ = 0;
    Tick newest_ = 0;
    Tick steered_ = 0;
    int ahead_ = 0;  // inputs in a row that had to be for a later tick than the next
    std::array<Steered, 32> steered_lately_{};  // by tick
    int turn_ = 0;
    int turn_inputs_left_ = 0;
    std::uint32_t stamps_ = 0;
    std::deque<Stamped> stamped_;
    TimePoint first_due_{};  // when a tick is due, less its number of periods
    Duration margin_;        // so long before the next tick an input must leave
    std::string trouble_;
    WalkerFigures figures_;
};

}  // namespace tidewire::bench::arena_n
