// Writes the C++ header of a schema.
#include "tools/schemac/header_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "tools/schemac/canonical.h"
#include "tools/schemac/cpp_names.h"
#include "tools/schemac/flat_fields.h"
#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

using tidewire::Interpolation;
using tidewire::Prediction;
using tidewire::Scalar;

const char* enumerator_name(Interpolation interpolation) {
    switch (interpolation) {
        case Interpolation::Hold:
            return "Hold";
        case Interpolation::Linear:
            return "Linear";
        case Interpolation::Angle:
            return "Angle";
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
        for (const Struct& type : declarations_.structs) write_struct(type);
        write_schema();
        enter("");
        write_component_indexes();
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
        line("#include <type_traits>");
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
            if (field.length > 0)
                line("    std::array<" + element + ", " + std::to_string(field.length) + "> " + field.name + "{};");
            else
                line("    " + element + " " + field.name + default_value(field, element) + ";");
        }
        line("    friend bool operator==(const " + name + "&, const " + name + "&) = default;");
        line("};");
        line("static_assert(sizeof(" + name + ") == " + std::to_string(type.size) + " && alignof(" + name +
             ") == " + std::to_string(type.alignment) + " && std::is_trivially_copyable_v<" + name + ">);\n");
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
        const std::string name = field.struct_index >= 0 ? nested(field).name : enumeration(field).name;
        const bool hidden = std::any_of(owner.fields.begin(), owner.fields.end(),
                                        [&](const Field& f) { return f.name == short_name(name); });
        return namespace_of(name) == namespace_of(owner.name) && !hidden ? short_name(name) : cpp_type(name);
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
        const auto first = [&](Kind kind) {
            return std::find_if(declarations_.structs.begin(), declarations_.structs.end(),
                                [&](const Struct& type) { return type.kind == kind; });
        };
        const std::string name = namespace_of(first(Kind::Component)->name);
        char hash[24];
        std::snprintf(hash, sizeof hash, "0x%016llx", static_cast<unsigned long long>(schema_hash(declarations_)));
        enter(name);
        line("struct Schema {");
        line("    using Input = " + cpp_type(first(Kind::Input)->name) + ";");
        line("    static const tidewire::SchemaInfo& info() {");
        for (const Kind kind : {Kind::Component, Kind::Input})
            for (const Struct& type : declarations_.structs)
                if (type.kind == kind) write_fields(type);
        write_struct_infos(Kind::Component, "components_");
        write_struct_infos(Kind::Input, "inputs_");
        line("        static constexpr ::tidewire::SchemaInfo schema_{.name = \"" + name + "\", .hash = " + hash +
             "U, .components = components_, .inputs = inputs_};");
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
            line("            " + info + "},");
        }
        line("        };");
    }

    void write_struct_infos(Kind kind, const std::string& array) {
        line("        static constexpr ::tidewire::StructInfo " + array + "[] = {");
        for (const Struct& type : declarations_.structs) {
            if (type.kind != kind) continue;
            const std::string cpp = cpp_type(type.name);
            line("            {.name = \"" + type.name + "\", .size = sizeof(" + cpp + "), .alignment = alignof(" +
                 cpp + "), .fields = " + short_name(type.name) + "_fields_" +
                 (type.predicted ? ", .predicted = true" : "") + (type.owner_only ? ", .owner_only = true" : "") +
                 (type.priority != 1 ? ", .priority = " + std::to_string(type.priority) : "") + "},");
        }
        line("        };");
    }

    void write_component_indexes() {
        int index = 0;
        for (const Struct& type : declarations_.structs) {
            if (type.kind != Kind::Component) continue;
            line("template <>");
            line("struct tidewire::ComponentIndex<" + cpp_type(type.name) + "> {");
            line("    static constexpr std::uint16_t value = " + std::to_string(index++) + ";");
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
