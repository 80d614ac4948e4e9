// Messages first: state that has begun in parts can only go on when it is whole.
#include "server/gate/bulk_lane.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tidewire::server {

void BulkLane::push(Bytes message, Tick tick) {
    message_bytes_ += message.size();
    messages_.push_back({.bytes = std::move(message), .tick = tick});
}

void BulkLane::begin_bulk(std::uint32_t id, ByteSpan bytes) {
    assert(!has_bulk() && !bytes.empty());
    bulk_ = {.id = id, .total = bytes.size(), .rest = bytes};
}

std::optional<LanePart> BulkLane::poll(std::size_t others, TimePoint now) {
    if (!last_.empty()) last_ = {};
    if ((!has_messages() && !has_bulk()) || !pace_.open(others)) return std::nullopt;
    const LanePart next = has_messages() ? next_of_message(pace_.chunk()) : next_of_bulk(pace_.chunk());
    pace_.note_written(next.part.bytes.size(), others, now);
    return next;
}

LanePart BulkLane::next_of_message(std::size_t bytes) {
    Message& message = messages_.front();
    const std::size_t size = std::min(bytes, message.bytes.size() - message.written);
    LanePart next{.part = {.lane = wire::Part::Lane::Message,
                           .offset = static_cast<std::uint32_t>(message.written),
                           .total = static_cast<std::uint32_t>(message.bytes.size()),
                           .bytes = ByteSpan(message.bytes).subspan(message.written, size)},
                  .last = message.written + size == message.bytes.size(),
                  .tick = message.tick};
    message.written += size;
    if (!next.last) return next;
    message_bytes_ -= message.bytes.size();
    last_ = std::move(message.bytes);
    messages_.erase(messages_.begin());
    return next;
}

LanePart BulkLane::next_of_bulk(std::size_t bytes) {
    const ByteSpan piece = bulk_.rest.first(std::min(bytes, bulk_.rest.size()));
    LanePart next{.part = {.lane = wire::Part::Lane::Bulk,
                           .id = bulk_.id,
                           .offset = static_cast<std::uint32_t>(bulk_.total - bulk_.rest.size()),
                           .total = static_cast<std::uint32_t>(bulk_.total),
                           .bytes = piece}};
    bulk_.rest = bulk_.rest.subspan(piece.size());
    next.last = bulk_.rest.empty();
    return next;
}

}  // namespace tidewire::server
