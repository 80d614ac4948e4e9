// What a slot's change is expected to be, how it is applied and what is remembered of it: both ends do alike.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sdk/core/replication/codec.h"
#include "sdk/core/replication/snapshot.h"
#include "sdk/core/replication/token_tables.h"

namespace tidewire::replication {

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
    return static_cast<std::uint32_t>(minus(value, model.first)) <= model.allowed_span;
}

constexpr bool remembers_exactly(const SlotModel& model) { return model.slot_class == SlotClass::Linear; }

/// Of one slot: what its change is expected to be, and where the contexts begin of how fast it was.
struct Guess {
    std::int32_t change;
    std::uint32_t context;
    std::int32_t sign;  ///< -1 where it was negative: residuals are told the other way round then.
};
inline constexpr Guess no_guess{.change = 0, .context = contexts::change(contexts::broken, 0), .sign = 0};

/// Its own steps that an integral makes over `ticks` at a rate.
inline std::int32_t integrated(const SlotModel& model, std::int64_t rate, std::uint32_t ticks) {
    constexpr std::int64_t factor_max = std::int64_t{1} << 31;
    const std::int64_t factor = std::min(model.rate_factor * ticks, factor_max);
    const std::int64_t change = (rate * factor + 32768) >> 16;
    // No further than the slot can go: a residual beyond has no symbol in the slot's alphabet.
    const std::int64_t reach = model.reach;
    return static_cast<std::int32_t>(std::clamp(change, -reach, reach));
}

/// `after` is strided by Chunk::rows; the rate of an integral is in it already.
inline Guess guess(const SlotModel& model, std::int32_t remembered, const std::int32_t* after, std::uint32_t ticks) {
    const std::int32_t sign = remembered >> 31;
    if (remembers_exactly(model))
        return {
            .change = remembered, .context = contexts::change(contexts::magnitude_class(remembered), 0), .sign = sign};
    const DriftFacts& drift = facts_of_drift(remembered);
    if (model.slot_class != SlotClass::Integral)
        return {.change = drift.change & model.repeats, .context = drift.context, .sign = sign};
    const std::int32_t rate = after[static_cast<std::size_t>(model.rate_slot) * Chunk::rows];
    return {.change = integrated(model, rate, ticks), .context = drift.context, .sign = sign};
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

}  // namespace row_code

}  // namespace tidewire::replication
