// Reassembly. Two paths: what is whole in the input costs no copy, everything else is gathered piece by piece.
#include "sdk/core/ws/message_reader.h"

#include <algorithm>

#include "sdk/core/ws/close_code.h"

namespace tidewire::ws {
namespace {

/// Capacity that a quiet connection may keep.
constexpr std::size_t kept_bytes_max = 128;

Unexpected failure(CloseCode code, const char* reason) {
    return unexpected(Blame::Peer, reason, static_cast<std::uint16_t>(code));
}

Unexpected not_utf8() { return failure(CloseCode::InvalidPayload, "a text message is not UTF-8"); }

}  // namespace

Result<std::optional<Incoming>> MessageReader::read(MutableByteSpan& input, const Limits& limits) {
    release();
    while (true) {
        if (!in_frame_) {
            const Result<bool> begun = begin_frame(input, limits);
            if (!begun) return Unexpected{begun.error()};
            if (!*begun) return std::optional<Incoming>();
        }
        if (is_control(frame_.opcode)) {
            if (const auto payload = read_control(input)) return std::optional(Incoming{frame_.opcode, *payload});
        } else if (skipping_) {
            skip(input);
        } else {
            auto message = read_data(input);
            if (!message || *message) return message;
        }
        if (in_frame_) return std::optional<Incoming>();
    }
}

void MessageReader::release() {
    if (!in_frame_ || !is_control(frame_.opcode)) control_ = Bytes();
    if (!returned_) return;
    returned_ = false;
    message_.clear();
    if (message_.capacity() > kept_bytes_max) message_ = Bytes();
}

Result<bool> MessageReader::begin_frame(MutableByteSpan& input, const Limits& limits) {
    // A header that was cut is completed in header_; what it does not need stays in the input.
    const std::size_t before = header_bytes_;
    ByteSpan source = input;
    if (before > 0) {
        const std::size_t more = std::min(header_.size() - before, input.size());
        std::copy_n(input.begin(), more, header_.begin() + static_cast<std::ptrdiff_t>(before));
        source = ByteSpan(header_).first(before + more);
    }
    const auto parsed = parse_frame_header(source, receiver_);
    if (!parsed) return Unexpected{parsed.error()};
    if (!*parsed) {
        if (before == 0) std::copy(input.begin(), input.end(), header_.begin());
        header_bytes_ = static_cast<std::uint8_t>(source.size());
        input = {};
        return false;
    }
    input = input.subspan((*parsed)->bytes - before);
    header_bytes_ = 0;
    frame_ = (*parsed)->header;
    taken_ = 0;
    in_frame_ = true;
    if (!is_control(frame_.opcode) && !skipping_) {
        const Result<void> begun = begin_data_frame(limits);
        if (!begun) return Unexpected{begun.error()};
    }
    return true;
}

Result<void> MessageReader::begin_data_frame(const Limits& limits) {
    if (frame_.opcode == Opcode::Continuation) {
        if (fragments_ == 0) return failure(CloseCode::ProtocolError, "a continuation frame continues nothing");
    } else {
        if (fragments_ > 0) return failure(CloseCode::ProtocolError, "a message begins inside an unfinished one");
        kind_ = frame_.opcode;
        utf8_ = Utf8Validator();
    }
    if (++fragments_ > limits.fragments_max)
        return failure(CloseCode::PolicyViolation, "a message has more fragments than are accepted");
    if (frame_.payload_bytes > limits.message_bytes_max ||
        message_.size() > limits.message_bytes_max - frame_.payload_bytes)
        return failure(CloseCode::MessageTooBig, "a message is larger than is accepted");
    return {};
}

std::optional<MutableByteSpan> MessageReader::read_control(MutableByteSpan& input) {
    const std::size_t left = static_cast<std::size_t>(frame_.payload_bytes - taken_);
    const std::size_t available = std::min(left, input.size());
    const bool whole = taken_ == 0 && available == left;
    const MutableByteSpan piece = take_unmasked(input, available);
    if (!whole) append(control_, piece);
    if (available < left) return std::nullopt;
    in_frame_ = false;
    return whole ? piece : MutableByteSpan(control_);
}

Result<std::optional<Incoming>> MessageReader::read_data(MutableByteSpan& input) {
    const std::size_t left = static_cast<std::size_t>(frame_.payload_bytes - taken_);
    const std::size_t available = std::min(left, input.size());
    const bool whole = fragments_ == 1 && frame_.fin && taken_ == 0 && available == left;
    MutableByteSpan payload = take_unmasked(input, available);
    if (kind_ == Opcode::Text && !utf8_.receive(payload)) return not_utf8();
    if (!whole) {
        grow_for(available);
        append(message_, payload);
        payload = message_;
    }
    if (available < left) return std::optional<Incoming>();
    in_frame_ = false;
    if (!frame_.fin) return std::optional<Incoming>();
    if (kind_ == Opcode::Text && !utf8_.complete()) return not_utf8();
    fragments_ = 0;
    returned_ = !whole;
    return std::optional(Incoming{kind_, payload});
}

void MessageReader::skip(MutableByteSpan& input) {
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(frame_.payload_bytes - taken_, input.size()));
    input = input.subspan(bytes);
    taken_ += bytes;
    in_frame_ = taken_ < frame_.payload_bytes;
    fragments_ = 0;
    message_ = Bytes();
}

MutableByteSpan MessageReader::take_unmasked(MutableByteSpan& input, std::size_t bytes) {
    const MutableByteSpan piece = input.first(bytes);
    if (frame_.masked) apply_mask(piece, frame_.mask, taken_);
    input = input.subspan(bytes);
    taken_ += bytes;
    return piece;
}

void MessageReader::grow_for(std::size_t bytes) {
    const std::size_t needed = message_.size() + bytes;
    if (needed <= message_.capacity()) return;
    // Doubling, but in a last frame not beyond what it says it will need.
    const std::size_t rest = static_cast<std::size_t>(frame_.payload_bytes - taken_);
    std::size_t target = std::max(needed, 2 * message_.capacity());
    if (frame_.fin) target = std::min(target, needed + rest);
    message_.reserve(target);
}

}  // namespace tidewire::ws
