// Texts of tokens, which go into logs, onto screens and into tables.
#pragma once

#include <cstddef>
#include <string_view>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"

namespace tidewire::server {

inline constexpr std::size_t subject_bytes_max = 128;    ///< Identity providers use up to about 60.
inline constexpr std::size_t shown_name_bytes_max = 64;  ///< As of a player's name in the protocol.
inline constexpr std::size_t room_name_bytes_max = 64;   ///< A UUID with a region before it.
inline constexpr std::size_t claim_bytes_max = 256;      ///< Of a claim that the game has asked for.

/// UTF-8 without control characters, of at most so many bytes; may be empty.
inline bool clean_text(std::string_view text, std::size_t bytes_max) {
    return text.size() <= bytes_max && valid_utf8(as_bytes(text)) && printable(text) == text;
}

}  // namespace tidewire::server
