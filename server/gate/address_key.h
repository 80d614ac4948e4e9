// Whom limits for each address count together.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "server/gate/fronts.h"

namespace tidewire::server {

/// One IPv4 address, or one /64 of IPv6, which is what one customer gets. Zeros: it is not counted by address.
using AddressKey = std::array<std::uint8_t, 16>;

/// Zeros for loopback and trusted fronts, who speak for many, and for what is no address.
AddressKey address_key(std::string_view address, const Fronts& fronts);

}  // namespace tidewire::server
