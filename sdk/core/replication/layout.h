// A schema seen as columns of 32-bit integers: which slot belongs to which field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sdk/core/replication/field_code.h"
#include "tidewire/schema.h"

namespace tidewire::replication {

/// One column, and what a codec may know about its integers. A field has one slot, or two (low half first) when it is 64 bits
/// wide and sent exactly; the four fields of a quaternion have four together.
struct Slot {
    const FieldInfo* field;  ///< Of a quaternion's slot i, its field i.
    std::uint8_t half;       ///< 0, or 1 for the high half of a 64-bit field.
    SlotKind kind;
    std::int32_t first;  ///< The least and the most that it holds, inclusive.
    std::int32_t last;
    bool range_is_whole;     ///< All between are allowed.
    Prediction prediction;   ///< As the schema says; Delta where it says Integral of what has no steps.
    std::int32_t rate_slot;  ///< With Prediction::Integral, the slot of the rate; otherwise -1.
    double quantum_or_1;     ///< One step in the field's unit; 1 for whole numbers and bits.
};

/// One struct (component, input or event) as slots. A table has none: record.h has what becomes of it.
class StructLayout {
public:
    explicit StructLayout(const StructInfo& info);

    const StructInfo& info() const { return *info_; }
    std::size_t slot_count() const { return slots_.size(); }
    const Slot& slot(std::size_t index) const { return slots_[index]; }
    /// "game.Pos.x", for reports.
    std::string slot_name(std::size_t index) const;

    /// Aggregate to slots: round to nearest, saturate. `slots` holds the previous values on entry (for NaN).
    /// Both arrays are strided: slot i is slots[i * stride].
    void quantize(const std::byte* aggregate, std::int32_t* slots, std::size_t stride,
                  QuantizeCounters& counters) const;
    /// The same for many aggregates in a row, field by field: slot i of row r is columns[i * stride + r].
    void quantize_rows(const FieldCode::Rows& rows, std::int32_t* columns, std::size_t stride,
                       QuantizeCounters& counters) const;
    /// Slots to aggregate. What quantize() made of the result is the same slots again.
    void dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const;
    /// True when every slot holds what quantize() could have made: the check of values from the wire.
    bool in_range(const std::int32_t* slots, std::size_t stride) const {
        return first_out_of_range(slots, stride) == slot_count();
    }
    /// The first slot that in_range() objects to; slot_count() when there is none.
    std::size_t first_out_of_range(const std::int32_t* slots, std::size_t stride) const;

private:
    void resolve_rates();

    const StructInfo* info_;
    std::vector<Slot> slots_;
    std::vector<FieldCode> codes_;
};

/// All tables of a schema's state. Table 0 is the table of entities (slots: generation, owner); table i is component i-1.
class Layout {
public:
    explicit Layout(const SchemaInfo& schema);

    const SchemaInfo& schema() const { return *schema_; }
    std::size_t table_count() const { return 1 + components_.size(); }
    std::size_t slot_count(std::size_t table) const { return table == 0 ? 2 : components_[table - 1].slot_count(); }
    /// True for a component that is a table: its rows are records, and it has no slots.
    bool is_record(std::size_t table) const { return table != 0 && components_[table - 1].info().is_table; }
    const StructLayout& component(std::size_t table) const { return components_[table - 1]; }
    const StructLayout& input(std::size_t type) const { return inputs_[type]; }
    std::size_t input_count() const { return inputs_.size(); }
    /// Of an event that is a table: no slots, as of such a component.
    const StructLayout& event(std::size_t type) const { return events_[type]; }
    std::size_t event_count() const { return events_.size(); }
    std::string table_name(std::size_t table) const;
    std::string slot_name(std::size_t table, std::size_t slot) const;

private:
    const SchemaInfo* schema_;
    std::vector<StructLayout> components_;
    std::vector<StructLayout> inputs_;
    std::vector<StructLayout> events_;
};

}  // namespace tidewire::replication
