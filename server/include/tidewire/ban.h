// Who may not come in, and until when.
#pragma once

#include <cstdint>
#include <string>

#include "tidewire/identity.h"

namespace tidewire {

/// Numbers the bans of a server from 1; never used twice while it runs.
enum class BanId : std::uint64_t {};

/// At least one of `subject` and `address` is said.
struct Ban {
    std::string subject{};  ///< Identity::subject; empty: anybody of the address.
    /// Numeric, IPv4 or IPv6, where the whole /64 is meant; empty: wherever the subject comes from. With both each of them is banned.
    std::string address{};
    SystemTime until{};
    std::string reason{};  ///< Told to who comes; of at most 120 bytes.
};

struct ListedBan : Ban {
    BanId id{};
};

}  // namespace tidewire
