// Trust first, which is a matter of files; then the name.
#include "sdk/net/route.h"

#include <utility>

#include "sdk/net/socket.h"

namespace tidewire::net {

Result<Route> Route::find(Url url, std::optional<ProxyUrl> proxy, const TlsClientOptions& tls) {
    Route route{.url = std::move(url), .proxy = std::move(proxy)};
    if (route.url.secure) {
        auto context = TlsContext::client(tls);
        if (!context) return Unexpected{context.error()};
        route.tls = std::move(*context);
    }
    auto addresses = resolve(route.proxy ? route.proxy->host : route.url.host);
    if (!addresses)
        return unexpected(Blame::Machine, "could not connect to " + route.name() + ": " + addresses.error().message);
    route.addresses = std::move(*addresses);
    return route;
}

std::string Route::name() const {
    if (proxy) return "the proxy " + host_and_port(proxy->host, proxy->port);
    return (url.secure ? "wss://" : "ws://") + host_and_port(url.host, url.port);
}

}  // namespace tidewire::net
