// One rule for all texts, and one more for the names of properties.
#include "sdk/core/base/room_texts.h"

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"

namespace tidewire {

namespace {

std::optional<std::string> refuse_text(const char* what, std::string_view text) {
    constexpr std::size_t bytes_max = RoomTextLimits{}.bytes_max;
    if (text.size() > bytes_max)
        return std::string(what) + " has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(bytes_max) +
               " are allowed";
    if (!valid_utf8(as_bytes(text)) || printable(text) != text)
        return std::string(what) + " is no UTF-8, or has control characters";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> refuse_room_texts(std::string_view name, const RoomProperties& properties,
                                             std::string_view code) {
    if (auto refusal = refuse_text("the room's name", name)) return refusal;
    if (auto refusal = refuse_text("the room's code", code)) return refusal;
    if (properties.size() > RoomTextLimits{}.properties_max)
        return "the room has " + std::to_string(properties.size()) + " properties; at most " +
               std::to_string(RoomTextLimits{}.properties_max) + " are allowed";
    for (const auto& [key, value] : properties) {
        if (key.empty() || key.find('=') != std::string::npos)
            return "the name of a room's property must not be empty, nor have a '=' in it";
        if (auto refusal = refuse_text("a property of the room with its name", key + "=" + value)) return refusal;
    }
    return std::nullopt;
}

}  // namespace tidewire
