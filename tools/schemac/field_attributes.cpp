// The attributes of one field.
#include "tools/schemac/field_attributes.h"

#include <algorithm>
#include <cmath>

#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

using tidewire::Interpolation;
using tidewire::Prediction;
using tidewire::Scalar;

constexpr double steps_max = 2147483647;        // a quantised value is a 32-bit integer
constexpr double float_steps_max = 8388608;     // 2^23: a float's 24 bits, less one for rounding
constexpr double exact_max = 9007199254740991;  // 2^53 - 1: up to here a double is that whole number and no other

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

/// Attributes of one field, one after another; what they say to each other comes last.
class FieldChecker {
public:
    FieldChecker(const Declarations& declarations, const Struct& owner, const Field& field, Diagnostics& diagnostics)
        : declarations_(declarations), owner_(owner), field_(field), diagnostics_(diagnostics) {}

    FieldRules check() {
        const Range whole = default_range();
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

    bool is_number() const { return field_.enum_index < 0 && field_.scalar != Scalar::Bool; }
    bool is_float() const { return is_number() && is_real(field_.scalar); }
    std::string type_name() const {
        return field_.enum_index >= 0 ? declarations_.enums[static_cast<std::size_t>(field_.enum_index)].name
                                      : schema_name(field_.scalar);
    }
    std::string a_type() const {
        const std::string name = type_name();
        return (std::string("aeiou").find(name[0]) != std::string::npos && name[0] != 'u' ? "an " : "a ") + name;
    }

    Range default_range() const {
        if (field_.enum_index < 0) return range_of(field_.scalar);
        const Enum& type = declarations_.enums[static_cast<std::size_t>(field_.enum_index)];
        const auto number = [&](std::int64_t value) {
            return type.scalar == Scalar::UInt64 ? static_cast<double>(static_cast<std::uint64_t>(value))
                                                 : static_cast<double>(value);
        };
        if (type.values.empty()) return range_of(type.scalar);
        std::uint64_t all_flags = 0;
        Range range{number(type.values.front().value), number(type.values.front().value)};
        for (const Enumerator& value : type.values) {
            all_flags |= static_cast<std::uint64_t>(value.value);
            range.min = std::min(range.min, number(value.value));
            range.max = std::max(range.max, number(value.value));
        }
        if (type.flags) range = {0, static_cast<double>(all_flags)};
        return range;
    }

    void check_attribute(const Attribute& attribute) {
        const std::string& name = attribute.name;
        if (name == "quaternion")
            return report("quaternion is not supported by this version; send its four numbers with quantize and range");
        const bool drawing = name == "interpolate" || name == "angle" || name == "snap" || name == "predict";
        if (!drawing && name != "quantize" && name != "range")
            return report(
                "attribute \"" + name +
                "\" has no meaning on a field; a field may have angle, interpolate, predict, quantize, range, "
                "snap");
        if (field_.struct_index >= 0)
            return report(name + " belongs on the fields of " +
                          declarations_.structs[static_cast<std::size_t>(field_.struct_index)].name);
        if (drawing && owner_.kind == Kind::Input) return report(name + " is for state; an input is sent as it is");
        if (name == "quantize") check_quantize(attribute.value);
        if (name == "range") check_range(attribute.value);
        if (name == "interpolate") check_interpolate(attribute.value);
        if (name == "angle") check_angle();
        if (name == "predict") check_predict(attribute.value);
        if (name == "snap") check_snap(attribute.value);
    }

    void check_quantize(const std::string& value) {
        if (!is_float()) return report("quantize is for float and double, not for " + a_type());
        const auto step = parse_number(value);
        if (!step || *step <= 0)
            return report("quantize \"" + value +
                          "\" is not a step; write a positive number such as quantize: \"0.01\"");
        rules_.quantum = *step;
    }

    void check_range(const std::string& value) {
        wants_range_ = true;
        if (!is_number()) return report("range is for numbers, not for " + a_type());
        const auto range = parse_range(value);
        if (!range)
            return report("range \"" + value + "\" is not a range; write two numbers such as range: \"-512..512\"");
        const std::string swapped = to_text(range->max) + ".." + to_text(range->min);
        if (range->min > range->max)
            return report("range \"" + value + "\" is reversed; write range: \"" + swapped + "\"");
        if (range->min == range->max) return report("range \"" + value + "\" holds one value only");
        const Range whole = range_of(field_.scalar);
        if (!is_float() && (range->min != std::floor(range->min) || range->max != std::floor(range->max)))
            return report("range \"" + value + "\" of " + a_type() + " needs whole numbers");
        if (range->min < whole.min || range->max > whole.max)
            return report("range \"" + value + "\" is beyond what " + a_type() + " holds, " + to_text(whole.min) +
                          ".." + to_text(whole.max));
        if (!is_float() && std::max(std::abs(range->min), std::abs(range->max)) > exact_max)
            return report("range \"" + value + "\" is not exact beyond " + to_text(exact_max) + "; leave it out");
        rules_.min = range->min;
        rules_.max = range->max;
        has_range_ = true;
    }

    void check_interpolate(const std::string& value) {
        if (value == "hold") {
            rules_.interpolation = Interpolation::Hold;
        } else if (value == "linear") {
            if (!is_number()) return report("interpolate \"linear\" is for numbers, not for " + a_type());
            rules_.interpolation = Interpolation::Linear;
        } else if (value == "angle") {
            if (!is_float()) return report("interpolate \"angle\" is for float and double, not for " + a_type());
            rules_.interpolation = Interpolation::Angle;
        } else {
            return report("interpolate \"" + value + "\" is not one of \"hold\", \"linear\", \"angle\"");
        }
        has_interpolate_ = true;
    }

    void check_angle() {
        if (!is_float()) return report("angle is for float and double, not for " + a_type());
        is_angle_ = true;
    }

    void check_predict(const std::string& value) {
        const std::string opening = "integral(of:";
        if (value == "delta" || value == "static") {
            rules_.prediction = value == "delta" ? Prediction::Delta : Prediction::Static;
            return;
        }
        const bool integral = value.rfind(opening, 0) == 0 && value.back() == ')';
        if (value != "linear" && !integral)
            return report("predict \"" + value +
                          "\" is not one of \"delta\", \"linear\", \"integral(of: FIELD)\", \"static\"");
        if (!is_number()) return report("predict \"" + value + "\" is for numbers, not for " + a_type());
        if (value == "linear") {
            rules_.prediction = Prediction::Linear;
            return;
        }
        std::string path = value.substr(opening.size(), value.size() - opening.size() - 1);
        path.erase(std::remove(path.begin(), path.end(), ' '), path.end());
        const Field* rate = find_field(declarations_, owner_, path);
        if (rate == nullptr) return report("predict \"" + value + "\" names no field of " + owner_.name);
        if (rate == &field_) return report("predict \"" + value + "\" names the field itself");
        if (rate->struct_index >= 0 || rate->enum_index >= 0 || rate->scalar == Scalar::Bool)
            return report("predict \"" + value + "\" names a field that is no number");
        if (rate->length != field_.length)
            return report("predict \"" + value + "\" names a field of another array length");
        rules_.prediction = Prediction::Integral;
        rules_.integral_of = path;
    }

    void check_snap(const std::string& value) {
        if (!is_number()) return report("snap is for numbers, not for " + a_type());
        const auto distance = parse_number(value);
        if (!distance || *distance <= 0)
            return report("snap \"" + value + "\" is not a distance; write a positive number such as snap: \"5\"");
        rules_.snap = *distance;
    }

    void check_together() {
        if (is_angle_ && has_interpolate_ && rules_.interpolation == Interpolation::Linear)
            report("angle and interpolate \"linear\" contradict each other; an angle turns along the shorter arc");
        if (is_angle_ && !has_interpolate_) rules_.interpolation = Interpolation::Angle;
        if (rules_.snap > 0 && rules_.interpolation == Interpolation::Hold)
            report("snap needs a field that moves; add interpolate: \"linear\"");
        if (rules_.quantum == 0) return;
        if (!wants_range_) return report("quantize needs a range; write for example range: \"-512..512\"");
        if (!has_range_) return;
        const std::string range = to_text(rules_.min) + ".." + to_text(rules_.max);
        const double far = std::max(std::abs(rules_.min), std::abs(rules_.max));
        if ((rules_.max - rules_.min) / rules_.quantum > steps_max || far / rules_.quantum > steps_max)
            return report("range " + range + " does not fit 2147483647 steps of " + to_text(rules_.quantum) +
                          "; write a larger step or a smaller range");
        if (rules_.max - rules_.min < rules_.quantum)
            return report("range " + range + " is smaller than one step of " + to_text(rules_.quantum));
        // A step at the far end of the range must be wider than the gaps between the numbers of the type there,
        // or rounding to the grid twice gives two results.
        if (field_.scalar == Scalar::Float && far / rules_.quantum > float_steps_max)
            report("a float cannot tell steps of " + to_text(rules_.quantum) + " apart at " + to_text(far) +
                   "; write a larger step, a smaller range, or double");
    }

    const Declarations& declarations_;
    const Struct& owner_;
    const Field& field_;
    Diagnostics& diagnostics_;
    FieldRules rules_;
    bool wants_range_ = false;
    bool has_range_ = false;  // and it is right
    bool has_interpolate_ = false;
    bool is_angle_ = false;
};

}  // namespace

void check_field(const Declarations& declarations, Struct& owner, std::size_t index, Diagnostics& diagnostics) {
    owner.fields[index].rules = FieldChecker(declarations, owner, owner.fields[index], diagnostics).check();
}

}  // namespace schemac
