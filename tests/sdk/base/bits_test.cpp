// Bits are counted as one by one.

#include "sdk/core/base/bits.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/random.h"

using namespace tidewire;

TEST_CASE("bits are counted as one by one", "[base][bits]") {
    static_assert(bit_count(0) == 0 && bit_count(~std::uint64_t{0}) == 64 && bit_count(std::uint64_t{1} << 63) == 1);
    SeededRandom random(1);
    for (int round = 0; round < 10'000; ++round) {
        std::uint64_t bits = random.next();
        for (std::uint32_t i = random.below(4); i > 0; --i) bits &= random.next();
        unsigned expected = 0;
        for (std::uint64_t rest = bits; rest != 0; rest &= rest - 1) ++expected;
        if (bit_count(bits) != expected) FAIL(bits << " has " << expected);
    }
}
