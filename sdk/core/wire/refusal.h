// What the codec says to a peer that broke the protocol: the close codes of RFC 6455 7.4.1 that it uses.
#pragma once

#include <string>

#include "tidewire/result.h"

namespace tidewire::wire {

enum class Refusal : std::uint16_t {
    NotOurGrammar = 1002,  ///< Lengths, kinds and codings that the protocol does not have.
    NotValid = 1007,       ///< FlatBuffers, zstd or UTF-8 that does not verify.
    TooBig = 1009,         ///< Beyond a limit.
};

[[nodiscard]] inline Unexpected refuse(Refusal code, std::string sentence) {
    return unexpected(Blame::Peer, std::move(sentence), static_cast<std::uint16_t>(code));
}

/// "<what> of <size> <unit> is beyond the limit of <max>."
[[nodiscard]] inline Unexpected refuse_size(std::string what, std::size_t size, const char* unit, std::size_t max) {
    return refuse(Refusal::TooBig, std::move(what) + " of " + std::to_string(size) + " " + unit +
                                       " is beyond the limit of " + std::to_string(max) + ".");
}

}  // namespace tidewire::wire
