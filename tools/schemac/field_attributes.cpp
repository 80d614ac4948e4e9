// The attributes of one field.
#include "tools/schemac/field_attributes.h"

#include <algorithm>
#include <cmath>

#include "tools/schemac/numbers.h"
#include "tools/schemac/ranges.h"

namespace schemac {

namespace {

using tidewire::Interpolation;
using tidewire::Prediction;
using tidewire::Scalar;

constexpr double steps_max = 2147483647;     // a quantised value is a 32-bit integer
constexpr double float_steps_max = 8388608;  // 2^23: a float's 24 bits, less one for rounding
constexpr double half_turn = 3.141592653589793;
constexpr double turn_steps_max = 16777216;  // 2^24: a float still tells them apart
constexpr double rounding = 0.001;           // an angle's range may be written with few digits: "0..6.2832"
constexpr std::uint8_t quaternion_bits_default = 10;

/// The field at "vx" or "velocity.x", from the fields of `owner`. Null when a name is missing or stands for an array of structs.
const Field* find_field(const Declarations& declarations, const Struct& owner, const std::string& path) {
    const std::size_t dot = path.find('.');
    const std::string head = path.substr(0, dot);
    for (const Field& field : owner.fields) {
        if (field.name != head) continue;
        if (dot == std::string::npos) return &field;
        if (field.struct_index < 0 || field.length != 0) return nullptr;
        return find_field(declarations, declarations.structs[static_cast<std::size_t>(field.struct_index)],
                          path.substr(dot + 1));
    }
    return nullptr;
}

/// Null when the field does not have it.
const Attribute* find(const Field& field, const std::string& name) {
    const auto found = std::find_if(field.attributes.begin(), field.attributes.end(),
                                    [&](const Attribute& attribute) { return attribute.name == name; });
    return found == field.attributes.end() ? nullptr : &*found;
}

/// Attributes of one field, one after another; what they say to each other comes last.
class FieldChecker {
public:
    FieldChecker(const Declarations& declarations, const Struct& owner, const Field& field, Diagnostics& diagnostics)
        : declarations_(declarations), owner_(owner), field_(field), diagnostics_(diagnostics) {}

    FieldRules check() {
        const Range whole = whole_range(declarations_, field_.scalar, field_.enum_index);
        rules_.min = whole.min;
        rules_.max = whole.max;
        for (const Attribute& attribute : field_.attributes) check_attribute(attribute);
        if (field_.struct_index < 0) check_together();
        return rules_;
    }

private:
    void report(const std::string& message) {
        diagnostics_.report(owner_.file, owner_.name + '.' + field_.name, message);
    }

    const Attribute* find(const std::string& name) const { return schemac::find(field_, name); }
    /// As it stands in the text.
    std::string quoted(const std::string& name) const {
        const Attribute* attribute = find(name);
        return name + " \"" + (attribute == nullptr ? "" : attribute->value) + "\"";
    }
    /// Sent as it is, and drawn by nobody.
    bool is_message() const { return owner_.kind == Kind::Input || owner_.kind == Kind::Event; }
    bool is_number() const { return field_.enum_index < 0 && field_.scalar != Scalar::Bool; }
    bool is_float() const { return is_number() && is_real(field_.scalar); }
    std::string a_type() const { return schemac::a_type(declarations_, field_.scalar, field_.enum_index); }

    void check_attribute(const Attribute& attribute) {
        const std::string& name = attribute.name;
        const bool state_only = name == "interpolate" || name == "snap" || name == "predict";
        const bool number = name == "quantize" || name == "range" || name == "angle" || name == "quaternion";
        if (!state_only && !number)
            return report(said(attribute) +
                          " has no meaning on a field; a field may have angle, interpolate, predict, quantize, "
                          "quaternion, range, snap");
        if (field_.struct_index >= 0)
            return report(said(attribute) + " belongs on the fields of " +
                          declarations_.structs[static_cast<std::size_t>(field_.struct_index)].name +
                          "; move it there");
        if (state_only && is_message())
            return report(said(attribute) + " is for state, and an " +
                          (owner_.kind == Kind::Input ? "input" : "event") + " is sent as it is; remove it");
        if (name == "quantize") check_quantize(attribute);
        if (name == "range") check_range(attribute);
        if (name == "interpolate") check_interpolate(attribute);
        if (name == "angle") check_angle(attribute);
        if (name == "quaternion") check_quaternion(attribute);
        if (name == "predict") check_predict(attribute);
        if (name == "snap") check_snap(attribute);
    }

    void check_quantize(const Attribute& attribute) {
        if (!is_float())
            return report(quoted("quantize") + " is for float and double, not for " + a_type() + "; remove it");
        const auto step = parse_number(attribute.value);
        if (!step || *step <= 0)
            return report(quoted("quantize") + " is not a step; write a positive number such as quantize: \"0.01\"");
        rules_.quantum = *step;
    }

    void check_range(const Attribute& attribute) {
        if (!is_number()) return report(quoted("range") + " is for numbers, not for " + a_type() + "; remove it");
        Range range{};
        const std::string complaint = read_range(attribute.value, a_type(), field_.scalar, range);
        if (!complaint.empty()) return report(complaint);
        rules_.min = range.min;
        rules_.max = range.max;
        has_range_ = true;
    }

    void check_interpolate(const Attribute& attribute) {
        const std::string& value = attribute.value;
        if (value == "hold") {
            rules_.interpolation = Interpolation::Hold;
        } else if (value == "linear") {
            if (!is_number())
                return report("interpolate \"linear\" is for numbers, not for " + a_type() + "; write \"hold\"");
            rules_.interpolation = Interpolation::Linear;
        } else if (value == "angle") {
            if (!is_float())
                return report("interpolate \"angle\" is for float and double, not for " + a_type() +
                              "; write \"hold\"");
            rules_.interpolation = Interpolation::Angle;
        } else {
            return report("interpolate \"" + value + "\" is not one of \"hold\", \"linear\", \"angle\"");
        }
    }

    void check_angle(const Attribute& attribute) {
        if (!is_float())
            return report(said(attribute) + " is for float and double, not for " + a_type() + "; remove it");
        if (has_value(attribute))
            return report("angle takes no value, not \"" + attribute.value +
                          "\"; write angle alone: angles are in radians");
        is_angle_ = true;
    }

    void check_quaternion(const Attribute& attribute) {
        if (!is_float() || field_.scalar != Scalar::Float || field_.length != 4) {
            const std::string type = field_.length == 0 ? a_type()
                                                        : "[" + std::string(schema_name(field_.scalar)) + ":" +
                                                              std::to_string(field_.length) + "]";
            return report(said(attribute) + " is for [float:4] (x, y, z, w), not for " + type);
        }
        // Without a value flatc says "0".
        const auto bits = attribute.value == "0" ? quaternion_bits_default : parse_number(attribute.value);
        if (!bits || *bits < 2 || *bits > 15 || *bits != std::floor(*bits))
            return report(quoted("quaternion") +
                          " is not a whole number of bits from 2 to 15; write for example quaternion: \"10\"");
        rules_.quaternion_bits = static_cast<std::uint8_t>(*bits);
    }

    void check_predict(const Attribute& attribute) {
        const std::string& value = attribute.value;
        const std::string opening = "integral(of:";
        if (value == "delta" || value == "static") {
            rules_.prediction = value == "delta" ? Prediction::Delta : Prediction::Static;
            return;
        }
        const bool integral = value.rfind(opening, 0) == 0 && value.back() == ')';
        if (value != "linear" && !integral)
            return report(quoted("predict") +
                          " is not one of \"delta\", \"linear\", \"integral(of: FIELD)\", \"static\"");
        if (!is_number())
            return report(quoted("predict") + " is for numbers, not for " + a_type() +
                          "; write \"delta\" or \"static\"");
        if (value == "linear") {
            rules_.prediction = Prediction::Linear;
            return;
        }
        std::string path = value.substr(opening.size(), value.size() - opening.size() - 1);
        path.erase(std::remove(path.begin(), path.end(), ' '), path.end());
        check_integral(path);
    }

    void check_integral(const std::string& path) {
        const std::string found = quoted("predict");
        const Field* rate = find_field(declarations_, owner_, path);
        if (rate == nullptr)
            return report(found + " names no field of " + owner_.name + "; write the field that holds its rate");
        if (rate == &field_) return report(found + " names the field itself; write the field that holds its rate");
        if (rate->struct_index >= 0 || rate->enum_index >= 0 || rate->scalar == Scalar::Bool)
            return report(found + " names a field that is no number; write the field that holds its rate");
        if (rate->length != field_.length)
            return report(found +
                          " names a field of another array length; a rate has one number for each of the field's");
        if (!check_steps_of(field_, "field", "")) return;
        if (!check_steps_of(*rate, "rate", " to " + path)) return;
        if (schemac::find(*rate, "angle") != nullptr)
            return report(found +
                          " names an angle, which jumps where a turn ends; write the field that holds its rate");
        rules_.prediction = Prediction::Integral;
        rules_.integral_of = path;
    }

    /// What is predicted and what it is predicted by are counted in steps of 32 bits: others are sent as they are.
    /// `to` is said behind what is to be added. False after a report.
    bool check_steps_of(const Field& field, const char* what, const std::string& to) {
        const std::string found = quoted("predict");
        if (is_real(field.scalar) && schemac::find(field, "quantize") == nullptr) {
            report(found + " needs a " + what + " with steps; add quantize: \"0.01\" and a range" + to);
            return false;
        }
        if (field.scalar != Scalar::Int64 && field.scalar != Scalar::UInt64) return true;
        report(found + " needs a " + what + " of 32 bits, not " + schemac::a_type(declarations_, field.scalar, -1) +
               "; write " + (field.scalar == Scalar::Int64 ? "int" : "uint") + ", or double with quantize and a range");
        return false;
    }

    void check_snap(const Attribute& attribute) {
        if (!is_number()) return report(quoted("snap") + " is for numbers, not for " + a_type() + "; remove it");
        const auto distance = parse_number(attribute.value);
        if (!distance || *distance <= 0)
            return report(quoted("snap") + " is not a distance; write a positive number such as snap: \"5\"");
        rules_.snap = *distance;
    }

    void check_together() {
        if (find("quaternion") != nullptr) return check_quaternion_together();
        if (rules_.prediction == Prediction::Linear) check_steps_of(field_, "field", "");
        if (is_angle_ && find("interpolate") != nullptr && rules_.interpolation == Interpolation::Linear)
            report(
                "angle and interpolate \"linear\" contradict each other, for an angle turns along the shorter arc; "
                "remove one of them");
        if (is_angle_ && find("interpolate") == nullptr && !is_message()) rules_.interpolation = Interpolation::Angle;
        if (rules_.snap > 0 && rules_.interpolation == Interpolation::Hold)
            report(quoted("snap") + " needs a field that moves; add interpolate: \"linear\"");
        if (is_angle_ && has_range_ && rules_.max - rules_.min > 2 * half_turn + rounding)
            return report(quoted("range") + " of an angle is wider than a turn; write range: \"" + to_text(-half_turn) +
                          ".." + to_text(half_turn) + "\" or leave it out");
        if (rules_.quantum > 0) check_steps();
    }

    void check_quaternion_together() {
        for (const char* name : {"quantize", "range", "angle", "snap"})
            if (const Attribute* other = find(name))
                report("quaternion and " + said(*other) + " exclude each other; remove one of them");
        if (rules_.prediction != Prediction::Delta)
            report("quaternion and " + quoted("predict") + " exclude each other; remove one of them");
        if (rules_.interpolation != Interpolation::Hold)
            report("quaternion and " + quoted("interpolate") +
                   " contradict each other, for a quaternion turns along the shorter arc; remove one of them");
        if (find("interpolate") == nullptr && !is_message()) rules_.interpolation = Interpolation::Quaternion;
        rules_.min = -1;
        rules_.max = 1;
        rules_.quantum = 0;
    }

    void check_steps() {
        const bool wants_range = find("range") != nullptr;
        if (is_angle_) {
            const double turn_steps = std::round(2 * half_turn / rules_.quantum);
            if (turn_steps < 2 || turn_steps > turn_steps_max)
                return report(quoted("quantize") + " makes " + to_text(turn_steps) +
                              " steps of a turn; 2 to 16777216 are possible, such as quantize: \"0.001\"");
            rules_.angle = true;
            if (!wants_range) {
                rules_.min = -half_turn;
                rules_.max = half_turn;
            }
        } else if (!wants_range) {
            return report(quoted("quantize") + " needs a range; write for example range: \"-512..512\"");
        }
        if (wants_range && !has_range_) return;
        const double far = std::max(std::abs(rules_.min), std::abs(rules_.max));
        if ((rules_.max - rules_.min) / rules_.quantum > steps_max || far / rules_.quantum > steps_max)
            return report(quoted("range") + " does not fit 2147483647 steps of " + quoted("quantize") +
                          "; write a larger step or a smaller range");
        if (rules_.max - rules_.min < rules_.quantum)
            return report(quoted("range") + " is smaller than one step of " + quoted("quantize") +
                          "; write a smaller step or a larger range");
        // A step at the far end of the range must be wider than the gaps between the numbers of the type there,
        // or rounding to the grid twice gives two results.
        if (field_.scalar == Scalar::Float && far / rules_.quantum > float_steps_max)
            report("a float cannot tell steps of " + quoted("quantize") + " apart at " + to_text(far) +
                   "; write a larger step, a smaller range, or double");
    }

    const Declarations& declarations_;
    const Struct& owner_;
    const Field& field_;
    Diagnostics& diagnostics_;
    FieldRules rules_;
    bool has_range_ = false;  // and it is right
    bool is_angle_ = false;
};

/// Integrals of fields of the same struct must end at a field that is none. (A field of a nested struct cannot lead back out.)
void check_circles(const Struct& owner, Diagnostics& diagnostics) {
    for (const Field& start : owner.fields) {
        std::string way = start.name;
        const Field* at = &start;
        for (std::size_t steps = 0; steps < owner.fields.size(); ++steps) {
            const std::string& rate = at->rules.integral_of;
            const auto next = std::find_if(owner.fields.begin(), owner.fields.end(),
                                           [&](const Field& field) { return field.name == rate; });
            if (rate.empty() || next == owner.fields.end()) break;
            way += " → " + rate;
            at = &*next;
            if (at != &start) continue;
            const Attribute* predict = find(start, "predict");
            diagnostics.report(owner.file, owner.name + '.' + start.name,
                               "predict \"" + (predict == nullptr ? "" : predict->value) +
                                   "\" leads back to the field itself (" + way +
                                   "); predict one of them \"delta\" or \"linear\"");
            break;
        }
    }
}

}  // namespace

void check_fields(const Declarations& declarations, Struct& owner, Diagnostics& diagnostics) {
    for (Field& field : owner.fields) field.rules = FieldChecker(declarations, owner, field, diagnostics).check();
    check_circles(owner, diagnostics);
}

}  // namespace schemac
