// Test support: a reader of bytes that arrive in pieces must not care how they were cut.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "sdk/core/base/bytes.h"

namespace tidewire::ws::test {

using Pieces = std::vector<ByteSpan>;

/// Calls `read` with the bytes whole, byte by byte and cut in two at each point, and checks that it returns the same each
/// time. Long inputs are cut near both ends and at some points between.
template <class Read>
auto same_at_every_split(ByteSpan bytes, Read read) {
    const auto whole = read(Pieces{bytes});
    Pieces single;
    for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.subspan(i, 1));
    if (bytes.size() <= 4096) {
        INFO("byte by byte");
        CHECK(read(single) == whole);
    }
    for (std::size_t at = 1; at < bytes.size();) {
        INFO("cut at " << at << " of " << bytes.size());
        CHECK(read(Pieces{bytes.first(at), bytes.subspan(at)}) == whole);
        const bool dense = at < 200 || at + 40 > bytes.size();
        at += dense ? 1 : std::max<std::size_t>(1, std::min(bytes.size() / 16, bytes.size() - 40 - at));
    }
    return whole;
}

}  // namespace tidewire::ws::test
