// Dictionaries for tests, trained on the spot from made-up keyframes.
#pragma once

#include <zdict.h>

#include <catch2/catch.hpp>
#include <string_view>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/core/wire/dictionary.h"

namespace tidewire::test {

/// Words of a small vocabulary in random order: what a dictionary is good at.
inline Bytes sample_content(SeededRandom& random, std::uint32_t flavour = 1) {
    Bytes content;
    for (int word = 0; word < 24; ++word) {
        SeededRandom letters(1000 * flavour + random.below(40));
        for (int i = 0; i < 9; ++i) content.push_back(static_cast<std::byte>(letters.next() >> 40));
        content.push_back(static_cast<std::byte>(random.below(256)));
    }
    return content;
}

inline Bytes sample_dictionary_bytes(std::uint32_t flavour = 1) {
    SeededRandom random(flavour);
    Bytes samples;
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 300; ++i) {
        const Bytes content = sample_content(random, flavour);
        append(samples, content);
        sizes.push_back(content.size());
    }
    Bytes dictionary(2048);
    const std::size_t size = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), samples.data(), sizes.data(),
                                                   static_cast<unsigned>(sizes.size()));
    REQUIRE_FALSE(ZDICT_isError(size));
    dictionary.resize(size);
    return dictionary;
}

inline wire::Dictionary sample_dictionary(std::uint32_t flavour = 1) {
    auto dictionary = wire::Dictionary::parse(sample_dictionary_bytes(flavour));
    REQUIRE(dictionary);
    return std::move(*dictionary);
}

}  // namespace tidewire::test
