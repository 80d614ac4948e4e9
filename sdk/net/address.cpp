// IP addresses and networks.
#include "sdk/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace tidewire::net {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text);
    // inet_pton() would read up to a NUL and call the rest no part of the text.
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    IpAddress address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
    std::array<std::uint8_t, 4> four{};
    if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
    return std::nullopt;
}

IpAddress IpAddress::v4(std::span<const std::uint8_t, 4> four) {
    IpAddress address;
    std::copy(v4_prefix.begin(), v4_prefix.end(), address.bytes.begin());
    std::copy(four.begin(), four.end(), address.bytes.begin() + v4_prefix.size());
    return address;
}

bool IpAddress::is_v4() const { return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin()); }

bool IpAddress::is_loopback() const {
    static constexpr std::array<std::uint8_t, 16> v6_loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return bytes == v6_loopback || (is_v4() && bytes[v4_prefix.size()] == 127);
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4()) {
        inet_ntop(AF_INET, bytes.data() + v4_prefix.size(), text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    }
    return text.data();
}

Result<Network> Network::parse(std::string_view text) {
    const auto wrong = [&] {
        return unexpected(Blame::Caller,
                          "\"" + std::string(text) +
                              "\" is not a network; write an address or a prefix such as 10.0.0.0/8 or 2001:db8::/32");
    };
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return wrong();
    Network network{*address, 128};
    if (slash == std::string_view::npos) return network;
    const std::string_view digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3 ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return wrong();
    const int bits = std::stoi(std::string(digits));
    // "::ffff:10.0.0.0/104" counts in the form that it is written in.
    const int width = text.find(':') == std::string_view::npos ? 32 : 128;
    if (bits > width) return wrong();
    network.prefix_bits = 128 - width + bits;
    return network;
}

bool Network::contains(const IpAddress& other) const {
    const auto whole = static_cast<std::size_t>(prefix_bits / 8);
    if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
    const int rest = prefix_bits % 8;
    if (rest == 0) return true;
    const int mask = 0xff << (8 - rest) & 0xff;
    return (address.bytes[whole] & mask) == (other.bytes[whole] & mask);
}

}  // namespace tidewire::net
