// The PROXY protocol, versions 1 and 2 (HAProxy's specification): the first bytes of a connection from a trusted front.
// A parser, not a socket: bytes in, the true client's address out.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/net/address.h"
#include "tidewire/result.h"

namespace tidewire::net {

struct ProxyHeader {
    /// The client behind the proxy; empty for LOCAL and UNKNOWN (the proxy itself, for its health checks) and for all but TCP.
    std::optional<IpAddress> client;
    std::size_t bytes = 0;  ///< How long the header was; the stream goes on behind it.
};

/// A v1 header has at most 107 bytes; of v2 so much is accepted (TLVs are skipped).
inline constexpr std::size_t proxy_header_bytes_max = 16 + 2048;

/// Empty when `input` ends before the header does. Errors blame the peer: anything that is not such a header, or too long.
Result<std::optional<ProxyHeader>> parse_proxy_header(ByteSpan input);

/// The address to believe of "X-Forwarded-For: client, proxy1, proxy2": from the right, the first that is not of `trusted`.
/// When all are, the leftmost: the farthest that we know. Empty when the field is malformed there. A request with several such
/// fields is to be joined in order, with commas, first (RFC 9110 5.3): a front may add a field of its own behind the client's.
std::optional<IpAddress> forwarded_client(std::string_view field, const std::vector<Network>& trusted);

}  // namespace tidewire::net
