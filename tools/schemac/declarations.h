// What a binary schema declares, as plain data in the order of the text, with what its attributes mean.
// The reader fills in the declarations, the attribute checks the rules; the writers only read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tidewire/schema.h"

namespace schemac {

struct Attribute {
    std::string name;
    std::string value;  ///< Without quotes; "0" when the text gives none.
};

inline bool has_value(const Attribute& attribute) { return attribute.value != "0"; }

/// Of a struct or table, and said by its name alone.
inline bool is_flag(const std::string& name) {
    return name == "component" || name == "input" || name == "event" || name == "owner_only" || name == "predicted";
}

/// As the text has it: range "0..1", or angle alone.
inline std::string said(const Attribute& attribute) {
    return !has_value(attribute) ? attribute.name : attribute.name + " \"" + attribute.value + "\"";
}

struct Enumerator {
    std::string name;
    std::int64_t value;  ///< Of a ulong enum: its bits.
};

struct Enum {
    std::string name;  ///< With its namespace: "game.Mode". So are all names of types here.
    std::string file;  ///< The declaring file: one of Declarations::files, or empty.
    tidewire::Scalar scalar = tidewire::Scalar::UInt8;
    bool flags = false;  ///< Values may be combined (FlatBuffers' `bit_flags`).
    std::vector<Enumerator> values;
    std::vector<Attribute> attributes;
    std::vector<std::string> documentation;
};

/// What a field's attributes mean; the names are those of tidewire::FieldInfo.
struct FieldRules {
    double quantum = 0;
    double min = 0;
    double max = 0;
    tidewire::Interpolation interpolation = tidewire::Interpolation::Hold;
    tidewire::Prediction prediction = tidewire::Prediction::Delta;
    std::string integral_of;  ///< A path from the same struct: "vx" or "velocity.x".
    double snap = 0;
    bool angle = false;  ///< On a grid that goes round the circle.
    std::uint8_t quaternion_bits = 0;
};

struct Field {
    std::string name;
    tidewire::Scalar scalar = tidewire::Scalar::UInt8;  ///< Of an enum: its underlying type. Unused for a struct.
    int enum_index = -1;                                ///< Into Declarations::enums.
    int struct_index = -1;                              ///< Into Declarations::structs.
    std::uint32_t length = 0;                           ///< Of a fixed-size array; 0: not an array.
    std::vector<Attribute> attributes;
    std::vector<std::string> documentation;
    FieldRules rules;
};

enum class Kind : std::uint8_t { Plain, Component, Input, Event };

inline constexpr std::size_t number_count_max = 1'000'000'000;  ///< Beyond it nobody counts.

struct Struct {
    std::string name;
    std::string file;
    Kind kind = Kind::Plain;
    bool predicted = false;
    bool owner_only = false;
    std::uint8_t priority = 1;
    std::uint32_t size = 0;
    std::uint32_t alignment = 1;
    std::size_t number_count = 0;  ///< With nested structs and arrays taken apart; at most number_count_max.
    std::vector<Field> fields;
    std::vector<Attribute> attributes;
    std::vector<std::string> documentation;
};

struct TableField {
    std::string name;
    /// What the field is, when a table of ours cannot hold it: "the union game.Any". Nothing else is known then.
    std::string impossible;
    tidewire::RecordType type = tidewire::RecordType::Number;
    tidewire::Scalar scalar = tidewire::Scalar::UInt8;  ///< Of a number.
    int enum_index = -1;
    std::int64_t default_integer = 0;  ///< Of a ulong: its bits.
    double default_real = 0;
    bool deprecated = false;
    bool required = false;
    std::vector<Attribute> attributes;
    std::vector<std::string> documentation;
    double min = 0;  ///< Of a number its value, otherwise its length in bytes.
    double max = 0;
};

struct Table {
    std::string name;
    std::string file;
    Kind kind = Kind::Plain;
    bool owner_only = false;
    std::uint8_t priority = 1;
    std::vector<TableField> fields;  ///< By id, which is its place here.
    std::vector<Attribute> attributes;
    std::vector<std::string> documentation;
};

/// One of Declarations::structs or ::tables.
struct Declared {
    bool is_table;
    std::size_t index;
};

struct Declarations {
    std::vector<std::string>
        files;  ///< All that were compiled, relative to the directory of root_file; none when flatc names none.
    std::string root_file;        ///< The one that includes the others.
    std::vector<Enum> enums;      ///< In declaration order, as the structs; no unions.
    std::vector<Struct> structs;  ///< A struct comes after those that it holds.
    std::vector<Table> tables;
    std::vector<Declared> order;  ///< Structs and tables together, in declaration order.
};

inline Kind kind_of(const Declarations& declarations, Declared type) {
    return type.is_table ? declarations.tables[type.index].kind : declarations.structs[type.index].kind;
}
inline const std::string& name_of(const Declarations& declarations, Declared type) {
    return type.is_table ? declarations.tables[type.index].name : declarations.structs[type.index].name;
}
inline const std::string& file_of(const Declarations& declarations, Declared type) {
    return type.is_table ? declarations.tables[type.index].file : declarations.structs[type.index].file;
}
/// Those of one kind, in declaration order: what SchemaInfo lists.
inline std::vector<Declared> of_kind(const Declarations& declarations, Kind kind) {
    std::vector<Declared> list;
    for (const Declared type : declarations.order)
        if (kind_of(declarations, type) == kind) list.push_back(type);
    return list;
}

/// "Pos" of "game.Pos".
inline std::string short_name(const std::string& name) { return name.substr(name.rfind('.') + 1); }
/// "game" of "game.Pos"; empty in the global namespace.
inline std::string namespace_of(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos ? "" : name.substr(0, dot);
}

}  // namespace schemac
