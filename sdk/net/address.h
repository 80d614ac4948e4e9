// IP addresses and networks, for trusting proxies and counting peers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidewire/result.h"

namespace tidewire::net {

/// An IPv4 address is held as its IPv4-mapped IPv6 form, so that all compare alike.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    /// Numeric text only, without port, brackets or zone.
    static std::optional<IpAddress> parse(std::string_view text);
    bool is_v4() const;
    std::string to_string() const;
    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// "10.0.0.0/8", "::1", "2001:db8::/32".
struct Network {
    IpAddress address;
    int prefix_bits = 128;  ///< Of the 128-bit form.

    static Result<Network> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
};

}  // namespace tidewire::net
