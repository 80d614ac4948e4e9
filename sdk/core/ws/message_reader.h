// Frames into messages: unmasking, reassembly, UTF-8 and limits of what a peer sends. It knows neither time nor answers.
#pragma once

#include "sdk/core/ws/frame.h"
#include "sdk/core/base/utf8.h"

namespace tidewire::ws {

/// A whole message (Text, Binary) or a control frame.
struct Incoming {
    Opcode opcode;
    MutableByteSpan payload;
};

/// Memory is taken only for what arrived and is not complete, never for what was announced.
class MessageReader {
public:
    explicit MessageReader(Role receiver) : receiver_(receiver) {}

    /// Takes bytes from the front of `input` until something is whole. Empty when `input` is used up before that.
    /// What lies in `input` as one piece is unmasked and returned there; the rest is gathered here, and such a payload is
    /// valid until the next call. Errors carry the close code (1002, 1007, 1008, 1009) and are for good.
    Result<std::optional<Incoming>> read(MutableByteSpan& input, const Limits& limits);

    /// Something has begun and is not whole.
    bool in_progress() const { return header_bytes_ > 0 || in_frame_ || fragments_ > 0; }
    /// A message has begun and is not whole; a control frame may stand between its frames.
    bool in_message() const { return fragments_ > 0; }

    /// On the heap.
    std::size_t memory_bytes() const { return message_.capacity() + control_.capacity(); }

    /// From now on data is passed over and not kept: only control frames matter after a close frame.
    void skip_data() { skipping_ = true; }
    /// Gives the memory back of a payload that read() returned.
    void release();

private:
    Result<bool> begin_frame(MutableByteSpan& input, const Limits& limits);
    Result<void> begin_data_frame(const Limits& limits);
    std::optional<MutableByteSpan> read_control(MutableByteSpan& input);
    Result<std::optional<Incoming>> read_data(MutableByteSpan& input);
    void skip(MutableByteSpan& input);
    MutableByteSpan take_unmasked(MutableByteSpan& input, std::size_t bytes);
    void grow_for(std::size_t bytes);

    FrameHeader frame_;
    std::uint64_t taken_ = 0;  ///< Bytes of the frame's payload.
    Bytes message_;            ///< What has arrived of a message in several pieces, unmasked.
    Bytes control_;            ///< The same of a control frame.
    std::size_t fragments_ = 0;
    std::array<std::byte, frame_header_bytes_max> header_;
    std::uint8_t header_bytes_ = 0;
    Utf8Validator utf8_;
    Opcode kind_ = Opcode::Binary;  ///< Of the message.
    Role receiver_;
    bool in_frame_ = false;
    bool skipping_ = false;
    bool returned_ = false;  ///< The message is whole, and the caller may still look at it.
};

}  // namespace tidewire::ws
