// Choosing rows among rows: how both ends name a few of many by their ranks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sdk/core/base/bits.h"
#include "sdk/core/replication/members.h"
#include "sdk/core/replication/ports.h"

namespace tidewire::replication {

/// Calls `row(chunk, row in chunk, index)` for each, in order.
template <class Row>
void for_each_row(const Members& rows, const Row& row) {
    for (const Members::Part& part : rows.parts())
        for (std::uint64_t rest = part.rows; rest != 0; rest &= rest - 1) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            row(part.chunk, bit, part.chunk * static_cast<std::uint32_t>(Chunk::rows) + bit);
        }
}

Members minus(const Members& a, const Members& b);
/// The same in memory that is there already. Precondition: `result` is neither of them.
void minus(const Members& a, const Members& b, Members& result);
/// Whether some of `a` are not in `b`.
bool exceeds(const Members& a, const Members& b);
Members both(const Members& a, const Members& b);
void both(const Members& a, const Members& b, Members& result);
Members either(const Members& a, const Members& b);
void either(const Members& a, const Members& b, Members& result);

/// Walks through rows by their ranks, forwards only.
class RankWalk {
public:
    explicit RankWalk(const Members& rows) : parts_(&rows.parts()) {
        if (!parts_->empty()) rest_ = parts_->front().rows;
    }

    /// The index of the row `skip` rows further than the last one; the first has skip 0. Precondition: there is one.
    std::uint32_t next(std::uint32_t skip) {
        for (;;) {
            const auto here = bit_count(rest_);
            if (skip < here) break;
            skip -= here;
            rest_ = (*parts_)[++part_].rows;
        }
        for (; skip > 0; --skip) rest_ &= rest_ - 1;
        const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest_));
        rest_ &= rest_ - 1;
        return (*parts_)[part_].chunk * static_cast<std::uint32_t>(Chunk::rows) + row;
    }
    /// How many rows lie before `index`, since the last one asked for. Precondition: it is among the rows and ahead.
    std::uint32_t skip_to(std::uint32_t index) {
        std::uint32_t skipped = 0;
        while ((*parts_)[part_].chunk != index / Chunk::rows) {
            skipped += bit_count(rest_);
            rest_ = (*parts_)[++part_].rows;
        }
        const std::uint64_t bit = std::uint64_t{1} << (index % Chunk::rows);
        skipped += bit_count(rest_ & (bit - 1));
        rest_ &= ~(bit | (bit - 1));
        return skipped;
    }

private:
    const std::vector<Members::Part>* parts_;
    std::size_t part_ = 0;
    std::uint64_t rest_ = 0;
};

/// The Rice parameter that suits gaps between `left` rows spread over `places`.
constexpr unsigned gap_bits(std::uint32_t places, std::uint32_t left) {
    const std::uint32_t mean = places / left * 45 / 64;  // ln 2: half of the gaps are shorter
    return mean < 2 ? 0 : token::octave(mean);
}

namespace choice {
enum : std::uint32_t { None, All, Some };
}

/// What code_rows() tells when none of some candidates is chosen.
inline void tell_none(EncodePort& port, RowsOf what) { port.symbol(contexts::of(what), choice::None); }

/// `chosen` of `candidates`. The encoder's `chosen` is a subset; the decoder's is overwritten with one.
template <class Port>
void code_rows(Port& port, RowsOf what, const Members& candidates, Members& chosen) {
    if (candidates.empty()) return chosen.clear();
    const auto count = static_cast<std::uint32_t>(candidates.count());
    auto left = static_cast<std::uint32_t>(chosen.count());
    const std::uint32_t told = left == 0 ? choice::None : left == count ? choice::All : choice::Some;
    const std::uint32_t how = port.symbol(contexts::of(what), told);
    if constexpr (Port::reads) chosen.clear();
    if (how == choice::None) return;
    if (how == choice::All) {
        chosen = candidates;
        return;
    }
    left = 1 + port.bits(left - 1, token::octave(count) + 1);
    if (left >= count) return port.fail();
    RankWalk walk(candidates);
    std::uint32_t rank = 0;  // of the next candidate
    const auto code_gap = [&](std::uint32_t gap) {
        const unsigned low = gap_bits(count - rank, left);
        std::uint32_t high = gap >> low;
        if constexpr (Port::reads) {
            for (high = 0; port.bits(0, 1) != 0 && (high << low) < count;) ++high;
        } else {
            for (std::uint32_t i = 0; i < high; ++i) port.bits(1, 1);
            port.bits(0, 1);
        }
        return high << low | port.bits(gap & ((1U << low) - 1), low);
    };
    if constexpr (Port::reads) {
        for (; left > 0; --left) {
            const std::uint32_t gap = code_gap(0);
            // The others need a place, too.
            if (gap > count - rank - left) return port.fail();
            chosen.insert(walk.next(gap));
            rank += gap + 1;
        }
    } else {
        for_each_row(chosen, [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
            const std::uint32_t gap = walk.skip_to(index);
            code_gap(gap);
            rank += gap + 1;
            --left;
        });
    }
}

}  // namespace tidewire::replication
