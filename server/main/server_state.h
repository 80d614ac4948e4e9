// What ServerBase hides, shared with the dedicated command line: not public.
#pragma once

#include <functional>
#include <optional>

#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "server/gate/gate.h"
#include "server/gate/gate_event.h"
#include "server/runtime/shard.h"
#include "tidewire/server.h"

namespace tidewire {

struct ServerBase::State {
    std::optional<net::Listener> listener;  // between listen() and run()
    std::uint16_t port = 0;
    std::optional<net::Waker> waker;  // from listen() on
    server::ShardSignals signals;
    std::function<void(const server::GateEvent&)> on_event;
    std::function<void(const Result<void>&)> on_reload;  // how reading the certificate again went
    std::optional<net::TlsContext> tls;
    /// The certificate as its files have it now; empty, and told to on_reload, when they are unusable.
    std::optional<net::TlsContext> reload(const TlsServerOptions& options) {
        if (!options.enabled()) return std::nullopt;
        auto context = net::TlsContext::server(options);
        if (on_reload) on_reload(context ? Result<void>() : Result<void>(Unexpected{context.error()}));
        if (!context) return std::nullopt;
        return std::move(*context);
    }

    server::RoomResources resources;  // from listen() on
    server::GateCounters gate_counters;  // of the last run()
    server::RoomCounters room_counters;  // of the last run()
};

}  // namespace tidewire
