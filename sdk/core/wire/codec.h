// Messages to bytes and back. Everything that arrives is verified against these limits before any access.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"

namespace tidewire::wire {

/// What a parser accepts. Peers choose none of our memory.
struct Limits {
    std::size_t message_bytes_max = 256 * 1024;   ///< One message.
    std::size_t inflated_bytes_max = 256 * 1024;  ///< What a zstd frame may declare; 0 refuses all that is compressed.
    std::size_t text_bytes_max = 256;             ///< Any string in UTF-8: names and reasons, not documents.
    std::size_t bodies_max = 1024;                ///< Group bodies in one Tick.
    std::size_t input_bytes_max = 512;            ///< Scalars of one input.
    std::size_t schema_prints_max =
        3072;  ///< Of a Hello: with its texts it still fits into the 16 KiB that servers take.
};

/// Tables of one keyframe: the verifier gives up at 256 with the root, so that shared subtrees cost nothing.
inline constexpr std::size_t keyframe_tables_max = 255;

/// Parses one whole WebSocket binary message. Errors blame the peer and carry close code 1002 (not our grammar),
/// 1007 (FlatBuffers or UTF-8 that does not verify), 1009 (beyond a limit). Spans in the result point into `message`.
Result<Message> parse_message(ByteSpan message, const Limits& limits);

/// Cold messages and inputs: one owned buffer. Texts are cut at a code point to the default text_bytes_max.
/// Precondition: texts are UTF-8, an input's data is within input_bytes_max, and a Hello has at most schema_prints_max
/// prints; a peer refuses all else.
Bytes encode(const Hello& message);
Bytes encode(const Welcome& message);
Bytes encode(const Goodbye& message);
/// Never compressed: a client's, since a server inflates nothing.
Bytes encode_stored(const Goodbye& message);
Bytes encode(const Ping& message);
Bytes encode(const Pong& message);
Bytes encode(const InputMessage& message);

/// The head of a Tick message: envelope, length and Tick table. The bodies' bytes follow it in the same order, by reference.
/// Precondition: at most the default bodies_max bodies.
Bytes encode_tick_head(const TickMessage& message);

/// A keyframe body: envelope byte and a zstd frame that declares its size. `level` is zstd's, 1 to 19.
/// Precondition: at most keyframe_tables_max tables.
Bytes encode(const Keyframe& keyframe, int level = 1);

/// The keyframe's spans point into `inflated`, which this overwrites.
Result<Keyframe> parse_keyframe(ByteSpan body, const Limits& limits, Bytes& inflated);

}  // namespace tidewire::wire
