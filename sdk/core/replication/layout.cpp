// Slots of structs and tables of schemas; field_code.cpp has what happens to a single field.

#include "sdk/core/replication/layout.h"

namespace tidewire::replication {

StructLayout::StructLayout(const StructInfo& info) : info_(&info) {
    for (const FieldInfo& field : info.fields) {
        const FieldCode& code = codes_.emplace_back(field);
        for (std::uint8_t half = 0; half < code.slot_count(); ++half) slots_.push_back({&field, half});
    }
}

std::string StructLayout::slot_name(std::size_t index) const {
    return std::string(info_->name) + "." + slots_[index].field->name;
}

void StructLayout::quantize(const std::byte* aggregate, std::int32_t* slots, std::size_t stride,
                            QuantizeCounters& counters) const {
    std::size_t slot = 0;
    for (const FieldCode& code : codes_) {
        code.quantize(aggregate, slots + slot * stride, stride, counters);
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
}

std::string Layout::table_name(std::size_t table) const {
    return table == 0 ? "entity" : components_[table - 1].info().name;
}

std::string Layout::slot_name(std::size_t table, std::size_t slot) const {
    if (table == 0) return slot == 0 ? "entity.generation" : "entity.owner";
    return components_[table - 1].slot_name(slot);
}

}  // namespace tidewire::replication
