// Bytes that wait to be written, in order: some its own, some views of the caller's memory. It writes nothing itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sdk/core/base/bytes.h"

namespace tidewire::ws {

class TransmitQueue {
public:
    /// `kept_bytes_max`: capacity that the empty queue may keep. `bytes_max`: more are never queued, but for the frames of control; beyond
    /// it the storage grows by what is needed alone.
    TransmitQueue(std::size_t kept_bytes_max, std::size_t bytes_max) : kept_bytes_max_(narrow(kept_bytes_max)), bytes_max_(narrow(bytes_max)) {}

    TransmitQueue(TransmitQueue&&) = delete;

    bool empty() const { return bytes_ == 0; }
    std::size_t bytes() const { return bytes_; }
    /// On the heap, of views only what refers to them.
    std::size_t memory_bytes() const { return owned_.capacity() + pieces_.capacity() * sizeof(ByteSpan); }

    /// Copies. The copy may be changed through the returned span until the next call.
    MutableByteSpan append(ByteSpan bytes);
    /// `head`, and then `parts`: of those up to `copied_bytes_max` a copy each, of the others a view.
    void append(ByteSpan head, std::span<const ByteSpan> parts, std::size_t copied_bytes_max);
    /// Keeps a view, valid until it was transmitted or retain() was called.
    void append_view(ByteSpan bytes);
    /// What to write; valid until the next call.
    std::span<const ByteSpan> pieces() const { return std::span(pieces_).subspan(head_); }
    /// The first `bytes` were written. Precondition: no more than are queued.
    void transmitted(std::size_t bytes);
    /// Copies every view.
    void retain();
    void clear();

private:
    /// Idle connections are many; these two need no more bits.
    static std::uint32_t narrow(std::size_t bytes) { return static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX)); }
    bool owns(ByteSpan piece) const;
    void reserve(std::size_t bytes);
    void push(ByteSpan piece);

    std::vector<ByteSpan> pieces_;  ///< Those before head_ were written.
    std::size_t head_ = 0;
    std::size_t bytes_ = 0;
    Bytes owned_;  ///< Storage of the own pieces; only reserve() moves it.
    std::uint32_t kept_bytes_max_;
    std::uint32_t bytes_max_;
    static constexpr std::size_t kept_bytes_per_piece = 8;  ///< A tick for one client has about twenty pieces: small ones.
};

}  // namespace tidewire::ws
