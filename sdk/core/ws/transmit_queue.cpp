// The queue's storage: pieces point into it, so it never moves without them.
#include "sdk/core/ws/transmit_queue.h"

#include <algorithm>
#include <cassert>
#include <functional>

namespace tidewire::ws {
namespace {

/// Written ones in front of the others are more to carry along than to move away from.
constexpr std::size_t written_pieces_max = 32;

}  // namespace

MutableByteSpan TransmitQueue::append(ByteSpan bytes) {
    if (bytes.empty()) return {};
    reserve(bytes.size());
    const std::size_t at = owned_.size();
    tidewire::append(owned_, bytes);
    const MutableByteSpan copy = MutableByteSpan(owned_).subspan(at);
    push(copy);
    bytes_ += bytes.size();
    return copy;
}

void TransmitQueue::append(ByteSpan head, std::span<const ByteSpan> parts, std::size_t copied_bytes_max) {
    std::size_t copied = head.size();
    for (const ByteSpan part : parts) copied += part.size() <= copied_bytes_max ? part.size() : 0;
    reserve(copied);
    const std::size_t at = owned_.size();
    owned_.resize(at + copied);
    std::byte* next = owned_.data() + at;
    std::byte* begin = next;  // of what lies together
    const auto copy = [&](ByteSpan bytes) { next = std::copy(bytes.begin(), bytes.end(), next); };
    const auto push_copied = [&] {
        if (next != begin) push({begin, next});
        begin = next;
    };
    copy(head);
    for (const ByteSpan part : parts) {
        if (part.size() <= copied_bytes_max) {
            copy(part);
            continue;
        }
        push_copied();
        append_view(part);
    }
    push_copied();
    bytes_ += copied;
}

void TransmitQueue::append_view(ByteSpan bytes) {
    if (bytes.empty()) return;
    pieces_.push_back(bytes);
    bytes_ += bytes.size();
}

void TransmitQueue::transmitted(std::size_t bytes) {
    assert(bytes <= bytes_);
    bytes_ -= bytes;
    if (bytes_ == 0) return clear();
    while (bytes >= pieces_[head_].size()) bytes -= pieces_[head_++].size();
    pieces_[head_] = pieces_[head_].subspan(bytes);
    if (head_ > written_pieces_max && head_ > pieces_.size() / 2) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
}

void TransmitQueue::retain() {
    std::size_t views = 0;
    for (const ByteSpan piece : pieces())
        if (!owns(piece)) views += piece.size();
    if (views == 0) return;
    reserve(views);
    const std::size_t end = pieces_.size();
    std::size_t kept = head_;
    for (std::size_t i = head_; i < end; ++i) {
        ByteSpan piece = pieces_[i];
        if (!owns(piece)) {
            const std::size_t at = owned_.size();
            tidewire::append(owned_, piece);
            piece = ByteSpan(owned_).subspan(at);
        }
        if (kept > head_ && pieces_[kept - 1].data() + pieces_[kept - 1].size() == piece.data()) {
            pieces_[kept - 1] = {pieces_[kept - 1].data(), pieces_[kept - 1].size() + piece.size()};
        } else {
            pieces_[kept++] = piece;
        }
    }
    pieces_.resize(kept);
}

void TransmitQueue::clear() {
    pieces_.clear();
    owned_.clear();
    head_ = 0;
    bytes_ = 0;
    if (pieces_.capacity() > kept_bytes_max_ / kept_bytes_per_piece) pieces_ = {};
    if (owned_.capacity() > kept_bytes_max_) owned_ = {};
}

bool TransmitQueue::owns(ByteSpan piece) const {
    const std::less<const std::byte*> before;
    return !before(piece.data(), owned_.data()) && before(piece.data(), owned_.data() + owned_.size());
}

void TransmitQueue::reserve(std::size_t bytes) {
    if (owned_.capacity() - owned_.size() >= bytes) return;
    std::size_t live = 0;
    for (const ByteSpan piece : pieces())
        if (owns(piece)) live += piece.size();
    Bytes moved;
    moved.reserve(std::max(std::min<std::size_t>(2 * live, bytes_max_), live + bytes));
    for (ByteSpan& piece : std::span(pieces_).subspan(head_)) {
        if (!owns(piece)) continue;
        const std::size_t at = moved.size();
        tidewire::append(moved, piece);
        piece = ByteSpan(moved).subspan(at);
    }
    owned_ = std::move(moved);
}

void TransmitQueue::push(ByteSpan piece) {
    if (pieces_.size() > head_ && pieces_.back().data() + pieces_.back().size() == piece.data() && owns(pieces_.back()))
        pieces_.back() = {pieces_.back().data(), pieces_.back().size() + piece.size()};
    else
        pieces_.push_back(piece);
}

}  // namespace tidewire::ws
