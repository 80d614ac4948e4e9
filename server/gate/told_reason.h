// What a player is told of why it was sent away, in words of the operator's or of the game's.
#pragma once

#include <string>
#include <string_view>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"

namespace tidewire::server {

/// With what stands in front of it a reason fits into a Goodbye, and whole into a log.
inline constexpr std::size_t reason_bytes_max = 120;

/// Of at most so many bytes, UTF-8, and with '?' for control characters.
inline std::string told_reason(std::string_view reason) {
    if (!valid_utf8(as_bytes(reason))) return "?";
    return printable(cut_utf8(reason, reason_bytes_max));
}

}  // namespace tidewire::server
