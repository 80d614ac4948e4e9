// Range asymmetric numeral systems (Duda 2013, rANS) with static frequencies: the entropy coder of bodies. A whole section is one
// number: it begins at 0 and ends in as many bytes as its information needs, so that a body of a few bits costs one byte.
#pragma once

#include <cstdint>
#include <vector>

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

/// Takes symbols in the order in which they are read, and codes them backwards at the end: the number is a stack.
class RansEncoder {
public:
    void put(RansShare share) {
        make_room();
        operations_[used_++] = operation(share);
    }
    /// A symbol, and bits behind it. The same as put() and put_bits(), without a branch. Precondition: as of put_bits(), and count <=
    /// raw_bits_max.
    void put_with_bits(RansShare share, std::uint32_t value, unsigned count) {
        make_room();
        operations_[used_] = operation(share);
        operations_[used_ + 1] = operation(value, count);
        used_ += count == 0 ? 1 : 2;
    }
    /// `count` bits that are as likely as any others, low ones first. Precondition: count <= 32, value < 2^count.
    void put_bits(std::uint32_t value, unsigned count) {
        while (count > 0) {
            const unsigned part = count < raw_bits_max ? count : raw_bits_max;
            make_room();
            operations_[used_++] = operation(value & ((1U << part) - 1), part);
            value >>= part;
            count -= part;
        }
    }
    bool empty() const { return used_ == 0; }
    /// Appends the section and begins anew.
    void finish(Bytes& out);

    /// A symbol leaves at least 12 of the state's 31 bits; raw bits in one go must leave as many.
    static constexpr unsigned raw_bits_max = 12;

private:
    static constexpr std::uint32_t raw_mark = 0x8000;

    static constexpr std::uint32_t operation(RansShare share) {
        return share.start | share.frequency << 16;
    }
    static constexpr std::uint32_t operation(std::uint32_t value, unsigned count) {
        return value | (raw_mark | count) << 16;
    }
    /// For two operations.
    void make_room() {
        if (operations_.size() - used_ < 2) operations_.resize(operations_.size() * 2 + 256);
    }

    std::vector<std::uint32_t> operations_;  // the first `used_` of them
    std::size_t used_ = 0;
    std::vector<std::uint16_t> words_;
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
        const std::uint32_t word = std::to_integer<std::uint32_t>(from[0]) | std::to_integer<std::uint32_t>(from[1]) << 8;
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
