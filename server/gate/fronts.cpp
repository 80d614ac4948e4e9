// Trusted reverse proxies.
#include "server/gate/fronts.h"

#include <algorithm>

#include "sdk/net/proxy_protocol.h"

namespace tidewire::server {

Result<Fronts> Fronts::parse(const std::vector<std::string>& networks) {
    Fronts fronts;
    for (const std::string& text : networks) {
        auto network = net::Network::parse(text);
        if (!network) return Unexpected{network.error()};
        fronts.networks_.push_back(*network);
    }
    return fronts;
}

bool Fronts::trusts(std::string_view address) const {
    const auto parsed = net::IpAddress::parse(address);
    return parsed && std::any_of(networks_.begin(), networks_.end(),
                                 [&](const net::Network& network) { return network.contains(*parsed); });
}

std::string Fronts::client_of(const ws::Request& request, const std::string& peer_address) const {
    if (!trusts(peer_address)) return peer_address;
    // All the fields: a front may add its own behind one that the client has made up.
    const auto client = net::forwarded_client(ws::joined_header(request.headers, "X-Forwarded-For"), networks_);
    return client ? client->to_string() : peer_address;
}

}  // namespace tidewire::server
