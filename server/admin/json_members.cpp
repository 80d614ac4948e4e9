// A name that is written wrongly must not be one that is left out.
#include "server/admin/json_members.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sdk/core/base/printable.h"

namespace tidewire::server {

namespace {

constexpr double seconds_max = 100.0 * 365 * 86'400;

}  // namespace

JsonMembers::JsonMembers(std::string_view body) {
    if (body.empty()) return;
    auto parsed = parse_json(body);
    if (parsed && parsed->kind == JsonValue::Kind::Object)
        object_ = std::move(*parsed);
    else
        complain("the content is no JSON object, as {\"reason\": \"why\"}");
}

std::optional<std::string> JsonMembers::text(const char* name) {
    const JsonValue* const value = take(name, JsonValue::Kind::Text, "a text");
    return value == nullptr ? std::nullopt : std::optional(value->text);
}

std::optional<std::chrono::milliseconds> JsonMembers::seconds(const char* name, int min) {
    const JsonValue* const value = take(name, JsonValue::Kind::Number, "a number");
    if (value == nullptr) return std::nullopt;
    if (value->number >= min && value->number <= seconds_max)
        return std::chrono::milliseconds(std::llround(value->number * 1000));
    complain(std::string(name) + " is from " + std::to_string(min) + " to a hundred years");
    return std::nullopt;
}

void JsonMembers::complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
}

std::string JsonMembers::problem() {
    for (const std::string& name : object_.names) {
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        std::string list;
        for (const std::string& known : known_) list += (list.empty() ? "" : ", ") + known;
        complain("\"" + printable(name) + "\" means nothing here; write " + (list.empty() ? "no members" : list));
    }
    return problem_;
}

const JsonValue* JsonMembers::take(const char* name, JsonValue::Kind kind, const char* what) {
    known_.emplace_back(name);
    const JsonValue* const value = object_.find(name);
    if (value == nullptr || value->kind == kind) return value;
    complain(std::string(name) + " is " + what);
    return nullptr;
}

}  // namespace tidewire::server
