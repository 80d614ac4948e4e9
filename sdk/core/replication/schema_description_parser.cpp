// Reads the description of a schema, line by line. Whatever is accepted can be used: fields fit their types and each other.
#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/replication/record.h"
#include "sdk/core/replication/scalar_io.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/replication/schema_words.h"

namespace tidewire::replication {

namespace {

constexpr double turn = 6.283185307179586;
constexpr double turn_steps_max = 0x1p24;
constexpr double grid_steps_max = 0x1p32;

bool is_real(Scalar scalar) { return scalar == Scalar::Float || scalar == Scalar::Double; }

/// A word of the text, fit to stand in a sentence.
std::string quoted(std::string_view word) { return "\"" + printable(cut_utf8(word, 48)) + "\""; }

class Parser {
public:
    Parser(std::string_view text, const DescriptionLimits& limits) : text_(text), limits_(limits) {}

    Result<OwnedSchema> parse() {
        if (text_.size() > limits_.text_bytes_max)
            return unexpected(Blame::Caller, "the description of a schema has " + std::to_string(text_.size()) +
                                                 " bytes; at most " + std::to_string(limits_.text_bytes_max) +
                                                 " are read");
        std::string_view line = next_line();
        if (line.substr(0, words::first_line.size()) != words::first_line)
            return failure("a description begins with \"" + std::string(words::first_line) + "NAME\"");
        line.remove_prefix(words::first_line.size());
        if (!is_name(line)) return failure(quoted(line) + " is no name");
        OwnedSchema schema(line);
        schema_ = &schema;
        while (!text_.empty()) {
            line = next_line();
            const bool good = line.substr(0, 2) == "  " ? read_field(line.substr(2)) : finish() && read_head(line);
            if (!good) return failure(error_);
        }
        if (!finish()) return failure(error_);
        return schema;
    }

private:
    Unexpected failure(const std::string& what) const {
        return unexpected(Blame::Caller, "line " + std::to_string(line_) + ": " + what);
    }
    bool fail(std::string what) {
        error_ = std::move(what);
        return false;
    }

    /// Without its end; the last line may lack it, which the comparison at the very end refuses.
    std::string_view next_line() {
        ++line_;
        const std::size_t end = std::min(text_.find('\n'), text_.size());
        const std::string_view line = text_.substr(0, end);
        text_.remove_prefix(std::min(end + 1, text_.size()));
        return line;
    }

    /// The first word of `rest` and the space behind it go.
    static std::string_view next_word(std::string_view& rest) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return word;
    }

    bool is_name(std::string_view text) const {
        return !text.empty() && text.size() <= limits_.name_bytes_max &&
               text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.[]") ==
                   std::string_view::npos;
    }

    bool read_head(std::string_view rest) {
        const std::string_view role = next_word(rest);
        const auto found = std::find(words::roles.begin(), words::roles.end(), role);
        if (found == words::roles.end()) return fail(quoted(role) + " is not component, input or event");
        role_ = static_cast<Role>(found - words::roles.begin());
        std::size_t& count = counts_[static_cast<std::size_t>(role_)];
        if (++count > limits_.declarations_max)
            return fail("a schema has at most " + std::to_string(limits_.declarations_max) + " of each kind");
        head_ = {.name = "", .size = 0, .alignment = 1};
        std::string_view name = next_word(rest);
        head_.is_table = name == "table";
        if (head_.is_table) name = next_word(rest);
        if (head_.is_table && role_ == Role::Input) return fail("an input is no table");
        if (!is_name(name)) return fail(quoted(name) + " is no name");
        name_ = name;
        while (!rest.empty()) {
            const std::string_view word = next_word(rest);
            if (role_ != Role::Component) return fail(quoted(word) + " is for components");
            if (word == "predicted" && !head_.is_table)
                head_.predicted = true;
            else if (word == "owner_only")
                head_.owner_only = true;
            else
                return fail(quoted(word) + " says nothing of a " + (head_.is_table ? "table" : "struct"));
        }
        open_ = true;
        return true;
    }

    /// The name of a field is there once; a view of it that lives as long as the declaration is read.
    bool take_name(std::string_view name, const char*& kept) {
        if (!name.empty() && name.back() == ':') name.remove_suffix(1);
        if (!is_name(name)) return fail(quoted(name) + " is no name");
        if (places_.size() >= limits_.fields_max)
            return fail("a declaration has at most " + std::to_string(limits_.fields_max) + " fields");
        const auto [place, added] = places_.emplace(std::string(name), places_.size());
        if (!added) return fail(quoted(name) + " is there twice");
        kept = place->first.c_str();
        return true;
    }

    bool take_scalar(std::string_view word, Scalar& scalar) {
        const auto found = std::find(words::scalars.begin(), words::scalars.end(), word);
        if (found == words::scalars.end()) return fail(quoted(word) + " is no type");
        scalar = static_cast<Scalar>(found - words::scalars.begin());
        return true;
    }

    bool take_range(std::string_view word, double& min, double& max) {
        const std::size_t dots = word.find("..");
        const auto low = words::parse_number(word.substr(0, dots));
        const auto high = dots == word.npos ? std::nullopt : words::parse_number(word.substr(dots + 2));
        if (!low || !high || !(*low <= *high)) return fail(quoted(word) + " is no range");
        min = *low;
        max = *high;
        return true;
    }

    bool fits(Scalar scalar, double min, double max) {
        const NumberRange whole = range_of(scalar);
        const bool exact = is_real(scalar) || (min == std::floor(min) && max == std::floor(max));
        if (min >= whole.low && max <= whole.high && exact) return true;
        return fail("the range " + words::range_text(min, max) + " is not of its type");
    }

    bool is_length(double min, double max) {
        if (min == 0 && max <= static_cast<double>(record_field_bytes_max) && max == std::floor(max)) return true;
        return fail("the range " + words::range_text(min, max) + " is none of lengths");
    }

    bool read_field(std::string_view rest) {
        if (!open_) return fail("a field belongs to no declaration");
        return head_.is_table ? read_record_field(rest) : read_struct_field(rest);
    }

    bool read_struct_field(std::string_view rest) {
        FieldInfo field{.name = "", .scalar = Scalar::Bool, .offset = 0, .quantum = 0, .min = 0, .max = 0};
        if (!take_name(next_word(rest), field.name) || !take_scalar(next_word(rest), field.scalar) ||
            !take_range(next_word(rest), field.min, field.max) || !fits(field.scalar, field.min, field.max))
            return false;
        std::string rate;
        while (!rest.empty()) {
            const std::string_view word = next_word(rest);
            if (word == "step") {
                const auto step = words::parse_number(next_word(rest));
                if (!step || !std::isfinite(*step) || *step <= 0) return fail("a step is a positive number");
                field.quantum = *step;
            } else if (word == "angle") {
                field.angle = true;
                field.interpolation = Interpolation::Angle;
            } else if (word == "quaternion") {
                const auto bits = words::parse_number(next_word(rest));
                if (!bits || *bits < 2 || *bits > 15) return fail("a quaternion has 2 to 15 bits");
                field.quaternion_bits = static_cast<std::uint8_t>(*bits);
                field.interpolation = Interpolation::Quaternion;
            } else if (word == "linear") {
                field.prediction = Prediction::Linear;
            } else if (word == "static") {
                field.prediction = Prediction::Static;
            } else if (word == "integral(of:") {
                field.prediction = Prediction::Integral;
                rate = next_word(rest);
                if (rate.empty() || rate.back() != ')') return fail("an integral names its field in parentheses");
                rate.pop_back();
            } else {
                return fail(quoted(word) + " says nothing of a field");
            }
        }
        if (!check(field)) return false;
        fields_.push_back(field);
        rates_.push_back(std::move(rate));
        return true;
    }

    bool check(const FieldInfo& field) {
        // An angle's steps are those of the circle, whatever its range is.
        const double steps = field.quantum > 0 && !field.angle ? (field.max - field.min) / field.quantum : 0;
        if (field.quantum > 0 && (field.scalar == Scalar::Bool || !(steps < grid_steps_max)))
            return fail("the range " + words::range_text(field.min, field.max) + " has no such steps");
        const double turn_steps = field.angle && field.quantum > 0 ? std::round(turn / field.quantum) : 0;
        if (field.angle && (!is_real(field.scalar) || turn_steps < 2 || turn_steps > turn_steps_max))
            return fail("an angle is a float or double with 2 to 16777216 steps round the circle");
        const bool plain = field.scalar == Scalar::Float && field.quantum == 0 && !field.angle && field.min == -1 &&
                           field.max == 1 && field.prediction == Prediction::Delta;
        if (field.quaternion_bits > 0 && !plain) return fail("a quaternion is of floats from -1 to 1 and nothing else");
        const bool guessed = field.prediction == Prediction::Linear || field.prediction == Prediction::Integral;
        if (guessed && field.scalar == Scalar::Bool) return fail("a bool has no such prediction");
        return true;
    }

    bool read_record_field(std::string_view rest) {
        RecordFieldInfo field{
            .name = "", .type = RecordType::Number, .scalar = Scalar::UInt8, .id = 0, .offset = 0, .min = 0, .max = 0};
        const std::string_view number = next_word(rest);
        const auto id = words::parse_number(number);
        const double least = record_.empty() ? 0 : record_.back().id + 1;
        if (!id || *id < least || *id > 65'535 || *id != std::floor(*id))
            return fail(quoted(number) + " is no id of a field; ids rise, and none is above 65535");
        if (record_.size() == OwnedSchema::record_fields_max)
            return fail("a table has at most " + std::to_string(OwnedSchema::record_fields_max) + " fields");
        field.id = static_cast<std::uint16_t>(*id);
        if (!take_name(next_word(rest), field.name)) return false;
        const std::string_view type = next_word(rest);
        if (type == "text" || type == "bytes")
            field.type = type == "text" ? RecordType::Text : RecordType::Bytes;
        else if (!take_scalar(type, field.scalar))
            return false;
        if (!take_range(next_word(rest), field.min, field.max) ||
            !(field.type == RecordType::Number ? fits(field.scalar, field.min, field.max)
                                               : is_length(field.min, field.max)))
            return false;
        if (!rest.empty()) return fail(quoted(rest) + " says nothing of a field");
        record_.push_back(field);
        return true;
    }

    /// What only the whole declaration can tell; then it is the schema's.
    bool finish() {
        if (!open_) return true;
        open_ = false;
        if (!finish_integrals() || !finish_quaternions()) return false;
        if (OwnedSchema::struct_bytes(fields_) > OwnedSchema::aggregate_bytes_max)
            return fail(quoted(name_) + " has more than " + std::to_string(OwnedSchema::aggregate_bytes_max) +
                        " bytes");
        head_.name = name_.c_str();
        if (head_.is_table)
            schema_->add_table(role_, head_, std::exchange(record_, {}));
        else
            schema_->add_struct(role_, head_, std::exchange(fields_, {}));
        rates_.clear();
        places_.clear();
        return true;
    }

    bool finish_integrals() {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (fields_[i].prediction != Prediction::Integral) continue;
            const auto rate = places_.find(rates_[i]);
            if (rate == places_.end()) return fail(quoted(rates_[i]) + " is no field of " + quoted(name_));
            if (fields_[rate->second].scalar == Scalar::Bool) return fail(quoted(rates_[i]) + " is no number");
            fields_[i].integral_of = static_cast<std::int16_t>(rate->second);
        }
        // Whoever follows a circle makes more steps than there are fields; each field is passed once only.
        std::vector<std::uint32_t> seen_from(fields_.size(), 0);
        for (std::uint32_t start = 0; start < fields_.size(); ++start) {
            std::int32_t at = static_cast<std::int32_t>(start);
            while (at >= 0 && seen_from[static_cast<std::size_t>(at)] == 0) {
                seen_from[static_cast<std::size_t>(at)] = start + 1;
                at = fields_[static_cast<std::size_t>(at)].integral_of;
            }
            if (at >= 0 && seen_from[static_cast<std::size_t>(at)] == start + 1)
                return fail(quoted(fields_[static_cast<std::size_t>(at)].name) + " is an integral of itself");
        }
        return true;
    }

    bool finish_quaternions() {
        for (std::size_t i = 0; i < fields_.size();) {
            const std::uint8_t bits = fields_[i].quaternion_bits;
            for (std::size_t part = 1; bits > 0 && part < 4; ++part)
                if (i + part >= fields_.size() || fields_[i + part].quaternion_bits != bits)
                    return fail("a quaternion has four numbers in a row; " + quoted(fields_[i].name) + " begins none");
            i += bits > 0 ? 4 : 1;
        }
        return true;
    }

    std::string_view text_;  // what is still to be read
    const DescriptionLimits& limits_;
    std::size_t line_ = 0;
    std::string error_;
    OwnedSchema* schema_ = nullptr;
    std::size_t counts_[3] = {};

    // The declaration that is being read.
    bool open_ = false;
    Role role_ = Role::Component;
    StructInfo head_{};
    std::string name_;
    std::vector<FieldInfo> fields_;
    std::vector<std::string> rates_;  // of each field: the name of the one that it is the integral of
    std::vector<RecordFieldInfo> record_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

/// The line of the first difference, from 1.
std::size_t first_different_line(std::string_view a, std::string_view b) {
    const auto [at, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return 1 + static_cast<std::size_t>(std::count(a.begin(), at, '\n'));
}

}  // namespace

Result<OwnedSchema> parse_description(std::string_view text, const DescriptionLimits& limits) {
    Result<OwnedSchema> schema = Parser(text, limits).parse();
    if (!schema) return schema;
    const std::string again = describe(schema->info());
    if (again != text)
        return unexpected(Blame::Caller, "line " + std::to_string(first_different_line(again, text)) +
                                             ": not as a description is written; there is one way only");
    schema->set_hash(fnv1a(as_bytes(text)));
    return schema;
}

}  // namespace tidewire::replication
