// What the attributes of structs and tables mean; those of fields have their own file.
#include "tools/schemac/attributes.h"

#include <algorithm>

#include "sdk/core/replication/schema_description.h"
#include "tools/schemac/cpp_names.h"
#include "tools/schemac/field_attributes.h"
#include "tools/schemac/numbers.h"
#include "tools/schemac/table_attributes.h"

namespace schemac {

namespace {

/// Each takes up to 10 bytes of the 16 KiB that an event has.
constexpr std::size_t event_numbers_max = 1638;

bool has(const std::vector<Attribute>& attributes, const std::string& name) {
    return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
}

void check_enum_attributes(Enum& type, Diagnostics& diagnostics) {
    for (const Attribute& attribute : type.attributes) {
        if (attribute.name == "bit_flags")
            type.flags = true;
        else
            diagnostics.report(type.file, type.name,
                               said(attribute) + " has no meaning on an enum; an enum may have bit_flags");
    }
}

void check_struct_attributes(Struct& type, Diagnostics& diagnostics) {
    const auto report = [&](const std::string& message) { diagnostics.report(type.file, type.name, message); };
    const bool component = has(type.attributes, "component");
    const bool input = has(type.attributes, "input");
    const bool event = has(type.attributes, "event");
    if (component + input + event > 1)
        report("a struct is a component, an input or an event, and one of them alone; remove the other attributes");
    type.kind = component ? Kind::Component : input ? Kind::Input : event ? Kind::Event : Kind::Plain;
    for (const Attribute& attribute : type.attributes) {
        const std::string& name = attribute.name;
        if (is_flag(name) && has_value(attribute))
            report(name + " takes no value, not \"" + attribute.value + "\"; write " + name + " alone, or remove it");
        if (name == "component" || name == "input" || name == "event" || name == "force_align") continue;
        if (name != "predicted" && name != "owner_only" && name != "priority") {
            report(said(attribute) +
                   " has no meaning on a struct; a struct may have component, input, event, owner_only, predicted, "
                   "priority");
            continue;
        }
        if (!component)
            report(said(attribute) + " is for components only; " +
                   (input || event ? "remove it" : "add component or remove it"));
        if (name == "predicted") type.predicted = true;
        if (name == "owner_only") type.owner_only = true;
        if (name == "priority" && !read_priority(attribute.value, type.priority))
            report("priority \"" + attribute.value +
                   "\" is not a whole number from 1 to 255; write for example priority: \"3\"");
    }
    if (type.kind == Kind::Plain) return;
    if (type.size > tidewire::replication::OwnedSchema::aggregate_bytes_max)
        report("a component, input or event holds at most 65535 bytes; this one has " + std::to_string(type.size) +
               ": split it");
    else if (type.number_count > tidewire::replication::DescriptionLimits{}.fields_max)
        report("a component, input or event holds at most 32767 numbers; this one has " +
               std::to_string(type.number_count) + ": split it");
    else if (event && type.number_count > event_numbers_max)
        report("an event holds at most " + std::to_string(event_numbers_max) + " numbers; this one has " +
               std::to_string(type.number_count) + ": write a table with [ubyte]");
    if (type.alignment > 16)
        report("force_align \"" + std::to_string(type.alignment) + "\" is more than 16; write 16 or remove it");
}

/// The header has one Schema for one namespace, which is the namespace of all that it lists.
void check_schema(const Declarations& declarations, Diagnostics& diagnostics) {
    const std::string* first = nullptr;
    for (const Declared type : declarations.order) {
        if (kind_of(declarations, type) == Kind::Plain) continue;
        const std::string& name = name_of(declarations, type);
        const std::string& file = file_of(declarations, type);
        if (first == nullptr) first = &name;
        if (namespace_of(name).empty())
            diagnostics.report(file, name,
                               "components, inputs and events need a namespace; write namespace game; above them");
        else if (namespace_of(name) != namespace_of(*first))
            diagnostics.report(file, name,
                               "components, inputs and events share one namespace; the first of them, " + *first +
                                   ", is in " + (namespace_of(*first).empty() ? "none" : namespace_of(*first)) +
                                   ": move it there");
    }
    const struct {
        Kind kind;
        const char* many;
    } lists[] = {{Kind::Component, "components"}, {Kind::Input, "inputs"}, {Kind::Event, "events"}};
    constexpr std::size_t most = tidewire::replication::DescriptionLimits{}.declarations_max;
    for (const auto& [kind, many] : lists) {
        const std::size_t count = of_kind(declarations, kind).size();
        if (count > most)
            diagnostics.report(declarations.root_file, "",
                               "a schema holds at most " + std::to_string(most) + " " + many + "; this one has " +
                                   std::to_string(count) + ": join some of them");
    }
    if (of_kind(declarations, Kind::Component).empty())
        diagnostics.report(declarations.root_file, "", "there is no state; mark at least one struct as (component)");
    if (of_kind(declarations, Kind::Input).empty())
        diagnostics.report(declarations.root_file, "", "there is no input; mark at least one struct as (input)");
}

}  // namespace

void check_attributes(Declarations& declarations, Diagnostics& diagnostics) {
    std::vector<std::string> files = declarations.files;
    if (files.empty()) files.emplace_back();
    for (const std::string& file : files)
        if (const SourceLines* text = diagnostics.source(file))
            for (const DuplicateAttribute& duplicate : text->duplicates)
                diagnostics.report(file, duplicate.owner,
                                   "attribute \"" + duplicate.name + "\" is there twice; keep one of them");
    for (Enum& type : declarations.enums) check_enum_attributes(type, diagnostics);
    for (Struct& type : declarations.structs) check_struct_attributes(type, diagnostics);
    for (Struct& type : declarations.structs) check_fields(declarations, type, diagnostics);
    for (Table& table : declarations.tables) check_table(declarations, table, diagnostics);
    check_cpp_names(declarations, diagnostics);
    check_schema(declarations, diagnostics);
}

}  // namespace schemac
