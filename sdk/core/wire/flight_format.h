// A flight recording: the container that keeps what a room told, for replays, training and bug reports. Its numbers, its records
// and its limits; flight_writer.h and flight_reader.h are the two directions, and sdk/PROTOCOL.md shows the bytes.
//
//     file   = "TWFL", version, record …
//     record = varint bytes of the payload, kind, payload
//
// The first record is the header; then comes a Tick record for each tick. Kinds that a reader does not know are skipped.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::wire {

inline constexpr std::array<std::byte, 4> flight_magic = {std::byte{'T'}, std::byte{'W'}, std::byte{'F'},
                                                          std::byte{'L'}};
inline constexpr std::uint8_t flight_version = 1;

/// The byte after a record's length.
enum class FlightKind : std::uint8_t {
    Header = 1,  ///< FlightHeader: once, first.
    Tick = 2,    ///< A whole Tick message as on the wire, of a client that is told of everything. Ticks rise.
};

/// What was trained for the game and the recorded bodies are made with.
struct FlightResource {
    std::uint64_t id =
        0;  ///< Hash of the bytes; 0 without any: the built-in code tables of the reader, or no dictionary.
    Bytes bytes{};
    friend bool operator==(const FlightResource&, const FlightResource&) = default;
};

/// All that a reader needs to make snapshots of the ticks, without the game.
struct FlightHeader {
    std::string sdk_version{};  ///< Of the server that recorded.
    std::string schema{};       ///< Its description: replication/schema_description.h.
    std::uint16_t tick_rate = 0;
    std::uint32_t entities_max = 0;  ///< No entity index reaches this.
    FlightResource code_tables{};
    FlightResource dictionary{};
    friend bool operator==(const FlightHeader&, const FlightHeader&) = default;
};

/// What a reader accepts: a stranger's file chooses none of our memory.
struct FlightLimits {
    std::size_t record_bytes_max = 64 * 1024 * 1024;  ///< The first tick holds every keyframe of the room.
    std::size_t schema_bytes_max = 1024 * 1024;       ///< As replication::DescriptionLimits.
    std::size_t resource_bytes_max = 512 * 1024;      ///< The larger of code tables and dictionaries.
    std::size_t body_bytes_max = 64 * 1024 * 1024;    ///< A body before compression: ServerOptions::keyframe_bytes_max.
    std::size_t bodies_max = tick_bodies_max;  ///< Every group of the room, where a client has those near it only.
};

/// With what the bodies of a recorded Tick are parsed and unpacked.
inline Limits message_limits(const FlightLimits& limits) {
    Limits result;
    result.message_bytes_max = limits.record_bytes_max;
    result.inflated_bytes_max = limits.body_bytes_max;
    result.inflated_total_max = 4 * limits.body_bytes_max;
    result.bodies_max = limits.bodies_max;
    return result;
}

}  // namespace tidewire::wire
