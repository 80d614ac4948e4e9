// IP addresses and networks, for trusting proxies and counting peers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tidewire/result.h"

namespace tidewire::net {

/// An IPv4 address is held as its IPv4-mapped IPv6 form, so that all compare alike.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    /// Numeric text only, without port, brackets or zone.
    static std::optional<IpAddress> parse(std::string_view text);
    static IpAddress v4(std::span<const std::uint8_t, 4> bytes);
    bool is_v4() const;
    /// 127.0.0.0/8 and ::1: this machine.
    bool is_loopback() const;
    std::string to_string() const;
    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// "10.0.0.0/8", "::1", "2001:db8::/32". Bits of the address behind the prefix do not matter. "::/0" is every address, of IPv4
/// too; "0.0.0.0/0" is all of IPv4.
struct Network {
    IpAddress address;
    int prefix_bits = 128;  ///< Of the 128-bit form.

    static Result<Network> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
};

}  // namespace tidewire::net
