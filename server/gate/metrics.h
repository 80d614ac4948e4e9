// The figures that an operator's Prometheus reads: of rooms, of shards and of the process. Whoever runs one notes totals once a tick;
// the answer to /metrics is made from what was noted last.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sdk/core/base/time.h"
#include "sdk/core/session/message_budget.h"
#include "server/gate/delivery_ladder.h"
#include "server/gate/refusal_class.h"
#include "tidewire/version.h"

namespace tidewire::server {

/// What a room does with those who come.
enum class RoomStatus : std::uint8_t {
    Open,
    Draining,  ///< Nobody joins any more, and its players finish.
    Closing,   ///< Its players are sent away.
};
inline constexpr std::size_t room_status_count = 3;
/// "open", "draining", "closing".
const char* name_of(RoomStatus status);

/// One room as it is after a tick.
struct RoomFigures {
    // Totals since the room began.
    std::uint64_t ticks = 0;
    std::uint64_t ticks_dropped = 0;  ///< Time that was given up after catch_up_ticks_max.
    std::uint64_t inputs = 0;
    std::uint64_t inputs_repeated = 0;  ///< Ticks in which the last input stood in for a missing one.
    std::uint64_t inputs_neutral = 0;   ///< Ticks in which zeros did.
    std::uint64_t inputs_late = 0;
    std::uint64_t inputs_early = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t tick_messages = 0;
    std::uint64_t ticks_left_out = 0;  ///< Of one client each: its rung, its window or its queue did not allow it.
    std::uint64_t ticks_shed = 0;      ///< And those that the room left out for its load.
    std::uint64_t keyframes = 0;       ///< Tick messages with a keyframe.
    std::uint64_t events_sent = 0;
    std::uint64_t events_muted = 0;        ///< Of clients, dropped since their player is muted.
    session::MessageCounts messages{};     ///< Of clients, by class.
    std::uint64_t players_dismissed = 0;   ///< Kicked, banned, or sent away for doing nothing.

    // As it is now.
    std::uint32_t players = 0;                                ///< With bots.
    std::uint32_t spectators = 0;
    std::array<std::uint32_t, rung_count> clients_on_rung{};  ///< By Rung.
    std::uint32_t load_level = 0;                             ///< Steps of load that it sheds; 0: none.
    std::uint64_t memory_bytes = 0;
    RoomStatus status = RoomStatus::Open;
};

/// All streams of a shard, as the kernel knows them.
struct StreamFigures {
    std::uint64_t unacknowledged_bytes = 0;  ///< On their way.
    std::uint64_t unsent_bytes = 0;          ///< Taken by the kernel, and waiting in it.
    std::uint64_t retransmits = 0;           ///< Packets of the streams that are open now, since each began.
};

/// One shard between two turns.
struct ShardFigures {
    std::uint32_t connections = 0;
    std::uint32_t rooms = 0;
    std::uint64_t memory_bytes = 0;
    StreamFigures streams{};
};

/// One room's figures. For one thread at a time; what is noted allocates nothing.
class RoomMetrics {
public:
    ~RoomMetrics();
    RoomMetrics(const RoomMetrics&) = delete;
    RoomMetrics& operator=(const RoomMetrics&) = delete;

    /// Once a tick. A total that has fallen is of a room that began anew, and counts from 0.
    void note(const RoomFigures& figures);
    /// One turn of the room: from the first input that was read to the last body that was encoded, and what the writes to all clients
    /// took after that.
    void note_turn(Duration made, Duration written);

private:
    friend class Metrics;
    struct State;
    explicit RoomMetrics(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// One shard's figures. For one thread at a time; what is noted allocates nothing.
class ShardMetrics {
public:
    ~ShardMetrics();
    ShardMetrics(const ShardMetrics&) = delete;
    ShardMetrics& operator=(const ShardMetrics&) = delete;

    void note(const ShardFigures& figures);
    /// From the instant when something was due to the one when the loop came to it.
    void note_loop_delay(Duration delay);

private:
    friend class Metrics;
    struct State;
    explicit ShardMetrics(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// All of a process. Every call is safe from any thread.
class Metrics {
public:
    explicit Metrics(std::string_view build_version = version);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// The same object for the same number, made at the first call: ask once and keep it. Good until close_room().
    RoomMetrics& room(std::uint32_t number);
    /// Its figures disappear. Precondition: nobody notes to it any more.
    void close_room(std::uint32_t number);
    /// As room(), for as long as this lives.
    ShardMetrics& shard(std::uint32_t number);
    void count_refused(RefusalClass refusal, std::uint64_t count = 1);

    /// What `content_type` says. Reads the process's own figures on the way: for one scrape every few seconds.
    std::string text();
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::server
