// What all connections of a server have in common: its options, checked and in the engine's terms.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sdk/core/ws/options.h"
#include "sdk/net/address.h"
#include "sdk/net/tls.h"
#include "tidewire/websocket.h"

namespace tidewire::websocket {

struct Rules {
    /// Errors: a malformed network, a PROXY protocol that nobody may speak, an unusable certificate.
    static Result<Rules> from(ServerOptions options);

    ServerOptions options;
    ws::Limits limits;
    ws::Timeouts timeouts;
    std::vector<net::Network> trusted;
    std::optional<net::TlsContext> tls;  ///< Of new connections.

    bool trusts(std::string_view address) const;
    /// The first of ours that is among `offered`; empty when there is none.
    std::string choose_subprotocol(const std::vector<std::string>& offered) const;
};

}  // namespace tidewire::websocket
