// One row of a struct component: every slot guessed from what its stream remembers, and what is left coded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sdk/core/replication/members.h"
#include "sdk/core/replication/ports.h"
#include "sdk/core/replication/slot_guess.h"

namespace tidewire::replication {

/// The rows of one table that moved in a stream's last body, and what is remembered of each of their slots, in coding order: the
/// drift of its change, of its residual where it is an integral, the change itself where it is linear. A pure function of the
/// stream's last three snapshots, so both ends have the same.
struct Trail {
    Members rows;
    std::vector<std::int32_t> values;  ///< [rank · slots + place in coding order]

    void clear() {
        rows.clear();
        values.clear();
    }
    void swap(Trail& other) noexcept {
        rows.swap(other.rows);
        values.swap(other.values);
    }

    friend bool operator==(const Trail&, const Trail&) = default;
};

namespace row_code {

using Told = EncodePort::Told;

/// Tells a token of any size; returns the end of what was told.
inline Told* tell(Told* told, std::uint32_t context, const Token& token) {
    constexpr unsigned part = RansEncoder::raw_bits_max;
    *told++ = Told(context, packed({.symbol = token.symbol, .bit_count = 0, .bits = 0}));
    std::uint32_t bits = token.bits;
    for (unsigned count = token.bit_count; count > 0; bits >>= part) {
        const unsigned here = std::min(count, part);
        *told++ = Told::bits_alone(bits & ((1U << here) - 1), here);
        count -= here;
    }
    return told;
}

}  // namespace row_code

/// Where a row lies: columns of both snapshots, each strided by Chunk::rows.
struct RowPlace {
    const std::int32_t* before;
    std::int32_t* after;  ///< The encoder only reads it.
};

/// Of a row that both ends have from before: what its slots are guessed from.
struct RowPast {
    /// `remembered` is null for a row that did not move in the last body; `ticks`: from before to after.
    RowPast(const RowModel& rows, const std::int32_t* remembered, std::uint32_t between)
        : drifts(remembered == nullptr ? rows.still.data() : remembered),
          context(remembered == nullptr ? contexts::change(contexts::started, 0) : 0),
          ticks(between) {}

    const std::int32_t* drifts;
    std::uint32_t context;  ///< Of a row that starts: its slots' drifts, which are 0, are of another kind.
    std::uint32_t ticks;
};

/// Tells of a row that changed. What is to be remembered goes to `memory`. Precondition: port.expect() was told of the row's slots.
inline void code_changed_row(EncodePort& port, const RowModel& rows, RowPlace row, RowPast past, std::int32_t* memory) {
    using namespace row_code;
    const SlotModel* const models = rows.slots.data();
    const std::size_t slots = rows.slots.size();
    Told* told = port.end();
    std::uint32_t level = 0;
    bool broken = false;  // the parts of this quaternion are of another basis than before
    for (std::size_t i = 0; i < slots; ++i) {
        const SlotModel& model = models[i];
        const std::size_t at = model.slot * Chunk::rows;
        Guess guessed = guess(model, past.drifts[i], row.after, past.ticks);
        guessed.context += past.context;
        if (broken && model.kind == SlotKind::QuaternionPart) guessed = no_guess;
        const std::uint32_t context = model.context + guessed.context + level;
        const std::int32_t change = change_of(model, row.before[at], row.after[at]);
        const std::int32_t residual = minus(change, guessed.change);
        const std::int32_t seen = turned(residual, guessed.sign);
        const bool same = change == 0 && guessed.change != 0;
        std::uint32_t next_level = contexts::levels - 1;
        if (is_small(seen)) {
            const ResidualFacts& facts = facts_of(seen);
            *told++ = Told(context, facts.token & (same ? 0 : ~std::uint32_t{0}));
            next_level = facts.level;
        } else {
            told = tell(told, context, same ? Token{.symbol = token_same, .bit_count = 0, .bits = 0} : to_token(seen));
        }
        memory[i] = memory_of(model, change, residual);
        if (model.kind == SlotKind::QuaternionLargest)
            broken = change != 0;
        else
            level = next_level;
    }
    port.set_end(told);
}

/// Reads it. `row.after` may be where `row.before` is.
inline void code_changed_row(DecodePort& port, const RowModel& rows, RowPlace row, RowPast past, std::int32_t* memory) {
    using namespace row_code;
    const SlotModel* const models = rows.slots.data();
    const std::size_t slots = rows.slots.size();
    const Codec::Distributions distributions = port.codec().distributions();
    SymbolDecoder decoder = port.decoder();
    std::uint32_t level = 0;
    bool broken = false;
    for (std::size_t i = 0; i < slots; ++i) {
        const SlotModel& model = models[i];
        const std::size_t at = model.slot * Chunk::rows;
        const std::int32_t before = row.before[at];
        Guess guessed = guess(model, past.drifts[i], row.after, past.ticks);
        guessed.context += past.context;
        if (broken && model.kind == SlotKind::QuaternionPart) guessed = no_guess;
        const std::uint32_t symbol = decoder.symbol(distributions.levels(model.context + guessed.context)[level]);
        std::int32_t residual = 0;
        std::uint32_t next_level = 0;
        if (symbol == token_same) {
            residual = minus(0, guessed.change);
            next_level = level_of(residual);
        } else {
            const SymbolDecoder::Residual coded = decoder.residual(symbol);
            residual = turned(coded.value, guessed.sign);
            next_level = coded.level;
        }
        std::int32_t change = plus(guessed.change, residual);
        const std::int32_t after = apply(model, before, change);
        if (!allowed(model, after)) return port.fail();
        row.after[at] = after;
        if (model.kind == SlotKind::Angle) {
            // A hostile change may go round the circle more than once.
            change = change_of(model, before, after);
            residual = minus(change, guessed.change);
        }
        memory[i] = memory_of(model, change, residual);
        if (model.kind == SlotKind::QuaternionLargest)
            broken = change != 0;
        else
            level = next_level;
    }
    port.set_decoder(decoder);
}

/// The row added before, for the next one: rows come in the order of their entities, which often are alike.
struct AddedBefore {
    AddedBefore() = default;
    explicit AddedBefore(const RowModel& rows) { restart(rows); }
    /// Before the first row.
    void restart(const RowModel& rows) {
        columns.clear();
        columns.reserve(rows.slots.size());
        for (const SlotModel& model : rows.slots)
            columns.push_back({.value = std::clamp(0, model.first, model.last), .difference = 0, .repeats = 0});
    }
    struct Column {
        std::int32_t value;
        std::int32_t difference;
        std::uint32_t repeats;  ///< For how many rows the difference has been the same.
    };
    std::vector<Column> columns;
};

/// A row that only the encoder has.
template <class Port>
void code_added_row(Port& port, const RowModel& rows, std::int32_t* row, AddedBefore& last) {
    using namespace row_code;
    for (std::size_t i = 0; i < rows.slots.size(); ++i) {
        const SlotModel& model = rows.slots[i];
        AddedBefore::Column& column = last.columns[i];
        std::int32_t& value = row[model.slot * Chunk::rows];
        const std::uint32_t context = model.context + contexts::addition(column.difference, column.repeats);
        std::int32_t difference = Port::reads ? 0 : minus(value, column.value);
        Token token{.symbol = token_same, .bit_count = 0, .bits = 0};
        if (!Port::reads && difference != column.difference) token = to_token(difference);
        const std::uint32_t symbol = port.symbol(context, token.symbol);
        if (symbol == token_same) {
            difference = column.difference;
            ++column.repeats;
        } else {
            const std::uint32_t bits = port.bits(token.bits, token_bit_count(symbol));
            if constexpr (Port::reads) difference = from_token(symbol, bits);
            column.repeats = 0;
        }
        column.difference = difference;
        column.value = plus(column.value, difference);
        if constexpr (Port::reads) {
            if (!allowed(model, column.value)) return port.fail();
            value = column.value;
        }
    }
}

/// What a stream remembers of a row, for one who did not follow it. `row` is null where nothing was known of the row before;
/// otherwise its change over `ticks` tells much.
template <class Port>
void code_memory(Port& port, const RowModel& rows, const RowPlace* row, std::int32_t* memory, std::uint32_t ticks) {
    using namespace row_code;
    std::uint32_t level = 0;
    std::int32_t last = 0;
    bool broken = false;
    for (std::size_t i = 0; i < rows.slots.size(); ++i) {
        const SlotModel& model = rows.slots[i];
        if (model.slot_class == SlotClass::Static || model.kind == SlotKind::QuaternionLargest) {
            if (model.kind == SlotKind::QuaternionLargest && row != nullptr)
                broken = row->before[model.slot * Chunk::rows] != row->after[model.slot * Chunk::rows];
            memory[i] = 0;
            continue;
        }
        std::int32_t guess = 0;
        std::uint32_t context = contexts::memory_unguessed(last);
        if (row != nullptr && !(broken && model.kind == SlotKind::QuaternionPart)) {
            const std::size_t at = model.slot * Chunk::rows;
            const std::int32_t change = change_of(model, row->before[at], row->after[at]);
            guess = change / static_cast<std::int32_t>(std::clamp<std::uint32_t>(ticks, 1, 1024));
            if (model.slot_class == SlotClass::Integral) guess = 0;
            // A slot that did not change at all most likely did not in the last step either; one that did, may have.
            context = contexts::memory(change == 0 ? 0 : std::max(1U, contexts::magnitude_class(guess)), level);
            if (!remembers_exactly(model)) guess = to_drift(guess);
        }
        const std::int32_t off = Port::reads ? 0 : minus(memory[i], guess);
        const std::int32_t coded = code_token(port, model.context + context, off, guess < 0);
        if constexpr (Port::reads) {
            memory[i] = plus(guess, coded);
            if (!remembers_exactly(model) && token::magnitude(memory[i]) > drift_max) return port.fail();
        }
        level = level_of(coded);
        last = memory[i];
    }
}

}  // namespace tidewire::replication
