// What one client gets, and when: ticks by its rung and its window, parts as its link has room for them, and events at once. It writes
// to the connection's WebSocket; what is in a tick, and what becomes of a client that reads nothing, is for others to say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/connection.h"
#include "server/gate/bulk_lane.h"
#include "server/gate/delivery_ladder.h"
#include "server/gate/event_backlog.h"
#include "server/gate/snapshot_window.h"
#include "server/gate/view_estimate.h"
#include "server/room/bulk_queues.h"
#include "server/room/fanout.h"
#include "server/room/view_time.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

class Delivery {
public:
    /// `websocket` and `options` must outlive it. `round_trip` is of small messages on the empty link. `now`: the client joins, or comes
    /// back and has a tick already.
    Delivery(ws::Connection& websocket, const ServerOptions& options, Duration round_trip, TimePoint now, Tick has = 0);

    // Input: what the client says, and what its stream takes. Neither is ever beyond what was written.
    void note_acknowledged(Tick tick, double server_tick, TimePoint now);
    void note_parts_received(std::uint64_t bytes, TimePoint now);
    /// The stream may take all that is queued.
    void note_offered() { event_backlog_.note_offered(websocket_->transmit_bytes()); }
    void note_transmitted(std::size_t bytes, TimePoint now);
    void suspend(TimePoint now) { ladder_.suspend(now); }
    void resume(TimePoint now);

    // Commands. Each needs an open WebSocket.
    /// Whether the client should be told of this tick: its rung and its window allow it, and nothing of an earlier one is unsent: state is
    /// never queued twice. Call once a tick.
    bool wants_tick(Tick tick, TimePoint now);
    struct TickWriting {
        enum class Way : std::uint8_t {
            Whole,
            InParts,  ///< It waits in the lane, and counts as written with its last part.
            NoRoom,   ///< Behind other messages: there will be room again.
            TooLarge,
        };
        Way way;
        std::size_t bytes;
        bool keyframe = false;  ///< There is one in it.
    };
    /// What `told` refers to must stay until the bytes are taken, or retain_unsent().
    TickWriting write_tick(const Told& told, wire::TickInput input, TimePoint now);
    /// Writes the next part of a message, or else of what waits in `bulk`, where nothing else waits to be written.
    void write_part(BulkQueues& bulk, PlayerId player, TimePoint now);
    /// False when the stream has not taken too much: no event is ever left out, so there the connection ends.
    bool write_event(const SharedMessage& message);
    /// A message that should go in parts, ahead of all later ticks. Anything smaller goes by the WebSocket itself.
    void push_message(Bytes message) { lane_.push(std::move(message), 0); }
    /// To be called before the bodies of the last tick go: copies what is unsent.
    void retain_unsent();

    /// Neither the stream nor the client itself has taken anything for long. Call once a tick.
    bool reads_nothing(TimePoint now);

    // State.
    /// Parts wait, or are on their way.
    bool has_parts() const { return lane_.has_messages() || lane_.has_bulk() || lane_.pace().in_flight() != 0; }
    /// A larger message should go in parts.
    std::size_t whole_bytes_max() const { return lane_.pace().whole_bytes_max(); }
    /// The newest tick that was written as a whole, and the bytes of all parts: what a client can have.
    Tick tick_written() const { return tick_written_; }
    std::uint64_t parts_written() const { return lane_.pace().written(); }
    Tick acknowledged() const { return acknowledged_; }
    std::uint64_t parts_received() const { return lane_.pace().received(); }
    /// What the client saw that tells `told` now.
    ViewTime view(double told, double server_tick, TimePoint now) const;
    Rung rung() const { return ladder_.rung(); }
    /// The client asked for no state.
    bool suspended() const { return ladder_.asked(); }
    /// On the heap, nearly; without what others share.
    std::size_t memory_bytes() const {
        return lane_.message_bytes() + tick_head_.capacity() + tick_parts_.capacity() * sizeof(ByteSpan) +
               event_backlog_.bytes();
    }
    const EventBacklog& event_backlog() const { return event_backlog_; }

private:
    std::size_t unsent_bytes() const { return websocket_->transmit_bytes() + lane_.message_bytes(); }
    void note_tick_written(Tick tick, std::size_t bytes, TimePoint now);
    /// Since when the client owes an acknowledgement; empty when it owes none.
    std::optional<TimePoint> unacknowledged_since() const;

    ws::Connection* websocket_;
    const ServerOptions* options_;
    SnapshotWindow window_;
    DeliveryLadder ladder_;
    ViewEstimate view_;
    BulkLane lane_;
    std::optional<std::uint64_t> bulk_end_;  // in bytes of parts: the last of a transfer that is written and may not have come
    EventBacklog event_backlog_;
    Tick tick_written_ = 0;
    Tick acknowledged_ = 0;
    TimePoint resumed_at_{};            // what the client left unanswered while it was suspended counts from here
    bool unsent_ = false;               // a tick, or a part
    TimePoint taken_at_{};              // when the stream took something last, or had nothing to take
    Bytes tick_head_;                   // stays while the WebSocket refers to it
    std::vector<ByteSpan> tick_parts_;  // the head and the bodies
};

}  // namespace tidewire::server
