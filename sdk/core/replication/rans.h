// Range asymmetric numeral systems (Duda 2013, rANS) with static frequencies: the entropy coder of bodies. A whole section is one
// number: it begins at 0 and ends in as many bytes as its information needs, so that a body of a few bits costs one byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sdk/core/base/bytes.h"

namespace tidewire::replication {

/// Frequencies are parts of 2^12.
inline constexpr unsigned rans_bits = 12;
inline constexpr std::uint32_t rans_total = 1U << rans_bits;

/// What a symbol owns of [0, 2^12). A frequency is never 0.
struct RansShare {
    std::uint32_t start;
    std::uint32_t frequency;
};

/// Division by multiplication (Alverson 1991), for states below 2^31: state / frequency is state * magic >> shift.
struct RansReciprocal {
    std::uint32_t magic;
    std::uint32_t shift;
};
extern const std::array<RansReciprocal, rans_total + 1> rans_reciprocals;

/// The number is a stack: what is put last is read first. The state lies in [2^15, 2^31) once a word has left it, through its low 16
/// bits; before that it is smaller, and it begins at 0. A decoder that finds it below 2^15 reads a word, unless there are none: then it
/// is near the beginning.
class RansEncoder {
public:
    /// A symbol leaves at least 12 of the state's 31 bits; raw bits in one go must leave as many.
    static constexpr unsigned raw_bits_max = 12;
    /// What a section of `puts` symbols and raw bits may take.
    static constexpr std::size_t bytes_max(std::size_t puts) { return 2 * puts + 4; }

    /// The section will end at `end`. Precondition: there is room for bytes_max() before it.
    explicit RansEncoder(std::byte* end) : first_(end) {}

    void put(RansShare share) {
        // 2^15 / 2^12 · 2^16 · frequency: beyond it the state would leave its 31 bits.
        make_room(share.frequency << 19);
        const RansReciprocal& reciprocal = rans_reciprocals[share.frequency];
        const auto whole = static_cast<std::uint32_t>(std::uint64_t{state_} * reciprocal.magic >> reciprocal.shift);
        // whole · 2^12 + the remainder + start
        state_ = whole * (rans_total - share.frequency) + (state_ + share.start);
    }
    /// Bits that are as likely as any others. Precondition: count <= raw_bits_max, value < 2^count.
    void put_bits(std::uint32_t value, unsigned count) {
        make_room(1U << (31 - count));
        state_ = state_ << count | value;
    }
    /// Where the section begins; it has no bytes when its number is 0.
    std::byte* finish() {
        // The state's highest byte stands alone where its bytes are odd in number.
        for (; state_ >= 1U << 8; state_ >>= 16) put_word();
        if (state_ != 0) *--first_ = static_cast<std::byte>(state_);
        return first_;
    }

private:
    void put_word() {
        *--first_ = static_cast<std::byte>(state_ >> 8 & 0xff);
        *--first_ = static_cast<std::byte>(state_ & 0xff);
    }
    /// Whether a word is due cannot be foreseen: it is written anyway, and stays where it was due.
    void make_room(std::uint32_t limit) {
        const std::uint32_t due_bits = std::uint32_t{state_ >= limit} << 4;
        first_[-1] = static_cast<std::byte>(state_ >> 8 & 0xff);
        first_[-2] = static_cast<std::byte>(state_ & 0xff);
        first_ -= due_bits / 8;
        state_ >>= due_bits;
    }

    std::byte* first_;
    std::uint32_t state_ = 0;
};

/// Reads what the encoder wrote, in the same order. Any bytes can be read and none beyond the end are; whether they meant
/// anything is known at the end.
class RansDecoder {
public:
    explicit RansDecoder(ByteSpan section);

    /// In [0, 2^12): it lies in the share of the next symbol.
    std::uint32_t peek() const { return static_cast<std::uint32_t>(state_) & (rans_total - 1); }
    /// Precondition: peek() lies in `share`.
    void take(RansShare share) {
        state_ = share.frequency * (state_ >> rans_bits) + peek() - share.start;
        refill();
    }
    std::uint32_t bits(unsigned count) {
        std::uint32_t value = 0;
        for (unsigned done = 0; done < count;) {
            const unsigned rest = count - done;
            const unsigned part = rest < RansEncoder::raw_bits_max ? rest : RansEncoder::raw_bits_max;
            value |= (static_cast<std::uint32_t>(state_) & ((1U << part) - 1)) << done;
            state_ >>= part;
            done += part;
            refill();
        }
        return value;
    }
    /// The same for at most RansEncoder::raw_bits_max bits, without a loop.
    std::uint32_t few_bits(unsigned count) {
        const std::uint32_t value = static_cast<std::uint32_t>(state_) & ((1U << count) - 1);
        state_ >>= count;
        refill();
        return value;
    }
    /// All was read, and it was what an encoder writes.
    bool finished() const { return state_ == 0 && next_ == end_; }

private:
    static constexpr std::uint32_t state_min = 1U << 15;
    static constexpr unsigned word_bits = 16;

    /// Whether a word is due cannot be foreseen: no branch.
    void refill() {
        const bool due = (state_ < state_min) & (next_ != end_);
        const std::byte* const from = due ? next_ : nothing;
        const std::uint32_t word = std::to_integer<std::uint32_t>(from[0]) | std::to_integer<std::uint32_t>(from[1])
                                                                                 << 8;
        state_ = state_ << (due ? word_bits : 0U) | word;
        next_ += due ? 2 : 0;
    }

    static constexpr std::byte nothing[2] = {};

    // Below 2^31. As wide as this because no number of a row is: it stays in a register while rows are written.
    std::uint64_t state_ = 0;
    const std::byte* next_;
    const std::byte* end_;
};

}  // namespace tidewire::replication
