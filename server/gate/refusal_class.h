// Why somebody who came did not become a player, in the few words by which it is counted.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/gate/gate_event.h"

namespace tidewire::server {

/// Why somebody was sent away before becoming a player, as far as an operator acts on it.
enum class RefusalClass : std::uint8_t {
    ServerFull,    ///< No place in any room.
    NoConnection,  ///< connections_max.
    NoDescriptor,  ///< The process or the machine has no descriptor left.
    Origin,        ///< A web page that may not connect.
    Request,       ///< HTTP that is no handshake of ours.
    Version,       ///< Another protocol or schema.
    Protocol,      ///< A message or a behaviour that is not allowed.
    Stream,        ///< Not even HTTP came about: TLS failed, silence, a lost connection.
    Left,          ///< The client went, or the server was stopping.
    Authentication,  ///< No token, or one that is not good here.
    JoinRate,        ///< Too many attempts from one address.
    Banned,          ///< Not before its time is over.
    Room,            ///< No room is as it was wished, or none may be opened.
};
inline constexpr std::size_t refusal_class_count = 13;
/// "server_full", …
const char* name_of(RefusalClass refusal);
/// Precondition: `refused` is a GateEvent::Kind::Refused.
RefusalClass class_of(const GateEvent& refused);

}  // namespace tidewire::server
