// ws:// URLs (RFC 6455 3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tidewire/result.h"

namespace tidewire::net {

struct Url {
    bool secure = false;  ///< wss
    std::string host;     ///< Without brackets for IPv6.
    std::uint16_t port = 80;
    std::string target = "/";  ///< Path and query.

    /// Host header: with brackets for IPv6, with the port unless it is the scheme's own.
    std::string authority() const;
};

/// "host:port", with brackets for IPv6.
std::string host_and_port(const std::string& host, std::uint16_t port);

/// Errors blame the caller and name what would be right.
Result<Url> parse_url(std::string_view text);

}  // namespace tidewire::net
