// The state lies in [2^15, 2^31) once a word has left it; before that it is smaller, and it begins at 0. Words leave it
// through its low 16 bits. A decoder that finds it below 2^15 reads a word, unless there are none: then it is near the beginning.

#include "sdk/core/replication/rans.h"

#include <array>

namespace tidewire::replication {

namespace {

/// Division by multiplication (Alverson 1991), for states below 2^31: state / frequency is state * magic >> shift.
struct Reciprocal {
    std::uint32_t magic;
    std::uint32_t shift;
};

constexpr auto reciprocals = [] {
    std::array<Reciprocal, rans_total + 1> made{};
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

void RansEncoder::finish(Bytes& out) {
    // An operation pushes out a word at most.
    if (words_.size() < used_) words_.resize(operations_.size());
    std::uint32_t state = 0;
    std::uint16_t* word = words_.data();
    // Whether a word is due cannot be foreseen: it is written anyway, and stays where it was due.
    const auto make_room = [&](std::uint32_t limit) {
        const bool due = state >= limit;
        *word = static_cast<std::uint16_t>(state & 0xffff);
        word += due ? 1 : 0;
        state >>= due ? 16U : 0U;
    };
    for (const std::uint32_t* next = operations_.data() + used_; next != operations_.data();) {
        const std::uint32_t low = *--next & 0xffff;
        const std::uint32_t high = *next >> 16;
        if ((high & raw_mark) != 0) {
            const unsigned bits = high & ~raw_mark;
            make_room(1U << (31 - bits));
            state = state << bits | low;
        } else {
            // 2^15 / 2^12 · 2^16 · frequency: beyond it the state would leave its 31 bits.
            make_room(high << 19);
            const Reciprocal& reciprocal = reciprocals[high];
            const auto whole = static_cast<std::uint32_t>(std::uint64_t{state} * reciprocal.magic >> reciprocal.shift);
            // whole · 2^12 + the remainder + start
            state = whole * (rans_total - high) + (state + low);
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
    while (word != words_.data()) put_word(*--word);
}

RansDecoder::RansDecoder(ByteSpan section) : next_(section.data()), end_(section.data() + section.size()) {
    if (section.size() % 2 != 0) state_ = std::to_integer<std::uint32_t>(*next_++);
    refill();
    refill();
}

}  // namespace tidewire::replication
