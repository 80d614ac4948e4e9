// What an overlay shows of a session.
#pragma once

#include "sdk/core/session/client_session.h"
#include "tidewire/client.h"

namespace tidewire {

/// All but last_desync, which is an event's.
ClientFigures figures_of(const session::ClientSession& session, TimePoint now);

}  // namespace tidewire
