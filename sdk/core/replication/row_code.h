// One row of a struct component: every slot guessed from what its stream remembers, and what is left coded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sdk/core/replication/members.h"
#include "sdk/core/replication/ports.h"

namespace tidewire::replication {

/// The rows of one table that moved in a stream's last body, and what is remembered of each of their slots, in coding order: the
/// drift of its change, of its residual where it is an integral, the change itself where it is linear. A pure function of the
/// stream's last three snapshots, so both ends have the same.
struct Trail {
    Members rows;
    std::vector<std::int32_t> values;  ///< [rank · slots + place in coding order]

    friend bool operator==(const Trail&, const Trail&) = default;
};

namespace row_code {

constexpr std::uint32_t wrapping_add(std::int32_t a, std::int32_t b) {
    return static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b);
}
constexpr std::int32_t plus(std::int32_t a, std::int32_t b) { return static_cast<std::int32_t>(wrapping_add(a, b)); }
constexpr std::int32_t minus(std::int32_t a, std::int32_t b) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}

/// The way from one step of a circle to another, the shorter one.
constexpr std::int32_t turn(const SlotModel& model, std::int32_t change) {
    const std::int64_t circle = std::int64_t{model.last} - model.first + 1;
    std::int64_t way = change;
    if (way >= (circle + 1) / 2) way -= circle;
    if (way < -(circle / 2)) way += circle;
    return static_cast<std::int32_t>(way);
}

constexpr std::int32_t change_of(const SlotModel& model, std::int32_t before, std::int32_t after) {
    const std::int32_t change = minus(after, before);
    return model.kind == SlotKind::Angle ? turn(model, change) : change;
}

constexpr std::int32_t apply(const SlotModel& model, std::int32_t before, std::int32_t change) {
    const std::int32_t after = plus(before, change);
    if (model.kind != SlotKind::Angle) return after;
    const std::int64_t circle = std::int64_t{model.last} - model.first + 1;
    if (after > model.last) return static_cast<std::int32_t>(after - circle);
    if (after < model.first) return static_cast<std::int32_t>(after + circle);
    return after;
}

constexpr bool allowed(const SlotModel& model, std::int32_t value) {
    return model.anything_goes || (value >= model.first && value <= model.last);
}

constexpr bool remembers_exactly(const SlotModel& model) { return model.slot_class == SlotClass::Linear; }

/// Of one slot: what its change is expected to be, and how fast it was.
struct Guess {
    std::int32_t change = 0;
    std::uint32_t magnitude_class = 0;
    std::int32_t sign = 0;  ///< -1 where it was negative: residuals are told the other way round then.
};

/// Its own steps that an integral makes over `ticks` at a rate.
inline std::int32_t integrated(const SlotModel& model, std::int64_t rate, std::uint32_t ticks) {
    constexpr std::int64_t factor_max = std::int64_t{1} << 31;
    const std::int64_t factor = std::min(model.rate_factor * ticks, factor_max);
    const std::int64_t change = (rate * factor + 32768) >> 16;
    // No further than the slot can go: a residual beyond has no symbol in the slot's alphabet.
    const std::int64_t span = std::min<std::int64_t>(std::int64_t{model.last} - model.first, 0x7fffffff);
    return static_cast<std::int32_t>(std::clamp(change, -span, span));
}

/// `after` is strided by Chunk::rows; the rate of an integral is in it already.
inline Guess guess(const SlotModel& model, std::int32_t remembered, const std::int32_t* after, std::uint32_t ticks) {
    if (remembers_exactly(model))
        return {
            .change = remembered, .magnitude_class = contexts::magnitude_class(remembered), .sign = remembered >> 31};
    const DriftFacts& drift = facts_of_drift(remembered);
    Guess result{
        .change = drift.change & model.repeats, .magnitude_class = drift.magnitude_class, .sign = remembered >> 31};
    if (model.slot_class == SlotClass::Integral)
        result.change = integrated(model, after[static_cast<std::size_t>(model.rate_slot) * Chunk::rows], ticks);
    return result;
}

inline std::int32_t memory_of(const SlotModel& model, std::int32_t change, std::int32_t residual) {
    if (remembers_exactly(model)) return change;
    const std::int32_t moved = model.slot_class == SlotClass::Integral ? residual : change;
    const std::int32_t drift = is_small(moved) ? facts_of(moved).drift : to_drift(moved);
    return drift & model.remembers;
}

/// By its mask and not by a branch: signs cannot be foreseen.
constexpr std::int32_t turned(std::int32_t value, std::int32_t sign) {
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(value) ^ static_cast<std::uint32_t>(sign)) -
                                     static_cast<std::uint32_t>(sign));
}

/// As contexts::level_of().
inline std::uint32_t level_of(std::int32_t residual) {
    return is_small(residual) ? facts_of(residual).level : contexts::levels - 1;
}

/// Tells a port a residual, in the context that is `level` behind `context`; `same`: the value is the last one's. Returns level_of(residual).
inline std::uint32_t put_residual(EncodePort& port, std::uint32_t context, std::uint32_t level, std::int32_t residual,
                                  bool same) {
    if (is_small(residual)) {
        const ResidualFacts& facts = facts_of(residual);
        const std::uint32_t kept = same ? 0 : ~std::uint32_t{0};
        port.token(context + level, facts.symbol & kept, facts.bits, facts.bit_count & kept);
        return facts.level;
    }
    const Token token = same ? Token{.symbol = token_same, .bit_count = 0, .bits = 0} : to_token(residual);
    port.symbol(context + level, token.symbol);
    port.bits(token.bits, token.bit_count);
    return contexts::levels - 1;
}

}  // namespace row_code

/// Where a row lies: columns of both snapshots, each strided by Chunk::rows.
struct RowPlace {
    const std::int32_t* before;
    std::int32_t* after;  ///< The encoder only reads it.
};

/// A row that both ends have from before. `remembered` is null for one that did not move in the last body; what is to be
/// remembered goes to `memory`. `ticks`: from before to after.
template <class Port>
void code_changed_row(Port& port, const RowModel& rows, RowPlace row, const std::int32_t* remembered,
                      std::int32_t* memory, std::uint32_t ticks) {
    using namespace row_code;
    std::uint32_t level = 0;
    bool broken = false;  // the parts of this quaternion are of another basis than before
    const SlotModel* const models = rows.slots.data();
    const std::size_t slots = rows.slots.size();
    if constexpr (!Port::reads) port.expect(slots * EncodePort::tokens_max);
    for (std::size_t i = 0; i < slots; ++i) {
        const SlotModel& model = models[i];
        const std::size_t at = model.slot * Chunk::rows;
        const std::int32_t before = row.before[at];
        Guess guessed = guess(model, remembered == nullptr ? 0 : remembered[i], row.after, ticks);
        if (remembered == nullptr) guessed.magnitude_class = contexts::started;
        if (broken && model.kind == SlotKind::QuaternionPart)
            guessed = {.change = 0, .magnitude_class = contexts::broken, .sign = 0};
        const std::uint32_t context = model.context + contexts::change(guessed.magnitude_class, 0);

        std::int32_t change = 0;
        std::int32_t residual = 0;
        std::uint32_t next_level = 0;
        if constexpr (Port::reads) {
            const std::uint32_t symbol = port.level_symbol(context, level);
            const auto coded = port.residual(symbol);
            const std::int32_t unchanged = minus(0, guessed.change);
            residual = symbol == token_same ? unchanged : turned(coded.value, guessed.sign);
            next_level = symbol == token_same ? level_of(unchanged) : coded.level;
            const std::int32_t after = apply(model, before, plus(guessed.change, residual));
            if (!allowed(model, after)) return port.fail();
            row.after[at] = after;
            // A hostile change may go round the circle more than once.
            change = change_of(model, before, after);
            residual = minus(change, guessed.change);
        } else {
            change = change_of(model, before, row.after[at]);
            residual = minus(change, guessed.change);
            const bool same = change == 0 && guessed.change != 0;
            next_level = put_residual(port, context, level, turned(residual, guessed.sign), same);
        }
        memory[i] = memory_of(model, change, residual);
        if (model.kind == SlotKind::QuaternionLargest)
            broken = change != 0;
        else
            level = next_level;
    }
}

/// The row added before, for the next one: rows come in the order of their entities, which often are alike.
struct AddedBefore {
    explicit AddedBefore(const RowModel& rows) {
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
