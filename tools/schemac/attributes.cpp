// What the attributes of structs and tables mean; those of fields have their own file.
#include "tools/schemac/attributes.h"

#include <algorithm>

#include "tools/schemac/cpp_names.h"
#include "tools/schemac/field_attributes.h"
#include "tools/schemac/flat_fields.h"
#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

bool has(const std::vector<Attribute>& attributes, const std::string& name) {
    return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
}

void check_enum_attributes(Enum& type, Diagnostics& diagnostics) {
    for (const Attribute& attribute : type.attributes) {
        if (attribute.name == "bit_flags")
            type.flags = true;
        else
            diagnostics.report(type.file, type.name, "attribute \"" + attribute.name + "\" has no meaning on an enum");
    }
}

void check_struct_attributes(const Declarations& declarations, Struct& type, Diagnostics& diagnostics) {
    const auto report = [&](const std::string& message) { diagnostics.report(type.file, type.name, message); };
    const bool component = has(type.attributes, "component");
    const bool input = has(type.attributes, "input");
    if (component && input) report("a struct is a component or an input, not both; remove one of the attributes");
    type.kind = component ? Kind::Component : input ? Kind::Input : Kind::Plain;
    for (const Attribute& attribute : type.attributes) {
        const std::string& name = attribute.name;
        if (name == "component" || name == "input" || name == "force_align") continue;
        if (name != "predicted" && name != "owner_only" && name != "priority") {
            report(
                "attribute \"" + name +
                "\" has no meaning on a struct; a struct may have component, input, owner_only, predicted, priority");
            continue;
        }
        if (!component) report(name + " is for components only; add component or remove it");
        if (name == "predicted") type.predicted = true;
        if (name == "owner_only") type.owner_only = true;
        if (name == "priority") {
            const auto number = parse_number(attribute.value);
            if (!number || *number < 1 || *number > 255 || *number != static_cast<int>(*number))
                report("priority \"" + attribute.value + "\" is not a whole number from 1 to 255");
            else
                type.priority = static_cast<std::uint8_t>(*number);
        }
    }
    if (type.kind == Kind::Plain) return;
    if (type.size > 65535)
        report("a component or input holds at most 65535 bytes; this one has " + std::to_string(type.size));
    else if (flat_field_count(declarations, type) > 32767)
        report("a component or input holds at most 32767 numbers; this one has " +
               std::to_string(flat_field_count(declarations, type)));
    if (type.alignment > 16) report("an alignment above 16 is not supported; remove force_align");
}

/// The header has one Schema for one namespace, which is the namespace of the components and inputs.
void check_schema(const Declarations& declarations, Diagnostics& diagnostics) {
    const Struct* first = nullptr;
    bool component = false;
    bool input = false;
    for (const Struct& type : declarations.structs) {
        if (type.kind == Kind::Plain) continue;
        if (first == nullptr) first = &type;
        component = component || type.kind == Kind::Component;
        input = input || type.kind == Kind::Input;
        if (namespace_of(type.name).empty())
            diagnostics.report(type.file, type.name,
                               "components and inputs need a namespace; write namespace game; above them");
        else if (namespace_of(type.name) != namespace_of(first->name))
            diagnostics.report(type.file, type.name,
                               "components and inputs share one namespace; the first of them, " + first->name +
                                   ", is in " + namespace_of(first->name));
    }
    if (!component)
        diagnostics.report(declarations.root_file, "", "there is no state; mark at least one struct as (component)");
    if (!input)
        diagnostics.report(declarations.root_file, "", "there is no input; mark at least one struct as (input)");
}

}  // namespace

void check_attributes(Declarations& declarations, Diagnostics& diagnostics) {
    std::vector<std::string> files = declarations.files;
    if (files.empty()) files.emplace_back();
    for (const std::string& file : files)
        if (const SourceLines* text = diagnostics.source(file))
            for (const DuplicateAttribute& duplicate : text->duplicates)
                diagnostics.report(file, duplicate.owner, "attribute \"" + duplicate.name + "\" is there twice");
    for (const Table& table : declarations.tables)
        diagnostics.report(table.file, table.name,
                           has(table.attributes, "event")
                               ? "events are not supported by this version; remove the table"
                               : "a table holds no state; write a struct, as (component), (input) or part of one");
    for (Enum& type : declarations.enums) check_enum_attributes(type, diagnostics);
    for (Struct& type : declarations.structs) check_struct_attributes(declarations, type, diagnostics);
    for (Struct& type : declarations.structs)
        for (std::size_t i = 0; i < type.fields.size(); ++i) check_field(declarations, type, i, diagnostics);
    check_cpp_names(declarations, diagnostics);
    check_schema(declarations, diagnostics);
}

void warn_of_attributes(const Declarations& declarations, Diagnostics& warnings) {
    for (const Struct& type : declarations.structs)
        if (type.owner_only)
            warnings.report(type.file, type.name,
                            "warning: owner_only is not kept by this version: every client is told; keep what must "
                            "stay private out of the schema");
}

}  // namespace schemac
