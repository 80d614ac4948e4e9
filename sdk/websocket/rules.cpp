// A server's options, checked.
#include "sdk/websocket/rules.h"

#include <algorithm>

#include "sdk/websocket/convert.h"

namespace tidewire::websocket {

Result<Rules> Rules::from(ServerOptions options) {
    Rules rules;
    rules.limits = engine_limits(options.limits);
    rules.timeouts = engine_timeouts(options.limits);
    for (const std::string& text : options.trusted_proxies) {
        auto network = net::Network::parse(text);
        if (!network) return Unexpected{network.error()};
        rules.trusted.push_back(*network);
    }
    if (options.proxy_protocol && rules.trusted.empty())
        return unexpected(Blame::Caller,
                          "the PROXY protocol is on, but no network is trusted to send it; name the front's address as "
                          "a trusted proxy");
    if (options.tls.enabled()) {
        auto tls = net::TlsContext::server(options.tls);
        if (!tls) return Unexpected{tls.error()};
        rules.tls = std::move(*tls);
    }
    rules.options = std::move(options);
    return rules;
}

bool Rules::trusts(std::string_view address) const {
    const auto parsed = net::IpAddress::parse(address);
    return parsed && std::any_of(trusted.begin(), trusted.end(),
                                 [&](const net::Network& network) { return network.contains(*parsed); });
}

std::string Rules::choose_subprotocol(const std::vector<std::string>& offered) const {
    for (const std::string& ours : options.subprotocols)
        if (std::find(offered.begin(), offered.end(), ours) != offered.end()) return ours;
    return {};
}

}  // namespace tidewire::websocket
