// Messages to bytes and back. Everything that arrives is verified against these limits before any access.
#pragma once

#include <algorithm>
#include <cstddef>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/dictionary.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"

namespace tidewire::wire {

/// What a parser accepts. Peers choose none of our memory.
struct Limits {
    std::size_t message_bytes_max = 256 * 1024;   ///< One message.
    std::size_t inflated_bytes_max = 256 * 1024;  ///< What a zstd frame may declare; 0 refuses all that is compressed.
    /// All bodies of one Tick together: a small message must not fill the memory. Nine cells around a player, and room to spare.
    std::size_t inflated_total_max = 4 * 1024 * 1024;
    std::size_t text_bytes_max = 256;         ///< Any string in UTF-8: names and reasons, not documents.
    std::size_t bodies_max = 1024;            ///< Group bodies in one Tick.
    std::size_t input_bytes_max = 512;        ///< Scalars of one input.
    std::size_t event_bytes_max = 16 * 1024;  ///< `data` of an event, request or reply: what a record may have.
    std::size_t schema_prints_max =
        2048;  ///< Of a Hello: with its texts and its token it still fits into the 16 KiB that servers take.
    std::size_t token_bytes_max = 4096;  ///< Of a Hello: those of identity providers have 500 to 2 000 bytes.
    std::size_t session_token_bytes_max = 64;  ///< Ours have 24.
    std::size_t resumed_groups_max = 256;      ///< Of a Hello: with its prints it still fits. Others are told anew.
    RoomTextLimits room_texts{};               ///< Of a Hello's wish, and of each room in a list.
    /// In one message, and numbers of those that are gone: at their largest they are half of what a message may have.
    std::size_t listed_rooms_max = 128;
    std::size_t resources_max = 64;  ///< Ids of code tables, and of dictionaries, in a Hello.
    std::size_t resource_bytes_max =
        192 * 1024;  ///< Code tables or a dictionary in one message; trained ones have some 10 to 100 KiB.
    std::size_t bulk_bytes_max = 16 * 1024 * 1024;  ///< One transfer of the application's: a map, a replay.

    /// One more body of the Tick at hand took so much of inflated_total_max.
    void take_inflated(std::size_t bytes) {
        inflated_total_max -= std::min(bytes, inflated_total_max);
        inflated_bytes_max = std::min(inflated_bytes_max, inflated_total_max);
    }
};

/// Parses one whole WebSocket binary message. Errors blame the peer and carry close code 1002 (not our grammar),
/// 1007 (FlatBuffers or UTF-8 that does not verify), 1009 (beyond a limit). Spans in the result point into `message`.
Result<Message> parse_message(ByteSpan message, const Limits& limits);

/// Cold messages and inputs: one owned buffer. Texts are cut at a code point to the default text_bytes_max.
/// Precondition: texts are UTF-8, data is within input_bytes_max or event_bytes_max, rooms are within room_texts and
/// listed_rooms_max, and a Hello has at most schema_prints_max prints and a token within token_bytes_max; a peer refuses all else.
Bytes encode(const Hello& message);
Bytes encode(const Welcome& message);
Bytes encode(const Goodbye& message);
/// Never compressed: a client's, since a server inflates nothing.
Bytes encode_stored(const Goodbye& message);
Bytes encode(const Ping& message);
Bytes encode(const Resource& message);
Bytes encode(const Desync& message);
Bytes encode(const Suspend& message);
/// Events, requests and replies are never compressed: they may hold secrets beside what anybody may choose.
Bytes encode(const Event& message);
Bytes encode(const Request& message);
Bytes encode(const Reply& message);
/// Never compressed: strangers choose the names in it.
Bytes encode(const RoomList& message);
Bytes encode(const Pong& message);
Bytes encode(const InputMessage& message);
Bytes encode(const Part& message);
/// The same in place of what is in `out`, whose memory stays; of Pings and Pongs, which never end, nothing is allocated.
void encode(const Ping& message, Bytes& out);
void encode(const Pong& message, Bytes& out);
template <class Kind>
void encode(const Kind& message, Bytes& out) {
    out = encode(message);
}

/// More would not fit a Tick's head, which has 16 bits for its length: 8 bytes a body at most.
inline constexpr std::size_t tick_bodies_max = 8000;

/// The head of a Tick message: envelope, length and Tick table. The bodies' bytes follow it in the same order, by reference.
/// False when there are more than tick_bodies_max bodies: nothing is appended then. A client refuses more than its own bodies_max.
bool append_tick_head(Bytes& out, const TickMessage& message);
/// What differs from client to client in a head: TickMessage's input_tick and input_lead.
struct TickInput {
    std::uint32_t tick = 0;
    std::int16_t lead = no_input_lead;
};
/// The same for another client. Precondition: `head` is what the other one wrote.
void append_tick_head(Bytes& out, ByteSpan head, TickInput input);

/// The body of a keyframe, of newcomers or of a verification: an envelope byte, and what replication has made of it, in a zstd frame
/// where that is smaller. `level` is zstd's, 1 to 19. Precondition: a dictionary can_pack().
Bytes pack_body(ByteSpan body, const Dictionary* dictionary, int level = 1);
/// The same in place of what is in `packed`, whose memory stays.
void pack_body(ByteSpan body, const Dictionary* dictionary, Bytes& packed, int level = 1);

/// The other way. The result points into `packed` or into `inflated`, which this may overwrite.
Result<ByteSpan> unpack_body(ByteSpan packed, const Limits& limits, const Dictionary* dictionary, Bytes& inflated);

}  // namespace tidewire::wire
