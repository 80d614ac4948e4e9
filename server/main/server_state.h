// What ServerBase hides, shared with the dedicated command line: not public.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "server/gate/gate.h"
#include "server/gate/gate_event.h"
#include "tidewire/server.h"

namespace tidewire {

struct ServerBase::State {
    std::optional<net::Listener> listener;  // between listen() and run()
    std::uint16_t port = 0;
    std::optional<net::Waker> waker;  // from listen() on
    std::atomic<bool> stopping = false;
    std::function<void(const server::GateEvent&)> on_event;
    server::GateCounters gate_counters;  // of the last run()
    server::RoomCounters room_counters;  // of the last run()
};

}  // namespace tidewire
