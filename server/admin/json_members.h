// The JSON object that came as the content of a request: a route takes its members one after another, and what is wrong with any of them is
// one sentence.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/gate/strict_json.h"

namespace tidewire::server {

class JsonMembers {
public:
    /// Nothing at all is an object without members.
    explicit JsonMembers(std::string_view body);

    // Empty when there is none, or it is something else, which is wrong.
    std::optional<std::string> text(const char* name);
    /// At least `min`, which is 0 or 1, and a hundred years at most.
    std::optional<std::chrono::milliseconds> seconds(const char* name, int min);

    /// Only the first complaint is told.
    void complain(std::string problem);
    /// To be asked last: what is wrong; empty: nothing, and there was no member that nobody has taken.
    std::string problem();

private:
    const JsonValue* take(const char* name, JsonValue::Kind kind, const char* what);

    JsonValue object_{.kind = JsonValue::Kind::Object};
    std::vector<std::string> known_;  // names that were asked for
    std::string problem_;
};

}  // namespace tidewire::server
