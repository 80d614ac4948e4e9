// What may be a dictionary.
#include "sdk/core/wire/dictionary.h"

#include <catch2/catch.hpp>

#include "sdk/core/base/hash.h"
#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/dictionaries.h"

using namespace tidewire;
using namespace tidewire::wire;

TEST_CASE("a trained dictionary is known by the hash of its bytes", "[wire][dictionary]") {
    const Bytes bytes = test::sample_dictionary_bytes();
    const auto dictionary = Dictionary::parse(bytes);
    REQUIRE(dictionary);
    CHECK(dictionary->bytes() == bytes);
    CHECK(dictionary->id() == fnv1a(bytes));
    // A copy is the same one.
    const Dictionary copy = *dictionary;
    CHECK(copy.bytes().data() == dictionary->bytes().data());
}

TEST_CASE("a dictionary to unpack with unpacks what the whole one packs", "[wire][dictionary]") {
    const Bytes bytes = test::sample_dictionary_bytes();
    const Dictionary whole = Dictionary::parse(bytes).value();
    const Dictionary half = Dictionary::parse(bytes, Dictionary::Use::Unpack).value();
    CHECK(whole.can_pack());
    CHECK_FALSE(half.can_pack());
    CHECK(half.id() == whole.id());
    const Bytes body = test::sample_dictionary_bytes();
    const Bytes packed = pack_body(body, &whole);
    REQUIRE(packed.front() == std::byte{0x12});
    Bytes inflated;
    const auto again = unpack_body(packed, {}, &half, inflated);
    REQUIRE(again);
    CHECK(Bytes(again->begin(), again->end()) == body);
}

TEST_CASE("bytes that zstd did not train are no dictionary", "[wire][dictionary][hostile]") {
    CHECK_FALSE(Dictionary::parse({}));
    CHECK_FALSE(Dictionary::parse(Bytes(1000, std::byte{7})));  // raw content, to zstd, but without an id
    const Bytes bytes = test::sample_dictionary_bytes();
    for (std::size_t size = 0; size < 64; ++size) {
        CAPTURE(size);
        CHECK_FALSE(Dictionary::parse(ByteSpan(bytes).first(size)));
    }
    // The entropy tables are checked when they are read.
    Bytes damaged = bytes;
    for (std::size_t i = 8; i < 40; ++i) damaged[i] = std::byte{0xff};
    CHECK_FALSE(Dictionary::parse(damaged));
    Bytes unnamed = bytes;
    for (std::size_t i = 4; i < 8; ++i) unnamed[i] = std::byte{0};
    CHECK_FALSE(Dictionary::parse(unnamed));
}

TEST_CASE("a dictionary that no Resource could carry is refused", "[wire][dictionary][limits]") {
    Bytes bytes = test::sample_dictionary_bytes();
    bytes.resize(Limits{}.resource_bytes_max, std::byte{3});  // more content
    CHECK(Dictionary::parse(bytes));
    bytes.push_back(std::byte{3});
    CHECK_FALSE(Dictionary::parse(bytes));
}
