// Walks two schemas side by side. What counts as different is what their descriptions say.
#include "tools/schemac/comparison.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sdk/core/replication/schema_description.h"
#include "tools/schemac/described_schema.h"
#include "tools/schemac/flat_fields.h"
#include "tools/schemac/numbers.h"
#include "tools/schemac/ranges.h"

namespace schemac {

namespace {

using tidewire::Prediction;
using tidewire::RecordType;
using tidewire::SchemaInfo;
using tidewire::StructInfo;
using tidewire::replication::Role;

/// "a, b": attributes in parentheses, or nothing.
class AttributeList {
public:
    void add(const std::string& attribute) { text_ += (text_.empty() ? "" : ", ") + attribute; }
    void add(const std::string& name, const std::string& value) { add(name + ": \"" + value + "\""); }
    std::string text() const { return text_.empty() ? "" : " (" + text_ + ")"; }

private:
    std::string text_;
};

std::string range_text(double min, double max) { return to_text(min) + ".." + to_text(max); }

bool is_whole(const Declarations& declarations, tidewire::Scalar scalar, int enum_index, double min, double max) {
    const Range whole = whole_range(declarations, scalar, enum_index);
    return whole.min == min && whole.max == max;
}

/// The name of an enum, and what its values span: an enumerator that was added shows.
std::string type_text(const Declarations& declarations, tidewire::Scalar scalar, int enum_index) {
    if (enum_index < 0) return schema_name(scalar);
    const Range values = whole_range(declarations, scalar, enum_index);
    return declarations.enums[static_cast<std::size_t>(enum_index)].name + ", a " + schema_name(scalar) +
           " with values " + range_text(values.min, values.max);
}

std::string text_of(const Declarations& declarations, const FlatField& flat) {
    const Field& field = *flat.field;
    const FieldRules& rules = field.rules;
    AttributeList attributes;
    if (rules.quantum > 0) attributes.add("quantize", to_text(rules.quantum));
    if (rules.quaternion_bits == 0 && !is_whole(declarations, field.scalar, field.enum_index, rules.min, rules.max))
        attributes.add("range", range_text(rules.min, rules.max));
    if (rules.angle) attributes.add("angle");
    if (rules.quaternion_bits > 0) attributes.add("quaternion", std::to_string(rules.quaternion_bits));
    if (rules.prediction == Prediction::Linear) attributes.add("predict", "linear");
    if (rules.prediction == Prediction::Static) attributes.add("predict", "static");
    if (rules.prediction == Prediction::Integral) attributes.add("predict", "integral(of: " + rules.integral_of + ")");
    return flat.path + ": " + type_text(declarations, field.scalar, field.enum_index) + attributes.text();
}

std::string text_of(const Declarations& declarations, const TableField& field) {
    AttributeList attributes;
    const bool is_number = field.type == RecordType::Number;
    if (!is_number || !is_whole(declarations, field.scalar, field.enum_index, field.min, field.max))
        attributes.add("range", range_text(field.min, field.max));
    const std::string type = field.type == RecordType::Text ? "string"
                             : field.type == RecordType::Bytes
                                 ? "[ubyte]"
                                 : type_text(declarations, field.scalar, field.enum_index);
    return field.name + ": " + type + attributes.text();
}

const char* word_of(Kind kind) {
    return kind == Kind::Component ? "component" : kind == Kind::Input ? "input" : "event";
}

/// One schema's side of the walk.
class Side {
public:
    explicit Side(const Declarations& declarations)
        : declarations_(declarations), schema_(described_schema(declarations)) {}

    std::string name() const { return schema_.info().name; }
    std::vector<Declared> list(Kind kind) const { return of_kind(declarations_, kind); }
    /// As described: its head, then its fields.
    std::vector<std::string> described(Kind kind, std::size_t index) const {
        const SchemaInfo& info = schema_.info();
        if (kind == Kind::Component) return describe(info.components[index], Role::Component);
        return kind == Kind::Input ? describe(info.inputs[index], Role::Input)
                                   : describe(info.events[index], Role::Event);
    }
    /// "struct game.Pos (component, predicted)".
    std::string head(Kind kind, std::size_t index) const {
        const Declared type = list(kind)[index];
        AttributeList attributes;
        attributes.add(word_of(kind));
        const bool owner_only = type.is_table ? table(type).owner_only : structure(type).owner_only;
        if (owner_only) attributes.add("owner_only");
        if (!type.is_table && structure(type).predicted) attributes.add("predicted");
        return (type.is_table ? "table " : "struct ") + name_of(declarations_, type) + attributes.text();
    }
    /// "game.Pos.x: float".
    std::string field(Kind kind, std::size_t index, std::size_t field) const {
        const Declared type = list(kind)[index];
        return name_of(declarations_, type) + "." +
               (type.is_table ? text_of(declarations_, table(type).fields[field])
                              : text_of(declarations_, flat_fields(declarations_, structure(type))[field]));
    }

private:
    const Struct& structure(Declared type) const { return declarations_.structs[type.index]; }
    const Table& table(Declared type) const { return declarations_.tables[type.index]; }

    const Declarations& declarations_;
    tidewire::replication::OwnedSchema schema_;
};

class Comparison {
public:
    Comparison(const Declarations& older, const Declarations& newer) : older_(older), newer_(newer) {}

    std::optional<Difference> run() const {
        if (older_.name() != newer_.name())
            return Difference{"namespace " + older_.name(), "namespace " + newer_.name(),
                              "clients connect to servers of their own game only: write namespace " + older_.name()};
        for (const Kind kind : {Kind::Component, Kind::Input, Kind::Event})
            for (std::size_t i = 0; i < older_.list(kind).size(); ++i)
                if (auto difference = compare(kind, i)) return difference;
        return std::nullopt;
    }

private:
    std::optional<Difference> compare(Kind kind, std::size_t index) const {
        const std::string one = word_of(kind);
        const std::string keep = one + "s keep their place in the order of the text: append new ones behind the others";
        if (index >= newer_.list(kind).size()) return Difference{older_.head(kind, index), "", keep};
        const std::vector<std::string> old_lines = older_.described(kind, index);
        const std::vector<std::string> new_lines = newer_.described(kind, index);
        if (old_lines.front() != new_lines.front())
            return Difference{older_.head(kind, index), newer_.head(kind, index), keep};
        const bool is_table = older_.list(kind)[index].is_table;
        const std::string grow = is_table ? "a table keeps its fields: append new ones behind the others"
                                          : "a struct never changes: add another " + one;
        for (std::size_t i = 0; i + 1 < std::max(old_lines.size(), new_lines.size()); ++i) {
            const bool is_old = i + 1 < old_lines.size();
            const bool is_new = i + 1 < new_lines.size();
            if (is_old && is_new && old_lines[i + 1] == new_lines[i + 1]) continue;
            if (is_table && !is_old) break;
            return Difference{is_old ? older_.field(kind, index, i) : "", is_new ? newer_.field(kind, index, i) : "",
                              grow};
        }
        return std::nullopt;
    }

    Side older_;
    Side newer_;
};

}  // namespace

std::optional<Difference> first_difference(const Declarations& older, const Declarations& newer) {
    return Comparison(older, newer).run();
}

}  // namespace schemac
