// Writes the C++ header of a schema.
#include "tools/schemac/header_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "tools/schemac/cpp_names.h"
#include "tools/schemac/described_schema.h"
#include "tools/schemac/flat_fields.h"
#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

using tidewire::Interpolation;
using tidewire::Prediction;
using tidewire::RecordType;
using tidewire::Scalar;

const char* enumerator_name(Interpolation interpolation) {
    switch (interpolation) {
        case Interpolation::Hold:
            return "Hold";
        case Interpolation::Linear:
            return "Linear";
        case Interpolation::Angle:
            return "Angle";
        case Interpolation::Quaternion:
            return "Quaternion";
    }
    return "";
}

const char* enumerator_name(Prediction prediction) {
    switch (prediction) {
        case Prediction::Delta:
            return "Delta";
        case Prediction::Linear:
            return "Linear";
        case Prediction::Integral:
            return "Integral";
        case Prediction::Static:
            return "Static";
    }
    return "";
}

const char* enumerator_name(RecordType type) {
    switch (type) {
        case RecordType::Number:
            return "Number";
        case RecordType::Text:
            return "Text";
        case RecordType::Bytes:
            return "Bytes";
    }
    return "";
}

/// The most negative long has no literal of its own.
std::string integer_literal(std::int64_t value, Scalar scalar) {
    if (scalar == Scalar::UInt64) return std::to_string(static_cast<std::uint64_t>(value)) + "U";
    if (scalar == Scalar::Bool) return value == 0 ? "false" : "true";
    if (value == std::numeric_limits<std::int64_t>::min()) return "-9223372036854775807 - 1";
    return std::to_string(value);
}

/// Digits alone would be an integer, which ends at 64 bits.
std::string double_literal(double value) {
    const std::string text = to_text(value);
    return std::abs(value) > 2147483647 && text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

class HeaderWriter {
public:
    explicit HeaderWriter(const Declarations& declarations) : declarations_(declarations) {}

    std::string write(const std::string& made_from) {
        write_includes(made_from);
        // Enums first: they hold nothing. A struct comes after those that it holds.
        for (const Enum& type : declarations_.enums) write_enum(type);
        for (const Declared type : declarations_.order) {
            if (type.is_table)
                write_table(declarations_.tables[type.index]);
            else
                write_struct(declarations_.structs[type.index]);
        }
        write_schema();
        enter("");
        write_indexes(Kind::Component, "ComponentIndex");
        write_indexes(Kind::Input, "InputIndex");
        write_indexes(Kind::Event, "EventIndex");
        return std::move(text_);
    }

private:
    void line(const std::string& text) { text_ += text + "\n"; }

    bool any_array() const {
        return std::any_of(declarations_.structs.begin(), declarations_.structs.end(), [](const Struct& type) {
            return std::any_of(type.fields.begin(), type.fields.end(), [](const Field& f) { return f.length > 0; });
        });
    }

    void write_includes(const std::string& made_from) {
        line("// Made by tidewire-schemac from " + made_from + ". Do not edit.");
        line("#pragma once");
        line("");
        if (any_array()) line("#include <array>");
        line("#include <cstddef>");
        line("#include <cstdint>");
        if (!declarations_.tables.empty()) line("#include <string>");
        line("#include <type_traits>");
        if (!declarations_.tables.empty()) line("#include <vector>");
        line("");
        line("#include \"tidewire/state.h\"");
        line("");
    }

    /// Closes the open namespace and opens another, where they differ.
    void enter(const std::string& name_space) {
        if (name_space == namespace_) return;
        if (!namespace_.empty()) line("}  // namespace " + cpp_scope(namespace_) + "\n");
        if (!name_space.empty()) line("namespace " + cpp_scope(name_space) + " {\n");
        namespace_ = name_space;
    }

    void write_documentation(const std::vector<std::string>& documentation, const std::string& indent) {
        for (std::string text : documentation) {
            // A backslash or a trigraph of one at the end would swallow the next line.
            while (!text.empty() && (text.back() == '\\' || text.back() == '/' || text.back() == '\r')) text.pop_back();
            line(indent + "///" + text);
        }
    }

    void write_enum(const Enum& type) {
        enter(namespace_of(type.name));
        write_documentation(type.documentation, "");
        line("enum class " + short_name(type.name) + " : " + cpp_name(type.scalar) + " {");
        for (const Enumerator& value : type.values)
            line("    " + value.name + " = " + integer_literal(value.value, type.scalar) + ",");
        line("};\n");
    }

    void write_struct(const Struct& type) {
        enter(namespace_of(type.name));
        const std::string name = short_name(type.name);
        write_documentation(type.documentation, "");
        line("struct " + (is_overaligned(type) ? "alignas(" + std::to_string(type.alignment) + ") " : "") + name +
             " {");
        for (const Field& field : type.fields) {
            write_documentation(field.documentation, "    ");
            const std::string element = element_type(type, field);
            if (field.rules.quaternion_bits > 0)
                line("    std::array<float, 4> " + field.name + "{0, 0, 0, 1};");
            else if (field.length > 0)
                line("    std::array<" + element + ", " + std::to_string(field.length) + "> " + field.name + "{};");
            else
                line("    " + element + " " + field.name + default_value(field, element) + ";");
        }
        line("    friend bool operator==(const " + name + "&, const " + name + "&) = default;");
        line("};");
        line("static_assert(sizeof(" + name + ") == " + std::to_string(type.size) + " && alignof(" + name +
             ") == " + std::to_string(type.alignment) + " && std::is_trivially_copyable_v<" + name + ">);\n");
    }

    void write_table(const Table& type) {
        enter(namespace_of(type.name));
        const std::string name = short_name(type.name);
        write_documentation(type.documentation, "");
        line("struct " + name + " {");
        for (const TableField& field : type.fields) {
            write_documentation(field.documentation, "    ");
            if (field.type == RecordType::Text)
                line("    std::string " + field.name + "{};");
            else if (field.type == RecordType::Bytes)
                line("    std::vector<std::uint8_t> " + field.name + "{};");
            else
                write_number(type, field);
        }
        line("    friend bool operator==(const " + name + "&, const " + name + "&) = default;");
        line("};\n");
    }

    void write_number(const Table& owner, const TableField& field) {
        if (field.enum_index < 0) {
            const std::string element = cpp_name(field.scalar);
            return line("    " + element + " " + field.name + " = " + default_number(field, element) + ";");
        }
        const Enum& type = declarations_.enums[static_cast<std::size_t>(field.enum_index)];
        const std::string element = visible_name(type.name, owner.name, owner.fields);
        const auto value = std::find_if(type.values.begin(), type.values.end(),
                                        [&](const Enumerator& one) { return one.value == field.default_integer; });
        line("    " + element + " " + field.name + " = " +
             (value != type.values.end()
                  ? element + "::" + value->name
                  : "static_cast<" + element + ">(" + integer_literal(field.default_integer, type.scalar) + ")") +
             ";");
    }

    /// The schema's, or what lies nearest to it in the range.
    static std::string default_number(const TableField& field, const std::string& element) {
        if (!is_real(field.scalar)) {
            if (field.default_integer == 0 && (field.min > 0 || field.max < 0))
                return to_text(field.min > 0 ? field.min : field.max);
            return integer_literal(field.default_integer, field.scalar);
        }
        const double value = std::clamp(field.default_real, field.min, field.max);
        return value == 0 ? "0" : "static_cast<" + element + ">(" + double_literal(value) + ")";
    }

    bool is_overaligned(const Struct& type) const {
        std::uint32_t natural = 1;
        for (const Field& field : type.fields)
            natural = std::max(natural, field.struct_index >= 0 ? nested(field).alignment : size_of(field.scalar));
        return type.alignment > natural;
    }

    const Struct& nested(const Field& field) const {
        return declarations_.structs[static_cast<std::size_t>(field.struct_index)];
    }
    const Enum& enumeration(const Field& field) const {
        return declarations_.enums[static_cast<std::size_t>(field.enum_index)];
    }

    /// Short where the short name means the type: in its namespace, unless a field hides it.
    std::string element_type(const Struct& owner, const Field& field) const {
        if (field.enum_index < 0 && field.struct_index < 0) return cpp_name(field.scalar);
        return visible_name(field.struct_index >= 0 ? nested(field).name : enumeration(field).name, owner.name,
                            owner.fields);
    }

    template <class Fields>
    static std::string visible_name(const std::string& name, const std::string& owner, const Fields& fields) {
        const bool hidden = std::any_of(fields.begin(), fields.end(),
                                        [&](const auto& field) { return field.name == short_name(name); });
        return namespace_of(name) == namespace_of(owner) && !hidden ? short_name(name) : cpp_type(name);
    }

    /// Zero, or what lies nearest to zero in the range.
    std::string default_value(const Field& field, const std::string& element) const {
        if (field.struct_index >= 0) return "{}";
        if (field.enum_index >= 0) {
            const std::vector<Enumerator>& values = enumeration(field).values;
            const auto zero = std::find_if(values.begin(), values.end(), [](auto& value) { return value.value == 0; });
            if (values.empty() || (zero == values.end() && enumeration(field).flags)) return "{}";
            return " = " + element + "::" + (zero == values.end() ? values.front().name : zero->name);
        }
        if (field.scalar == Scalar::Bool) return " = false";
        const double value = std::clamp(0.0, field.rules.min, field.rules.max);
        std::string text = to_text(value);
        if (is_real(field.scalar) && value != 0) text = "static_cast<" + element + ">(" + text + ")";
        return " = " + text;
    }

    void write_schema() {
        const std::string name = schema_namespace(declarations_);
        char hash[24];
        std::snprintf(hash, sizeof hash, "0x%016llx",
                      static_cast<unsigned long long>(described_schema(declarations_).info().hash));
        std::string inputs;
        for (const Declared type : of_kind(declarations_, Kind::Input))
            inputs += (inputs.empty() ? "" : ", ") + cpp_type(name_of(declarations_, type));
        enter(name);
        line("struct Schema {");
        line("    using Input = " + inputs.substr(0, inputs.find(',')) + ";");
        line("    using Inputs = ::tidewire::InputList<" + inputs + ">;");
        line("    static const tidewire::SchemaInfo& info() {");
        for (const Declared type : declarations_.order) {
            if (kind_of(declarations_, type) == Kind::Plain) continue;
            if (type.is_table)
                write_record(declarations_.tables[type.index]);
            else
                write_fields(declarations_.structs[type.index]);
        }
        write_struct_infos(Kind::Component, "components_");
        write_struct_infos(Kind::Input, "inputs_");
        const bool events = !of_kind(declarations_, Kind::Event).empty();
        if (events) write_struct_infos(Kind::Event, "events_");
        line("        static constexpr ::tidewire::SchemaInfo schema_{.name = \"" + name + "\", .hash = " + hash +
             "U, .components = components_, .inputs = inputs_" + (events ? ", .events = events_" : "") + "};");
        line("        return schema_;");
        line("    }");
        line("};\n");
    }

    void write_fields(const Struct& type) {
        line("        static constexpr ::tidewire::FieldInfo " + short_name(type.name) + "_fields_[] = {");
        for (const FlatField& flat : flat_fields(declarations_, type)) {
            const FieldRules& rules = flat.field->rules;
            std::string info = "{.name = \"" + flat.path +
                               "\", .scalar = ::tidewire::Scalar::" + schemac::enumerator_name(flat.field->scalar) +
                               ", .offset = " + flat.offset + ", .quantum = " + double_literal(rules.quantum) +
                               ", .min = " + double_literal(rules.min) + ", .max = " + double_literal(rules.max);
            if (rules.interpolation != Interpolation::Hold)
                info += std::string(", .interpolation = ::tidewire::Interpolation::") +
                        enumerator_name(rules.interpolation);
            if (rules.prediction != Prediction::Delta)
                info += std::string(", .prediction = ::tidewire::Prediction::") + enumerator_name(rules.prediction);
            if (flat.integral_of >= 0) info += ", .integral_of = " + std::to_string(flat.integral_of);
            if (rules.snap > 0) info += ", .snap = " + double_literal(rules.snap);
            if (rules.angle) info += ", .angle = true";
            if (rules.quaternion_bits > 0) info += ", .quaternion_bits = " + std::to_string(rules.quaternion_bits);
            line("            " + info + "},");
        }
        line("        };");
    }

    void write_record(const Table& type) {
        if (type.fields.empty()) return;
        line("        static constexpr ::tidewire::RecordFieldInfo " + short_name(type.name) + "_record_[] = {");
        std::size_t id = 0;
        for (const TableField& field : type.fields)
            line("            {.name = \"" + field.name +
                 "\", .type = ::tidewire::RecordType::" + enumerator_name(field.type) +
                 ", .scalar = ::tidewire::Scalar::" + schemac::enumerator_name(field.scalar) +
                 ", .id = " + std::to_string(id++) + ", .offset = offsetof(" + cpp_type(type.name) + ", " + field.name +
                 "), .min = " + double_literal(field.min) + ", .max = " + double_literal(field.max) + "},");
        line("        };");
    }

    void write_struct_infos(Kind kind, const std::string& array) {
        line("        static constexpr ::tidewire::StructInfo " + array + "[] = {");
        for (const Declared type : of_kind(declarations_, kind)) {
            const std::string& name = name_of(declarations_, type);
            const std::string cpp = cpp_type(name);
            std::string info =
                "{.name = \"" + name + "\", .size = sizeof(" + cpp + "), .alignment = alignof(" + cpp + ")";
            if (type.is_table) {
                const Table& table = declarations_.tables[type.index];
                info += flags(false, table.owner_only, table.priority) + ", .is_table = true";
                if (!table.fields.empty()) info += ", .record = " + short_name(name) + "_record_";
                info += ", .lifecycle = ::tidewire::Lifecycle::of<" + cpp + ">()";
            } else {
                const Struct& plain = declarations_.structs[type.index];
                info += ", .fields = " + short_name(name) + "_fields_" +
                        flags(plain.predicted, plain.owner_only, plain.priority);
            }
            line("            " + info + "},");
        }
        line("        };");
    }

    static std::string flags(bool predicted, bool owner_only, std::uint8_t priority) {
        return std::string(predicted ? ", .predicted = true" : "") + (owner_only ? ", .owner_only = true" : "") +
               (priority != 1 ? ", .priority = " + std::to_string(priority) : "");
    }

    void write_indexes(Kind kind, const std::string& index) {
        int value = 0;
        for (const Declared type : of_kind(declarations_, kind)) {
            line("template <>");
            line("struct tidewire::" + index + "<" + cpp_type(name_of(declarations_, type)) + "> {");
            line("    static constexpr std::uint16_t value = " + std::to_string(value++) + ";");
            line("};");
        }
    }

    const Declarations& declarations_;
    std::string text_;
    std::string namespace_;
};

}  // namespace

std::string header_text(const Declarations& declarations, const std::string& made_from) {
    return HeaderWriter(declarations).write(made_from);
}

}  // namespace schemac
