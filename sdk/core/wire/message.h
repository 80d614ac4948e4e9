// Every message that the two ends exchange, as plain structs. The codec (codec.h) alone knows that they are
// FlatBuffers and zstd; sdk/PROTOCOL.md shows the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sdk/core/base/bytes.h"

namespace tidewire::wire {

/// Client to server, first: who I am and what I speak.
struct Hello {
    std::uint16_t protocol = 0;
    std::uint64_t schema_hash = 0;
    std::string schema_name{};
    std::string sdk_version{};
    std::string player_name{};
    std::vector<std::uint32_t> schema_prints{};  ///< The schema in hashes: replication's fingerprint. May be empty.
};

/// Server to client: the answer to a Hello that fits.
struct Welcome {
    std::uint16_t protocol = 0;
    std::uint64_t schema_hash = 0;
    std::string schema_name{};
    std::uint32_t player = 0;        ///< The client's number in the room, from 1.
    std::uint16_t tick_rate = 0;     ///< Hz.
    std::uint32_t tick = 0;          ///< The room's tick when this was written.
    std::uint32_t entities_max = 0;  ///< No entity index reaches this.
};

/// Either direction: why the WebSocket close frame that follows comes. A close frame's own reason holds 123 bytes only.
struct Goodbye {
    std::uint16_t close_code = 0;
    std::string reason{};
};

/// Either direction: please answer with a Pong. Times are microseconds of the sender's clock.
struct Ping {
    std::uint32_t id = 0;
    std::int64_t sent_us = 0;
};

/// The answer. `rtt = (now - sent_us) - hold_us`.
struct Pong {
    std::uint32_t id = 0;
    std::int64_t sent_us = 0;      ///< Copied from the Ping.
    std::int64_t received_us = 0;  ///< When the Ping arrived, by the answerer's clock.
    std::int64_t hold_us = 0;      ///< From the Ping's arrival to the Pong's writing.
};

/// How the body of a group is coded.
enum class BodyCoding : std::uint8_t {
    Delta = 0,     ///< Replication's delta from the client's last snapshot of the group.
    Keyframe = 1,  ///< A whole snapshot: an envelope byte and a zstd-coded Keyframe table.
};

struct GroupBody {
    std::uint16_t group = 0;
    BodyCoding coding = BodyCoding::Delta;
    std::uint8_t baseline_age = 0;  ///< Delta: ticks from its baseline to this tick, 1 to 255. Keyframe: 0.
    ByteSpan bytes{};
};

/// Server to client, once per tick and client: the newest state. Applied whole or not at all.
struct TickMessage {
    std::uint32_t tick = 0;
    std::uint32_t input_tick = 0;  ///< The newest input of this client that the state contains; 0: none yet.
    std::vector<GroupBody> bodies{};
};

/// Client to server: one tick of input, and how far the client's state is.
struct InputMessage {
    std::uint32_t tick = 0;      ///< The client's count of inputs, from 1, rising.
    std::uint32_t ack_tick = 0;  ///< The newest tick applied; 0: none yet.
    std::uint16_t type = 0;      ///< Place in SchemaInfo::inputs.
    ByteSpan data{};             ///< The input's quantised scalars as zigzag varints.
};

/// Anything that may arrive in one WebSocket binary message. Spans point into the buffer that was parsed.
using Message = std::variant<Hello, Welcome, Goodbye, Ping, Pong, TickMessage, InputMessage>;

/// One table of a keyframe: 0 is the table of entities, i is component i-1. Planes are columns, one after another.
struct KeyframeTable {
    std::uint16_t table = 0;
    ByteSpan present{};  ///< Which indexes have a row: replication's coding.
    ByteSpan planes{};   ///< The values by column: replication's coding.
};

/// A whole snapshot of one group.
struct Keyframe {
    std::uint16_t group = 0;
    std::uint32_t tick = 0;
    std::vector<KeyframeTable> tables{};
};

}  // namespace tidewire::wire
