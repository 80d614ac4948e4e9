// Where a server is and by which way one gets there: what many connections to it share. Asked of the name service and loaded once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/net/http_connect.h"
#include "sdk/net/tls.h"
#include "sdk/net/url.h"
#include "tidewire/result.h"
#include "tidewire/tls.h"

namespace tidewire::net {

struct Route {
    Url url;
    std::optional<ProxyUrl> proxy{};
    std::optional<TlsContext> tls{};  ///< Of wss.
    std::vector<std::string>
        addresses{};  ///< Of the proxy where there is one, otherwise of the server; in the order to try them.

    /// Blocks on the name service. Errors: the host has no address, a file of `tls` is unusable.
    static Result<Route> find(Url url, std::optional<ProxyUrl> proxy, const TlsClientOptions& tls);

    /// Of the addresses.
    std::uint16_t port() const { return proxy ? proxy->port : url.port; }
    /// What sentences call them: "ws://localhost:7777", "the proxy 10.0.0.1:3128".
    std::string name() const;
};

}  // namespace tidewire::net
