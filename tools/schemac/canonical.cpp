// The canonical text of a schema.
#include "tools/schemac/canonical.h"

#include "sdk/core/base/hash.h"
#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

std::string type_text(const Declarations& declarations, const Field& field) {
    std::string type = schema_name(field.scalar);
    if (field.enum_index >= 0) type = declarations.enums[static_cast<std::size_t>(field.enum_index)].name;
    if (field.struct_index >= 0) type = declarations.structs[static_cast<std::size_t>(field.struct_index)].name;
    return field.length == 0 ? type : "[" + type + ":" + std::to_string(field.length) + "]";
}

std::string rules_text(const FieldRules& rules) {
    std::string text = " range " + to_text(rules.min) + ".." + to_text(rules.max);
    if (rules.quantum > 0) text += " quantize " + to_text(rules.quantum);
    switch (rules.prediction) {
        case tidewire::Prediction::Delta:
            break;
        case tidewire::Prediction::Linear:
            text += " predict linear";
            break;
        case tidewire::Prediction::Integral:
            text += " predict integral(of: " + rules.integral_of + ")";
            break;
        case tidewire::Prediction::Static:
            text += " predict static";
            break;
    }
    return text;
}

std::string kind_text(const Struct& type) {
    switch (type.kind) {
        case Kind::Plain:
            return "struct";
        case Kind::Component:
            return "component";
        case Kind::Input:
            return "input";
    }
    return "";
}

}  // namespace

std::string canonical_text(const Declarations& declarations) {
    std::string text = "tidewire schema 1\n";
    for (const Enum& type : declarations.enums) {
        text += "enum " + type.name + " : " + schema_name(type.scalar) + (type.flags ? " flags" : "") + "\n";
        for (const Enumerator& value : type.values) {
            text += "  " + value.name + " = " +
                    (type.scalar == tidewire::Scalar::UInt64 ? std::to_string(static_cast<std::uint64_t>(value.value))
                                                             : std::to_string(value.value)) +
                    "\n";
        }
    }
    for (const Struct& type : declarations.structs) {
        text += kind_text(type) + " " + type.name + (type.predicted ? " predicted" : "") +
                (type.owner_only ? " owner_only" : "") + "\n";
        for (const Field& field : type.fields)
            text += "  " + field.name + ": " + type_text(declarations, field) +
                    (field.struct_index >= 0 ? "" : rules_text(field.rules)) + "\n";
    }
    return text;
}

std::uint64_t schema_hash(const Declarations& declarations) {
    return tidewire::fnv1a(tidewire::as_bytes(canonical_text(declarations)));
}

}  // namespace schemac
