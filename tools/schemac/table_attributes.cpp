// The attributes of a table and of its fields.
#include "tools/schemac/table_attributes.h"

#include <algorithm>
#include <cmath>

#include "sdk/core/replication/owned_schema.h"
#include "tools/schemac/numbers.h"
#include "tools/schemac/ranges.h"

namespace schemac {

namespace {

using tidewire::RecordType;
using tidewire::Scalar;

class TableChecker {
public:
    TableChecker(const Declarations& declarations, Table& table, Diagnostics& diagnostics)
        : declarations_(declarations), table_(table), diagnostics_(diagnostics) {}

    void check() {
        const auto has = [&](const char* name) {
            return std::any_of(table_.attributes.begin(), table_.attributes.end(),
                               [&](const Attribute& attribute) { return attribute.name == name; });
        };
        if (has("component") && has("event"))
            report("a table is a component or an event, not both; remove one of the attributes");
        table_.kind = has("component") ? Kind::Component : has("event") ? Kind::Event : Kind::Plain;
        // Of one that is marked as something else, that alone is said.
        if (table_.kind == Kind::Plain && !has("input"))
            report("a table is rare state or a message; mark it as (component) or (event)");
        for (const Attribute& attribute : table_.attributes) check_attribute(attribute);
        for (TableField& field : table_.fields) check_field(field);
        constexpr std::size_t fields_max = tidewire::replication::OwnedSchema::record_fields_max;
        if (table_.fields.size() > fields_max)
            report("a table holds at most " + std::to_string(fields_max) + " fields; this one has " +
                   std::to_string(table_.fields.size()) + ": split it");
    }

private:
    void report(const std::string& message) { diagnostics_.report(table_.file, table_.name, message); }
    void report(const TableField& field, const std::string& message) {
        diagnostics_.report(table_.file, table_.name + '.' + field.name, message);
    }

    void check_attribute(const Attribute& attribute) {
        const std::string& name = attribute.name;
        if (is_flag(name) && has_value(attribute))
            report(name + " takes no value, not \"" + attribute.value + "\"; write " + name + " alone, or remove it");
        if (name == "component" || name == "event") return;
        if (name == "input") return report("input is for structs of numbers; write a struct");
        if (name == "predicted") return report("predicted is for structs of numbers; write a struct or remove it");
        if (name != "owner_only" && name != "priority")
            return report(said(attribute) +
                          " has no meaning on a table; a table may have component, event, owner_only, priority");
        if (table_.kind != Kind::Component)
            report(said(attribute) + " is for components only; " +
                   (table_.kind == Kind::Event ? "remove it" : "add component or remove it"));
        if (name == "owner_only") table_.owner_only = true;
        if (name == "priority" && !read_priority(attribute.value, table_.priority))
            report("priority \"" + attribute.value +
                   "\" is not a whole number from 1 to 255; write for example priority: \"3\"");
    }

    void check_field(TableField& field) {
        if (!field.impossible.empty())
            return report(field, "a table cannot hold " + field.impossible +
                                     "; its fields are numbers, bools, enums, string and [ubyte]");
        const bool is_number = field.type == RecordType::Number;
        const Range whole = is_number ? whole_range(declarations_, field.scalar, field.enum_index) : default_length;
        field.min = whole.min;
        field.max = whole.max;
        if (field.deprecated)
            report(field,
                   "deprecated would leave a hole that older clients still fill; keep the field and do not use it");
        if (field.required)
            report(field,
                   "required has no meaning here, where every field has a value: empty when nothing sets it; "
                   "remove it");
        for (const Attribute& attribute : field.attributes) {
            const std::string& name = attribute.name;
            if (name == "id" || name == "deprecated" || name == "required") continue;
            if (name == "range")
                check_range(field, attribute);
            else
                report(field, said(attribute) + " has no meaning in a table; a field of a table may have id and range");
        }
        if (is_number) check_default(field);
    }

    void check_range(TableField& field, const Attribute& attribute) {
        Range range{};
        std::string complaint;
        const std::string a_type = schemac::a_type(declarations_, field.scalar, field.enum_index);
        if (field.type != RecordType::Number)
            complaint = read_length(attribute.value, range);
        else if (field.enum_index >= 0 || field.scalar == Scalar::Bool)
            complaint = "range \"" + attribute.value + "\" is for numbers, strings and [ubyte], not for " + a_type +
                        "; remove it";
        else
            complaint = read_range(attribute.value, a_type, field.scalar, range);
        if (!complaint.empty()) return report(field, complaint);
        field.min = range.min;
        field.max = range.max;
    }

    /// One that nobody wrote is 0, and moves into the range by itself.
    void check_default(const TableField& field) {
        const bool real = is_real(field.scalar);
        const double value = real ? field.default_real
                             : field.scalar == Scalar::UInt64
                                 ? static_cast<double>(static_cast<std::uint64_t>(field.default_integer))
                                 : static_cast<double>(field.default_integer);
        if (value == 0 || (value >= field.min && value <= field.max)) return;
        report(field, "the default " + (std::isfinite(value) ? to_text(value) : std::string("value")) +
                          " is outside the range " + to_text(field.min) + ".." + to_text(field.max) +
                          "; write one within it");
    }

    const Declarations& declarations_;
    Table& table_;
    Diagnostics& diagnostics_;
};

}  // namespace

void check_table(const Declarations& declarations, Table& table, Diagnostics& diagnostics) {
    TableChecker(declarations, table, diagnostics).check();
}

}  // namespace schemac
