// Random damage to bytes, as a broken or hostile peer sends them.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"

namespace tidewire::replication::testing {

/// One to four bits flipped, bytes overwritten, inserted, taken out, or a tail cut off.
inline Bytes mutated(Bytes bytes, SeededRandom& random) {
    for (std::uint32_t i = 1 + random.below(4); i > 0 && !bytes.empty(); --i) {
        const auto at = random.below(static_cast<std::uint32_t>(bytes.size()));
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        static constexpr unsigned char edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        switch (random.below(6)) {
            case 0:
            case 1:
                bytes[at] ^= static_cast<std::byte>(1U << random.below(8));
                break;
            case 2:
                bytes[at] = static_cast<std::byte>(random.below(256));
                break;
            case 3:
                bytes[at] = static_cast<std::byte>(edges[random.below(5)]);
                break;
            case 4:
                bytes.insert(place, static_cast<std::byte>(random.below(256)));
                break;
            default:
                random.below(2) == 0 ? static_cast<void>(bytes.erase(place)) : bytes.resize(at);
                break;
        }
    }
    return bytes;
}

}  // namespace tidewire::replication::testing
