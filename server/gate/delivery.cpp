// Whatever is large waits here until the link has room for it, so that nothing small ever waits behind it.
#include "server/gate/delivery.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace tidewire::server {

namespace {

/// A part must fit into the queue of the WebSocket.
BulkPaceOptions pace_of(const ServerOptions& options) {
    BulkPaceOptions pace{.flight_start = options.first_flight_bytes};
    pace.chunk_max = std::min(pace.chunk_max, options.transmit_bytes_max / 2);
    pace.chunk_min = std::min(pace.chunk_min, pace.chunk_max);
    return pace;
}

/// RFC 6455 5.2: of a frame that a server sends.
constexpr std::size_t frame_head_bytes_max = 10;

}  // namespace

Delivery::Delivery(ws::Connection& websocket, const ServerOptions& options, Duration round_trip, TimePoint now, Tick has)
    : websocket_(&websocket),
      options_(&options),
      window_(Duration(std::chrono::seconds(1)) / options.tick_rate, now),
      ladder_(now),
      view_(options.tick_rate),
      lane_(round_trip, pace_of(options)),
      tick_written_(has),
      acknowledged_(has),
      taken_at_(now) {}

void Delivery::note_acknowledged(Tick tick, double server_tick, TimePoint now) {
    if (tick == acknowledged_) return;
    acknowledged_ = tick;
    window_.note_acknowledged(tick, now);
    view_.note_acknowledged(tick, server_tick, now);
    ladder_.note_acknowledged(now);
}

void Delivery::note_parts_received(std::uint64_t bytes, TimePoint now) {
    if (bytes == lane_.pace().received()) return;
    lane_.note_received(bytes, now);
    ladder_.note_acknowledged(now);
}

void Delivery::note_transmitted(std::size_t bytes, TimePoint now) {
    event_backlog_.note_transmitted(bytes);
    taken_at_ = now;
    if (websocket_->transmit_bytes() == 0) unsent_ = false;
}

void Delivery::resume(TimePoint now) {
    if (!ladder_.asked()) return;
    ladder_.resume(now);
    resumed_at_ = now;
}

bool Delivery::wants_tick(Tick tick, TimePoint now) {
    // What goes in parts is a tick, or code tables that a tick needs: the next waits for it.
    if (unsent_ || lane_.has_messages()) return false;
    if (const auto since = unacknowledged_since()) ladder_.note_unacknowledged_since(*since, now);
    if (!ladder_.due(tick, now)) return false;
    const bool open = window_.open(now);
    ladder_.note_window(open, now);
    return open;
}

Delivery::TickWriting Delivery::write_tick(const Told& told, wire::TickInput input, TimePoint now) {
    using Way = TickWriting::Way;
    tick_head_.clear();
    wire::append_tick_head(tick_head_, told.head, input);
    tick_parts_.assign(1, tick_head_);
    TickWriting tick{.way = Way::TooLarge, .bytes = tick_head_.size()};
    for (const wire::GroupBody& body : told.message.bodies) {
        if (!body.bytes.empty()) tick_parts_.push_back(body.bytes);
        tick.bytes += body.bytes.size();
        tick.keyframe = tick.keyframe || body.coding == wire::BodyCoding::Keyframe;
    }
    const std::size_t queued = tick.bytes + frame_head_bytes_max;
    const bool fits = queued <= options_->transmit_bytes_max;
    // What events may take beyond that is theirs.
    const bool room = unsent_bytes() + queued <= options_->transmit_bytes_max;
    if (room && tick.bytes > whole_bytes_max()) {
        Bytes whole;
        whole.reserve(tick.bytes);
        for (const ByteSpan part : tick_parts_) append(whole, part);
        lane_.push(std::move(whole), told.message.tick);
        tick.way = Way::InParts;
        return tick;
    }
    if (room && websocket_->send(ws::MessageKind::Binary, tick_parts_)) {
        note_tick_written(told.message.tick, tick.bytes, now);
        tick.way = Way::Whole;
        return tick;
    }
    // Behind other messages there will be room again. A tick that does not fit into an empty queue never will.
    if (fits && unsent_bytes() != 0) tick.way = Way::NoRoom;
    return tick;
}

void Delivery::write_part(BulkQueues& bulk, PlayerId player, TimePoint now) {
    // It stays until the client has it: if the connection breaks before, another begins it anew.
    if (bulk_end_ && lane_.pace().received() >= *bulk_end_) {
        bulk_end_.reset();
        bulk.pop(player);
    }
    if (websocket_->transmit_bytes() != 0) return;
    if (const BulkItem* item = lane_.has_bulk() || bulk_end_ ? nullptr : bulk.front(player))
        lane_.begin_bulk(item->id, *item->bytes);
    const auto next = lane_.poll(window_.bytes(), now);
    if (!next) return;
    const Bytes message = wire::encode(next->part);
    [[maybe_unused]] const auto sent = websocket_->send(ws::MessageKind::Binary, message);
    assert(sent);
    websocket_->retain_unsent();
    unsent_ = true;
    taken_at_ = now;
    if (!next->last) return;
    // The lane counts its bytes.
    if (next->tick != 0) note_tick_written(next->tick, 0, now);
    if (next->part.lane == wire::Part::Lane::Bulk) bulk_end_ = lane_.pace().written();
}

bool Delivery::write_event(const SharedMessage& message) {
    const bool too_many = event_backlog_.count() + 1 > options_->events_unsent_max ||
                          event_backlog_.bytes() + message->size() > options_->event_bytes_unsent_max;
    // Many at once are no fault of who has had no chance to take them; then what may be unsent at all is the limit.
    const bool too_much = unsent_bytes() + message->size() + frame_head_bytes_max > options_->transmit_bytes_max + options_->event_bytes_unsent_max;
    if (too_much || (too_many && event_backlog_.waits()) || !websocket_->send(ws::MessageKind::Binary, *message)) return false;
    event_backlog_.push(message, websocket_->transmit_bytes());
    return true;
}

void Delivery::retain_unsent() {
    if (unsent_) websocket_->retain_unsent();
}

bool Delivery::reads_nothing(TimePoint now) {
    // Pings and events wait there as well: a client that asked for no state has to take them all the same.
    if (websocket_->transmit_bytes() == 0) taken_at_ = now;
    if (now - taken_at_ >= options_->unread_timeout) return true;
    if (ladder_.asked()) return false;
    const auto late = [&](std::optional<TimePoint> since) {
        return since && now - std::max(*since, resumed_at_) >= options_->unread_timeout;
    };
    return late(unacknowledged_since()) || late(lane_.pace().waiting_since());
}

ViewTime Delivery::view(double told, double server_tick, TimePoint now) const {
    return {.told = told, .likely = view_.at(server_tick, now), .newest = acknowledged_};
}

void Delivery::note_tick_written(Tick tick, std::size_t bytes, TimePoint now) {
    unsent_ = true;
    taken_at_ = now;
    tick_written_ = tick;
    window_.note_written(tick, bytes, now);
}

std::optional<TimePoint> Delivery::unacknowledged_since() const {
    const auto oldest = window_.oldest();
    return oldest ? std::optional(std::max(*oldest, resumed_at_)) : std::nullopt;
}

}  // namespace tidewire::server
