// What the fuzz targets of room ws share: the same bytes whole, one by one, and in chunks that the input chooses.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"

namespace tidewire::fuzz {

/// The first bytes of an input choose how it is used, the rest is what arrives.
struct Input {
    std::uint8_t flags = 0;
    std::uint64_t seed = 0;
    ByteSpan bytes;
};

inline Input split_input(const std::uint8_t* data, std::size_t size) {
    Input input;
    if (size < 3) return input;
    input.flags = data[0];
    input.seed = static_cast<std::uint64_t>(data[1]) << 8 | data[2];
    input.bytes = {reinterpret_cast<const std::byte*>(data + 3), size - 3};
    return input;
}

using Chunks = std::vector<Bytes>;  // blocks of their own, so that a sanitizer sees each step beyond one

inline Chunks chunked(ByteSpan bytes, std::uint64_t seed, std::uint32_t chunk_bytes_max) {
    SeededRandom random(seed);
    Chunks chunks;
    while (!bytes.empty()) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + random.below(chunk_bytes_max));
        chunks.emplace_back(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        bytes = bytes.subspan(size);
    }
    return chunks;
}

/// `read` must give the same words for any chunking of the bytes.
template <class Read>
void require_split_invariance(const Input& input, Read read) {
    const std::vector<std::string> whole = read(Chunks{Bytes(input.bytes.begin(), input.bytes.end())});
    const auto require_same = [&](const char* how, const Chunks& chunks) {
        const std::vector<std::string> words = read(chunks);
        if (words == whole) return;
        std::fprintf(stderr, "whole:\n");
        for (const std::string& word : whole) std::fprintf(stderr, "  %s\n", word.c_str());
        std::fprintf(stderr, "%s:\n", how);
        for (const std::string& word : words) std::fprintf(stderr, "  %s\n", word.c_str());
        std::abort();
    };
    require_same("chunks", chunked(input.bytes, input.seed, 40));
    require_same("large chunks", chunked(input.bytes, input.seed, 1000));
    if (input.bytes.size() <= 300) require_same("byte by byte", chunked(input.bytes, input.seed, 1));
}

inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

}  // namespace tidewire::fuzz
