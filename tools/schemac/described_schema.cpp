// Declarations to SchemaInfo.
#include "tools/schemac/described_schema.h"

#include <utility>

#include "sdk/core/replication/schema_description.h"
#include "tools/schemac/flat_fields.h"

namespace schemac {

namespace {

using tidewire::FieldInfo;
using tidewire::RecordFieldInfo;
using tidewire::StructInfo;
using tidewire::replication::OwnedSchema;
using tidewire::replication::Role;

void add_struct(const Declarations& declarations, const Struct& type, Role role, OwnedSchema& schema) {
    const std::vector<FlatField> flats = flat_fields(declarations, type);
    std::vector<FieldInfo> fields;
    for (const FlatField& flat : flats) {
        const FieldRules& rules = flat.field->rules;
        fields.push_back({.name = flat.path.c_str(),
                          .scalar = flat.field->scalar,
                          .offset = 0,
                          .quantum = rules.quantum,
                          .min = rules.min,
                          .max = rules.max,
                          .interpolation = rules.interpolation,
                          .prediction = rules.prediction,
                          .integral_of = static_cast<std::int16_t>(flat.integral_of),
                          .snap = rules.snap,
                          .angle = rules.angle,
                          .quaternion_bits = rules.quaternion_bits});
    }
    const StructInfo info{.name = type.name.c_str(),
                          .size = 0,
                          .alignment = 1,
                          .predicted = type.predicted,
                          .owner_only = type.owner_only,
                          .priority = type.priority};
    schema.add_struct(role, info, std::move(fields));
}

void add_table(const Table& type, Role role, OwnedSchema& schema) {
    std::vector<RecordFieldInfo> record;
    for (const TableField& field : type.fields)
        record.push_back({.name = field.name.c_str(),
                          .type = field.type,
                          .scalar = field.scalar,
                          .id = static_cast<std::uint16_t>(record.size()),
                          .offset = 0,
                          .min = field.min,
                          .max = field.max});
    const StructInfo info{
        .name = type.name.c_str(), .size = 0, .alignment = 1, .owner_only = type.owner_only, .priority = type.priority};
    schema.add_table(role, info, std::move(record));
}

}  // namespace

OwnedSchema described_schema(const Declarations& declarations) {
    OwnedSchema schema(schema_namespace(declarations));
    const std::pair<Kind, Role> lists[] = {
        {Kind::Component, Role::Component}, {Kind::Input, Role::Input}, {Kind::Event, Role::Event}};
    for (const auto& [kind, role] : lists) {
        for (const Declared type : of_kind(declarations, kind)) {
            if (type.is_table)
                add_table(declarations.tables[type.index], role, schema);
            else
                add_struct(declarations, declarations.structs[type.index], role, schema);
        }
    }
    schema.set_hash(tidewire::replication::schema_hash(schema.info()));
    return schema;
}

std::string schema_namespace(const Declarations& declarations) {
    return namespace_of(name_of(declarations, of_kind(declarations, Kind::Component).front()));
}

}  // namespace schemac
