// The state lies in [2^15, 2^31) once a word has left it; before that it is smaller, and it begins at 0. Words leave it
// through its low 16 bits. A decoder that finds it below 2^15 reads a word, unless there are none: then it is near the beginning.

#include "sdk/core/replication/rans.h"

#include <array>

namespace tidewire::replication {

namespace {

/// Division by multiplication (Alverson 1991), for states below 2^31 and frequencies above 1: state / frequency is
/// state * magic >> (32 + shift).
struct Reciprocal {
    std::uint32_t magic;
    std::uint32_t shift;
};

constexpr auto reciprocals = [] {
    std::array<Reciprocal, rans_total + 1> made{};
    for (std::uint32_t frequency = 2; frequency <= rans_total; ++frequency) {
        unsigned bits = 0;  // 2^bits is the first power that is not smaller
        while ((1U << bits) < frequency) ++bits;
        made[frequency] = {
            .magic = static_cast<std::uint32_t>(((std::uint64_t{1} << (bits + 31)) + frequency - 1) / frequency),
            .shift = bits - 1};
    }
    return made;
}();

std::uint32_t quotient(std::uint32_t state, std::uint32_t frequency) {
    const Reciprocal& reciprocal = reciprocals[frequency];
    const auto found = static_cast<std::uint32_t>(std::uint64_t{state} * reciprocal.magic >> 32) >> reciprocal.shift;
    return frequency == 1 ? state : found;
}

}  // namespace

void RansEncoder::finish(Bytes& out) {
    std::uint32_t state = 0;
    words_.clear();
    const auto make_room = [&](std::uint32_t limit) {
        if (state < limit) return;
        words_.push_back(static_cast<std::uint16_t>(state & 0xffff));
        state >>= 16;
    };
    for (std::size_t i = used_; i-- > 0;) {
        const std::uint32_t low = operations_[i] & 0xffff;
        const std::uint32_t high = operations_[i] >> 16;
        if ((high & raw_mark) != 0) {
            const unsigned bits = high & ~raw_mark;
            make_room(1U << (31 - bits));
            state = state << bits | low;
        } else {
            // 2^15 / 2^12 · 2^16 · frequency: beyond it the state would leave its 31 bits.
            make_room(high << 19);
            const std::uint32_t whole = quotient(state, high);
            state = (whole << rans_bits) + (state - whole * high) + low;
        }
    }
    used_ = 0;
    const auto put_byte = [&](std::uint32_t value) { out.push_back(static_cast<std::byte>(value & 0xff)); };
    const auto put_word = [&](std::uint32_t value) {
        put_byte(value);
        put_byte(value >> 8);
    };
    // The state's highest byte stands alone where its bytes are odd in number.
    if (state >= 1U << 24) {
        put_word(state >> 16);
        put_word(state);
    } else if (state >= 1U << 16) {
        put_byte(state >> 16);
        put_word(state);
    } else if (state >= 1U << 8) {
        put_word(state);
    } else if (state != 0) {
        put_byte(state);
    }
    for (std::size_t i = words_.size(); i-- > 0;) put_word(words_[i]);
}

RansDecoder::RansDecoder(ByteSpan section) : next_(section.data()), end_(section.data() + section.size()) {
    if (section.size() % 2 != 0) state_ = std::to_integer<std::uint32_t>(*next_++);
    refill();
    refill();
}

}  // namespace tidewire::replication
