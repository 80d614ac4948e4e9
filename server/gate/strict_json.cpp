// nlohmann-json reads; this keeps what may stay. Only this file of the room knows that library.
#include "server/gate/strict_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace tidewire::server {

namespace {

using Sax = nlohmann::json_sax<nlohmann::json>;

/// Each call answers whether to read on. A container is not moved while it is open: only the innermost one grows.
class Builder final : public Sax {
public:
    JsonValue root;

    bool null() override { return add({}); }
    bool boolean(bool value) override { return add({.kind = JsonValue::Kind::Boolean, .boolean = value}); }
    bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
    bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
    bool number_float(number_float_t value, const string_t&) override { return number(value); }
    bool string(string_t& value) override { return add({.kind = JsonValue::Kind::Text, .text = std::move(value)}); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(JsonValue::Kind::Object); }
    bool start_array(std::size_t) override { return open(JsonValue::Kind::Array); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        std::vector<std::string>& names = open_.back()->names;
        if (names.size() == json_members_max || std::find(names.begin(), names.end(), name) != names.end())
            return false;
        names.push_back(std::move(name));
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

private:
    bool number(double value) {
        return std::isfinite(value) && add({.kind = JsonValue::Kind::Number, .number = value});
    }
    bool add(JsonValue value) {
        if (open_.empty())
            root = std::move(value);
        else
            open_.back()->values.push_back(std::move(value));
        return true;
    }
    bool open(JsonValue::Kind kind) {
        if (open_.size() == json_depth_max) return false;
        add({.kind = kind});
        open_.push_back(open_.empty() ? &root : &open_.back()->values.back());
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<JsonValue*> open_;  // from the outermost to the innermost
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? nullptr : &values[static_cast<std::size_t>(found - names.begin())];
}

std::optional<JsonValue> parse_json(std::string_view text) {
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
    return std::move(builder.root);
}

}  // namespace tidewire::server
