// Reaching a server through an HTTP proxy (RFC 9110 9.3.6, CONNECT). A protocol object: bytes go in, bytes come out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"
#include "tidewire/result.h"

namespace tidewire::net {

/// "http://user:password@proxy:3128"
struct ProxyUrl {
    std::string host;
    std::uint16_t port = 3128;
    std::string user{};  ///< Percent-decoded; empty: no credentials.
    std::string password{};
};

/// Errors blame the caller and name what would be right; they never repeat the password.
Result<ProxyUrl> parse_proxy_url(std::string_view text);

class HttpConnect {
public:
    /// `authority` is "host:port" of the server behind the proxy.
    HttpConnect(const ProxyUrl& proxy, std::string_view authority);

    /// What to send first.
    ByteSpan request() const;
    /// Reads the proxy's answer from the front of `input`: how many bytes it took, or empty while it is not whole (at most 8 KiB).
    /// Errors: the proxy refused ("the proxy answered 407 …: check the user and password in the proxy URL").
    Result<std::optional<std::size_t>> receive(ByteSpan input);

private:
    std::string request_;
};

}  // namespace tidewire::net
