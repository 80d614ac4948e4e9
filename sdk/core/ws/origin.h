// The Origin policy: which web pages may open a WebSocket here. Browsers send Origin and cannot lie about it; programs need not.
#pragma once

#include <span>
#include <string>

#include "sdk/core/ws/http_head.h"

namespace tidewire::ws {

/// False for a page of a foreign site, so that it cannot act with its visitor's rights (RFC 6455 10.2). Allowed are: no
/// Origin header at all; an origin on the host of the Host header, with any port; what `allowed` lists, as
/// `https://example.com` or `http://example.com:8080` in any case, or `*` for all. `null` must be listed like any other.
bool origin_allowed(const Request& request, std::span<const std::string> allowed);

}  // namespace tidewire::ws
