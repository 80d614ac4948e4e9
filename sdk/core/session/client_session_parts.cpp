// What comes to a client's session in parts: messages that are put together, and bulk.
#include <algorithm>
#include <utility>

#include "sdk/core/session/client_session.h"
#include "sdk/core/ws/close_code.h"

namespace tidewire::session {

namespace {

/// How often the server is told of parts: it sends more when it knows that some have come.
constexpr Duration parts_told_period = std::chrono::milliseconds(2);

}  // namespace

std::optional<Bulk> ClientSession::poll_bulk() {
    if (bulk_.empty()) return std::nullopt;
    Bulk bulk = std::move(bulk_.front());
    bulk_.pop_front();
    bulk_bytes_ -= bulk.bytes.size();
    return bulk;
}

std::optional<BulkProgress> ClientSession::bulk_progress() const {
    if (bulk_parts_.total() == 0) return std::nullopt;
    return BulkProgress{
        .id = bulk_parts_.id(), .bytes_received = bulk_parts_.received(), .bytes_total = bulk_parts_.total()};
}

void ClientSession::handle(const wire::Part& part, TimePoint now) {
    if (assembled_)
        return fail(static_cast<std::uint16_t>(ws::CloseCode::ProtocolError),
                    "a message that came in parts is a part itself");
    parts_received_ += part.bytes.size();
    acknowledge_by_ = std::min(acknowledge_by_, std::max(now, parts_told_at_ + parts_told_period));
    if (part.lane == wire::Part::Lane::Bulk) return handle_bulk(part);
    const Result<bool> whole = message_parts_.receive(part);
    if (!whole) return fail(whole.error().close_code, whole.error().message);
    if (!*whole) return;
    const Bytes message = message_parts_.take();
    assembled_ = true;
    take(message, now);
    assembled_ = false;
}

void ClientSession::handle_bulk(const wire::Part& part) {
    const Result<bool> whole = bulk_parts_.receive(part);
    if (!whole) return fail(whole.error().close_code, whole.error().message);
    if (bulk_bytes_ + part.total > options_.bulk_bytes_max)
        return fail(static_cast<std::uint16_t>(ws::CloseCode::TryAgainLater),
                    "the client's program does not take the bulk transfers that it gets; see bulk_bytes_max");
    if (!*whole) return;
    bulk_bytes_ += part.total;
    ++bulks_received_;
    bulk_.push_back({.id = part.id, .bytes = bulk_parts_.take()});
}

std::uint64_t ClientSession::tell_parts(TimePoint now) {
    if (parts_told_ == parts_received_) return 0;
    parts_told_ = parts_received_;
    parts_told_at_ = now;
    return parts_told_;
}

}  // namespace tidewire::session
