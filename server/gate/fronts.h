// Reverse proxies in front of the server, and whom they say to speak for. Only trusted networks are believed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/ws/http_head.h"
#include "sdk/net/address.h"
#include "tidewire/result.h"

namespace tidewire::server {

class Fronts {
public:
    Fronts() = default;
    /// `networks` as in ServerOptions::trusted_proxies. Errors name the malformed one.
    static Result<Fronts> parse(const std::vector<std::string>& networks);

    /// Is this numeric address one of theirs?
    bool trusts(std::string_view address) const;
    /// The address of the client behind `request`: what X-Forwarded-For says when `peer_address` is trusted, otherwise
    /// `peer_address` itself.
    std::string client_of(const ws::Request& request, const std::string& peer_address) const;

private:
    std::vector<net::Network> networks_;
};

}  // namespace tidewire::server
