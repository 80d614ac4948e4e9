// Slots of structs and tables of schemas; field_code.cpp has what happens to a single field.

#include "sdk/core/replication/layout.h"

namespace tidewire::replication {

namespace {

bool has_steps(const Slot& slot) { return slot.kind == SlotKind::Number || slot.kind == SlotKind::Angle; }

}  // namespace

StructLayout::StructLayout(const StructInfo& info) : info_(&info) {
    if (info.is_table) return;
    for (auto rest = info.fields; !rest.empty(); rest = rest.subspan(codes_.back().field_count())) {
        const FieldCode& code = codes_.emplace_back(rest);
        for (std::size_t i = 0; i < code.slot_count(); ++i) {
            const FieldInfo& field = rest[code.field_count() > 1 ? i : 0];
            const SlotKind kind = code.slot_kind(i);
            const auto [first, last] = code.slot_range(i);
            slots_.push_back({.field = &field,
                              .half = kind == SlotKind::WideHigh,
                              .kind = kind,
                              .first = first,
                              .last = last,
                              .range_is_whole = code.slot_range_is_whole(),
                              .prediction = field.prediction,
                              .rate_slot = -1,
                              .quantum_or_1 = code.slot_quantum(i)});
        }
    }
    resolve_rates();
}

void StructLayout::resolve_rates() {
    for (Slot& slot : slots_) {
        if (slot.prediction != Prediction::Integral) continue;
        for (std::size_t i = 0; has_steps(slot) && i < slots_.size(); ++i)
            if (slots_[i].field - info_->fields.data() == slot.field->integral_of && has_steps(slots_[i]))
                slot.rate_slot = static_cast<std::int32_t>(i);
        if (slot.rate_slot < 0) slot.prediction = Prediction::Delta;
    }
}

std::string StructLayout::slot_name(std::size_t index) const {
    const Slot& slot = slots_[index];
    std::string name = std::string(info_->name) + "." + slot.field->name;
    if (slot.kind != SlotKind::QuaternionLargest && slot.kind != SlotKind::QuaternionPart) return name;
    // "rotation.x" or "rotation[0]" is no name for what is not one of the four.
    std::size_t largest = index;
    while (slots_[largest].kind != SlotKind::QuaternionLargest) --largest;
    static constexpr const char* suffixes[] = {".largest", ".a", ".b", ".c"};
    const std::size_t end = name.find_last_of(".[");
    if (end > std::string(info_->name).size()) name.resize(end);
    return name + suffixes[index - largest];
}

void StructLayout::quantize(const std::byte* aggregate, std::int32_t* slots, std::size_t stride,
                            QuantizeCounters& counters) const {
    quantize_rows({aggregate, info_->size, 1}, slots, stride, counters);
}

void StructLayout::quantize_rows(const FieldCode::Rows& rows, std::int32_t* columns, std::size_t stride,
                                 QuantizeCounters& counters) const {
    std::size_t slot = 0;
    for (const FieldCode& code : codes_) {
        code.quantize(rows, columns + slot * stride, stride, counters);
        slot += code.slot_count();
    }
}

void StructLayout::dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const {
    std::size_t slot = 0;
    for (const FieldCode& code : codes_) {
        code.dequantize(slots + slot * stride, stride, aggregate);
        slot += code.slot_count();
    }
}

std::size_t StructLayout::first_out_of_range(const std::int32_t* slots, std::size_t stride) const {
    std::size_t slot = 0;
    for (const FieldCode& code : codes_) {
        if (!code.in_range(slots + slot * stride, stride)) return slot;
        slot += code.slot_count();
    }
    return slot;
}

Layout::Layout(const SchemaInfo& schema) : schema_(&schema) {
    for (const StructInfo& component : schema.components) components_.emplace_back(component);
    for (const StructInfo& input : schema.inputs) inputs_.emplace_back(input);
    for (const StructInfo& event : schema.events) events_.emplace_back(event);
}

std::string Layout::table_name(std::size_t table) const {
    return table == 0 ? "entity" : components_[table - 1].info().name;
}

std::string Layout::slot_name(std::size_t table, std::size_t slot) const {
    if (table == 0) return slot == 0 ? "entity.generation" : "entity.owner";
    return components_[table - 1].slot_name(slot);
}

}  // namespace tidewire::replication
