// The key of an address.
#include "server/gate/address_key.h"

#include <algorithm>

#include "sdk/net/address.h"

namespace tidewire::server {

AddressKey address_key(std::string_view text, const Fronts& fronts) {
    const auto address = net::IpAddress::parse(text);
    if (!address || address->is_loopback() || fronts.trusts(text)) return {};
    AddressKey key = address->bytes;
    if (!address->is_v4()) std::fill(key.begin() + 8, key.end(), std::uint8_t{0});
    return key;
}

}  // namespace tidewire::server
