// Bounded queues: what does not fit is said to the caller, and nothing is dropped.
#include "server/room/bulk_queues.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/room/room.h"

namespace tidewire {

Result<void> ServerSim::send_bulk(PlayerId player, std::uint32_t id, BulkBytes bytes) const {
    return parts_.room->bulk().push(player, id, std::move(bytes));
}

Result<void> ServerSim::send_bulk(PlayerId player, std::uint32_t id, std::vector<std::byte> bytes) const {
    return send_bulk(player, id, std::make_shared<const std::vector<std::byte>>(std::move(bytes)));
}

namespace server {

Result<void> BulkQueues::push(PlayerId player, std::uint32_t id, BulkBytes bytes) {
    if (!bytes || bytes->empty()) return unexpected(Blame::Caller, "a bulk transfer without bytes");
    Queue* const found = queues_.find(player);
    if (found == nullptr)
        return unexpected(Blame::Caller, "player " + std::to_string(player) + " is not here, or is a bot");
    Queue& queue = *found;
    // What was restored may be beyond a limit that is lower now.
    if (bytes->size() > bytes_max_ - std::min(queue.bytes, bytes_max_))
        return unexpected(Blame::Caller, "a bulk transfer of " + std::to_string(bytes->size()) + " bytes, with " +
                                             std::to_string(queue.bytes) + " that wait for the player already, is " +
                                             "beyond bulk_bytes_max (" + std::to_string(bytes_max_) + ")");
    ++waiting_;
    queue.bytes += bytes->size();
    queue.items.push_back({.id = id, .bytes = std::move(bytes)});
    return {};
}

void BulkQueues::leave(PlayerId player) {
    const Queue* const queue = queues_.find(player);
    if (queue == nullptr) return;
    waiting_ -= queue->items.size();
    queues_.remove(player);
}

const BulkItem* BulkQueues::front(PlayerId player) const {
    if (waiting_ == 0) return nullptr;  // each client asks in each tick
    const Queue* const queue = queues_.find(player);
    return queue == nullptr || queue->items.empty() ? nullptr : &queue->items.front();
}

void BulkQueues::pop(PlayerId player) {
    Queue& queue = *queues_.find(player);
    queue.bytes -= queue.items.front().bytes->size();
    queue.items.pop_front();
    ++queue.popped;
    --waiting_;
}

std::uint32_t BulkQueues::popped(PlayerId player) const {
    const Queue* const queue = queues_.find(player);
    return queue == nullptr ? 0 : queue->popped;
}

std::vector<BulkItem> BulkQueues::waiting(PlayerId player) const {
    const Queue* const queue = queues_.find(player);
    return queue == nullptr ? std::vector<BulkItem>() : std::vector<BulkItem>(queue->items.begin(), queue->items.end());
}

void BulkQueues::restore(PlayerId player, std::uint32_t popped, const std::vector<BulkItem>& waiting) {
    Queue& queue = queues_.add(player);
    queue.popped = popped;
    for (const BulkItem& item : waiting) {
        queue.bytes += item.bytes->size();
        queue.items.push_back(item);
    }
    waiting_ += waiting.size();
}

}  // namespace server

}  // namespace tidewire
