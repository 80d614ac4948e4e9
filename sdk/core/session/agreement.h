// What both ends must agree on before they play, and which message may come when. Refusals are sentences for people.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/core/session/state.h"
#include "sdk/core/wire/message.h"
#include "tidewire/schema.h"

namespace tidewire::session {

/// Why a session ends, before it is known who is told.
struct Refusal {
    std::uint16_t close_code;
    std::string sentence;
};

/// What one end was built with.
struct Build {
    std::uint16_t protocol;
    std::string_view sdk_version;
    std::string_view schema_name;
    std::uint64_t schema_hash;
    std::span<const std::uint32_t> schema_prints{};  ///< Of a client: replication's fingerprint, if it tells it.
};

inline constexpr std::size_t client_event_bytes_max =
    8 * 1024;  ///< `data` of a client's event or request: half of what it may send as one message.
inline constexpr std::size_t player_name_bytes_max = 64;  ///< It is drawn above heads and written into logs.

/// What `schema` makes of a server, and of a client but for its prints.
Build build_of(const SchemaInfo& schema);

/// For both ends. Names the difference and the remedy; empty when the two can talk. Text of the peer's is made printable in it.
std::optional<Refusal> refuse_protocol(const Build& client, const Build& server);
/// For the server, whose word it is: its schema has the client's hash, or only appends to what the client's prints tell.
std::optional<Refusal> refuse_schema(const Build& client, const SchemaInfo& schema);
/// A name is UTF-8 (the codec has seen to that), not empty, at most 64 bytes and without control characters.
std::optional<Refusal> refuse_player_name(std::string_view name);

/// Whether a client (or server) in this state may be sent this message.
std::optional<Refusal> refuse_message(ClientState state, const wire::Message& message);
std::optional<Refusal> refuse_message(ServerState state, const wire::Message& message);

/// Whether a transport that ended like this was cut off: no end said in a Goodbye that it was over, and no page was left. `by_peer`: it
/// was ended by the other end, or by the network between.
bool is_loss(std::uint16_t close_code, bool by_peer);

/// `code` where a close frame may carry it, 1000 otherwise.
std::uint16_t close_code_on_wire(std::uint16_t code);

}  // namespace tidewire::session
