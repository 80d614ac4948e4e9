// What does not depend on what is coded.

#include "sdk/core/replication/rans.h"

namespace tidewire::replication {

namespace {

constexpr auto made_reciprocals = [] {
    std::array<RansReciprocal, rans_total + 1> made{};
    for (std::uint32_t frequency = 1; frequency <= rans_total; ++frequency) {
        unsigned bits = 0;  // 2^bits is the first power that is not smaller
        while ((1U << bits) < frequency) ++bits;
        const unsigned shift = bits + 31;
        made[frequency] = {
            .magic = static_cast<std::uint32_t>(((std::uint64_t{1} << shift) + frequency - 1) / frequency),
            .shift = shift};
    }
    return made;
}();

}  // namespace

const std::array<RansReciprocal, rans_total + 1> rans_reciprocals = made_reciprocals;

RansDecoder::RansDecoder(ByteSpan section) : next_(section.data()), end_(section.data() + section.size()) {
    if (section.size() % 2 != 0) state_ = std::to_integer<std::uint32_t>(*next_++);
    refill();
    refill();
}

}  // namespace tidewire::replication
