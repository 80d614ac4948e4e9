// What a row from the wire must satisfy, and the sentences that refuse it.
#pragma once

#include <string>

#include "sdk/core/replication/snapshot.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// RFC 6455 7.4.1: data that is not what the type of the message promises.
inline constexpr std::uint16_t invalid_payload = 1007;

inline Unexpected refuse(std::string message) { return unexpected(Blame::Peer, std::move(message), invalid_payload); }

/// "entity 7", for sentences.
inline std::string entity_name(std::size_t index) { return "entity " + std::to_string(index); }

/// Refuses a row that quantisation could not have made, a record that decode_record() refuses, and an entity without a generation.
Result<void> check_row(const Layout& layout, std::size_t table, const Chunk& chunk, std::size_t index);

}  // namespace tidewire::replication
