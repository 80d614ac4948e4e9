// Writes the description of a schema.
#include "sdk/core/replication/schema_description.h"

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/schema_words.h"

namespace tidewire::replication {

namespace {

std::string text_of(Scalar scalar) { return std::string(words::scalars[static_cast<std::size_t>(scalar)]); }

std::string line_of(const StructInfo& declaration, const FieldInfo& field) {
    std::string line = field.name;
    line += ": " + text_of(field.scalar) + " " + words::range_text(field.min, field.max);
    if (field.quantum > 0) line += " step " + words::number_text(field.quantum);
    if (field.angle) line += " angle";
    if (field.quaternion_bits > 0) line += " quaternion " + std::to_string(field.quaternion_bits);
    switch (field.prediction) {
        case Prediction::Delta:
            break;
        case Prediction::Linear:
            line += " linear";
            break;
        case Prediction::Integral:
            line += " integral(of: ";
            line += declaration.fields[static_cast<std::size_t>(field.integral_of)].name;
            line += ")";
            break;
        case Prediction::Static:
            line += " static";
            break;
    }
    return line;
}

std::string line_of(const RecordFieldInfo& field) {
    std::string line = std::to_string(field.id) + " " + field.name + ": ";
    switch (field.type) {
        case RecordType::Number:
            line += text_of(field.scalar);
            break;
        case RecordType::Text:
            line += "text";
            break;
        case RecordType::Bytes:
            line += "bytes";
            break;
    }
    return line + " " + words::range_text(field.min, field.max);
}

}  // namespace

std::vector<std::string> describe(const StructInfo& declaration, Role role) {
    std::vector<std::string> lines;
    lines.reserve(1 + declaration.fields.size() + declaration.record.size());
    std::string head(words::roles[static_cast<std::size_t>(role)]);
    head += declaration.is_table ? " table " : " ";
    head += declaration.name;
    if (declaration.predicted) head += " predicted";
    if (declaration.owner_only) head += " owner_only";
    lines.push_back(std::move(head));
    for (const FieldInfo& field : declaration.fields) lines.push_back(line_of(declaration, field));
    for (const RecordFieldInfo& field : declaration.record) lines.push_back(line_of(field));
    return lines;
}

std::string describe_name(const SchemaInfo& schema) { return std::string(words::first_line) + schema.name; }

std::string describe(const SchemaInfo& schema) {
    std::string text = describe_name(schema) + '\n';
    const auto add = [&](std::span<const StructInfo> list, Role role) {
        for (const StructInfo& declaration : list) {
            const char* indent = "";
            for (const std::string& line : describe(declaration, role)) {
                text += indent + line + '\n';
                indent = "  ";
            }
        }
    };
    add(schema.components, Role::Component);
    add(schema.inputs, Role::Input);
    add(schema.events, Role::Event);
    return text;
}

std::uint64_t schema_hash(const SchemaInfo& schema) { return fnv1a(as_bytes(describe(schema))); }

}  // namespace tidewire::replication
