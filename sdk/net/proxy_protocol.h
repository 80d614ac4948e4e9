// The PROXY protocol, versions 1 and 2 (HAProxy's specification): the first bytes of a connection from a trusted front.
// A parser, not a socket: bytes in, the true client's address out.
#pragma once

#include <optional>

#include "sdk/core/base/bytes.h"
#include "sdk/net/address.h"
#include "tidewire/result.h"

namespace tidewire::net {

struct ProxyHeader {
    /// The client behind the proxy; empty for LOCAL, UNKNOWN and families other than IP (health checks of the proxy itself).
    std::optional<IpAddress> client;
    std::size_t bytes = 0;  ///< How long the header was; the stream goes on behind it.
};

/// Empty when `input` ends before the header does. Errors blame the peer: anything that is not such a header. A v1 header has
/// at most 107 bytes, a v2 header is accepted up to 16 + 2048 bytes (TLVs are skipped).
Result<std::optional<ProxyHeader>> parse_proxy_header(ByteSpan input);

/// The address to believe of "X-Forwarded-For: client, proxy1, proxy2": from the right, the first that is not of `trusted`.
/// Empty when the field is malformed there.
std::optional<IpAddress> forwarded_client(std::string_view field, const std::vector<Network>& trusted);

}  // namespace tidewire::net
