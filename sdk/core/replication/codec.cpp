// Every slot has its block of contexts; blocks of the same weights and alphabets share their distributions.

#include "sdk/core/replication/codec.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tidewire::replication {

namespace {

constexpr std::int64_t factor_max = std::int64_t{1} << 31;

/// Classes whose next change is expected to be like the last one. What a small or exact slot was is no hint to where it goes, but to
/// whether it goes.
constexpr bool repeats(SlotClass slot_class) {
    return slot_class == SlotClass::Delta || slot_class == SlotClass::Angle || slot_class == SlotClass::QuaternionPart;
}
constexpr bool remembers_nothing(SlotClass slot_class) {
    return slot_class == SlotClass::Static || slot_class == SlotClass::QuaternionLargest;
}

std::int64_t rate_factor(const Slot& slot, const Slot& rate, double tick_rate) {
    const double steps = rate.quantum_or_1 / tick_rate / slot.quantum_or_1;
    const double scaled = std::floor(steps * 65536.0 + 0.5);
    return static_cast<std::int64_t>(std::min(scaled, static_cast<double>(factor_max)));
}

/// The largest magnitude of a residual that the slot can have; 2^31 where it may be anything.
std::uint32_t residual_max(const Slot& slot) {
    const std::int64_t span = std::int64_t{slot.last} - slot.first;
    // All the way back from what was expected, which a drift rounds up by a sixteenth at most.
    return static_cast<std::uint32_t>(std::min<std::int64_t>(span * 2 + span / 16, std::int64_t{1} << 31));
}

}  // namespace

Codec::Codec(const Layout& layout, const CodeTables& tables, double tick_rate)
    : layout_(&layout), tables_id_(tables.id()), rows_(layout.table_count()) {
    for (std::uint32_t context = 0; context < contexts::structure_count; ++context) {
        index_.push_back(static_cast<std::uint32_t>(distributions_.size()));
        const CodeTables::Weights weights = tables.weights(context);
        distributions_.emplace_back(std::span(weights).first(contexts::structure_symbols(context)));
    }
    for (std::size_t table = 1; table < layout.table_count(); ++table) add_table(table, tables, tick_rate);
}

void Codec::add_table(std::size_t table, const CodeTables& tables, double tick_rate) {
    const StructLayout& layout = layout_->component(table);
    RowModel& rows = rows_[table];
    for (std::size_t i = 0; i < layout.slot_count(); ++i) {
        const Slot& slot = layout.slot(i);
        SlotModel model{.slot = static_cast<std::uint16_t>(i),
                        .slot_class = class_of(slot),
                        .kind = slot.kind,
                        .repeats = repeats(class_of(slot)) ? -1 : 0,
                        .remembers = remembers_nothing(class_of(slot)) ? 0 : -1,
                        .first = slot.first,
                        .last = slot.last,
                        .allowed_span = static_cast<std::uint32_t>(std::int64_t{slot.last} - slot.first),
                        .reach = static_cast<std::int32_t>(
                            std::min<std::int64_t>(std::int64_t{slot.last} - slot.first, 0x7fffffff)),
                        .rate_slot = -1,
                        .rate_factor = 0,
                        .context = static_cast<std::uint32_t>(index_.size())};
        if (model.slot_class == SlotClass::Exact) model.allowed_span = ~std::uint32_t{0};
        if (model.slot_class == SlotClass::Integral) {
            model.rate_slot = slot.rate_slot;
            model.rate_factor = rate_factor(slot, layout.slot(static_cast<std::size_t>(slot.rate_slot)), tick_rate);
        }
        if (!slot.range_is_whole) rows.checked_by_slot = false;
        rows.slots.push_back(model);
        rows.still.push_back(0);

        // A slot of a successor's component that the tables were not trained for has what is built in.
        const std::size_t place = classes_.size();
        const bool trained = tables.schema_hash() != 0 && place < tables.model_count();
        const CodeTables& source = trained || tables.schema_hash() == 0 ? tables : CodeTables::built_in();
        const std::size_t source_model = trained ? place : static_cast<std::size_t>(model.slot_class);
        classes_.push_back(model.slot_class);
        const std::uint32_t symbols = token_symbol_max(residual_max(slot)) + 1;
        add_block(source, source_model, symbols);
    }
    order_rates_first(rows);
}

void Codec::add_block(const CodeTables& source, std::size_t source_model, std::uint32_t symbols) {
    const auto [known, missing] =
        blocks_.try_emplace({&source, source_model, symbols}, static_cast<std::uint32_t>(index_.size()));
    if (!missing) {
        for (std::uint32_t i = 0; i < contexts::model_count; ++i) index_.push_back(index_[known->second + i]);
        return;
    }
    const auto block = static_cast<std::uint32_t>(contexts::structure_count + source_model * contexts::model_count);
    std::map<std::vector<CodeTables::Weights>, std::uint32_t> made;
    for (std::uint32_t first = 0; first < contexts::model_count; first += contexts::levels_at(first)) {
        const std::uint32_t levels = contexts::levels_at(first);
        // What is remembered is an exact change or a drift, whatever the slot's range.
        const std::uint32_t count = first >= contexts::remembered ? token_symbols : symbols;
        std::vector<CodeTables::Weights> key;
        for (std::uint32_t level = 0; level < levels; ++level) {
            key.push_back(source.weights(block + first + level));
            std::fill(key.back().begin() + count, key.back().end(), 0U);
            key.back().back() = count;
        }
        const auto [found, is_new] = made.emplace(key, static_cast<std::uint32_t>(distributions_.size()));
        for (std::uint32_t level = 0; level < levels; ++level) {
            const CodeTables::Weights weights = source.weights(block + first + level);
            if (is_new) distributions_.emplace_back(std::span(weights).first(count));
            index_.push_back(found->second + level);
        }
    }
}

/// And the rates of rates before them. A circle, which the schema compiler refuses, is cut: nobody can guess by what is not read
/// yet.
void Codec::order_rates_first(RowModel& rows) {
    std::vector<SlotModel> ordered;
    std::vector<bool> done(rows.slots.size(), false);
    for (bool circle = false; ordered.size() < rows.slots.size();) {
        const std::size_t before = ordered.size();
        for (std::size_t i = 0; i < rows.slots.size(); ++i) {
            const std::int32_t rate = rows.slots[i].rate_slot;
            if (done[i] || (!circle && rate >= 0 && !done[static_cast<std::size_t>(rate)])) continue;
            if (rate >= 0 && !done[static_cast<std::size_t>(rate)]) {
                rows.slots[i].slot_class = SlotClass::Delta;
                rows.slots[i].repeats = -1;
                rows.slots[i].rate_slot = -1;
            }
            done[i] = true;
            ordered.push_back(rows.slots[i]);
        }
        circle = ordered.size() == before;
    }
    rows.slots = std::move(ordered);
}

std::uint32_t Codec::class_context(std::uint32_t context) const {
    if (context < contexts::structure_count) return context;
    const std::uint32_t place = (context - contexts::structure_count) / contexts::model_count;
    const std::uint32_t in_model = (context - contexts::structure_count) % contexts::model_count;
    return contexts::structure_count + static_cast<std::uint32_t>(classes_[place]) * contexts::model_count + in_model;
}

}  // namespace tidewire::replication
