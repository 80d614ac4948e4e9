// Bodies that may be compressed: what they give back, and what is refused.
#include <catch2/catch.hpp>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/zstd_frame.h"
#include "tests/sdk/wire/dictionaries.h"
#include "tests/sdk/wire/messages.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::wire;
using test::MessageMaker;

namespace {

constexpr std::byte stored{0x10};
constexpr std::byte zstd{0x11};
constexpr std::byte zstd_dictionary{0x12};

/// 0 when the body unpacks, else the close code.
int code(ByteSpan packed, const Dictionary* dictionary = nullptr, const Limits& limits = {}) {
    Bytes inflated;
    const auto body = unpack_body(packed, limits, dictionary, inflated);
    CHECK(inflated.capacity() <= limits.inflated_bytes_max);
    if (body) return 0;
    CHECK(body.error().blame == Blame::Peer);
    return body.error().close_code;
}

}  // namespace

TEST_CASE("every body comes back, whatever it holds and however hard it is packed", "[wire][packed]") {
    constexpr std::uint64_t seed = 77;
    CAPTURE(seed);
    MessageMaker maker(seed);
    SeededRandom random(seed);
    const Dictionary dictionary = test::sample_dictionary();
    for (int i = 0; i < 300; ++i) {
        const ByteSpan noise = maker.bytes(200);
        Bytes body(noise.begin(), noise.end());
        if (i % 2 == 0) append(body, test::sample_content(random));
        const Dictionary* const used = i % 3 == 0 ? &dictionary : nullptr;
        const Bytes packed = pack_body(body, used, 1 + i % 19);
        // Never larger than with its envelope alone.
        CHECK(packed.size() <= body.size() + 1);
        Bytes inflated;
        const auto unpacked = unpack_body(packed, Limits{}, used, inflated);
        CAPTURE(i, test::to_hex(packed));
        REQUIRE(unpacked);
        CHECK(to_string(*unpacked) == to_string(body));
        if (packed.front() == stored) CHECK(unpacked->data() == packed.data() + 1);
    }
}

TEST_CASE("what does not get smaller is stored", "[wire][packed]") {
    CHECK(test::to_hex(pack_body({}, nullptr)) == "10");
    const Bytes small(63, std::byte{1});
    CHECK(pack_body(small, nullptr).front() == stored);
    const Bytes even(500, std::byte{1});
    CHECK(pack_body(even, nullptr).front() == zstd);
    SeededRandom random(3);
    Bytes noise(500);
    for (std::byte& byte : noise) byte = static_cast<std::byte>(random.next() >> 40);
    CHECK(pack_body(noise, nullptr).front() == stored);
}

TEST_CASE("a dictionary saves bytes, and only who has it can read them", "[wire][packed][dictionary]") {
    const Dictionary dictionary = test::sample_dictionary();
    SeededRandom random(9);
    const Bytes body = test::sample_content(random);
    const Bytes with = pack_body(body, &dictionary);
    const Bytes without = pack_body(body, nullptr);
    REQUIRE(with.front() == zstd_dictionary);
    CHECK(with.size() < without.size());
    CHECK(code(with, &dictionary) == 0);
    CHECK(code(with, nullptr) == 1002);
    // Without its mark the frame still names a dictionary; a plain frame with the mark names none.
    Bytes liar = with;
    liar.front() = zstd;
    CHECK(code(liar, &dictionary) == 1007);
    CHECK(code(liar, nullptr) == 1007);
    liar = without;
    REQUIRE(liar.front() == zstd);
    liar.front() = zstd_dictionary;
    CHECK(code(liar, &dictionary) == 1007);
    // Who agreed on a dictionary still takes what is packed without it.
    CHECK(code(without, &dictionary) == 0);
    // Another dictionary is no help.
    const Dictionary other = test::sample_dictionary(2);
    REQUIRE(other.id() != dictionary.id());
    CHECK(code(with, &other) == 1007);
}

TEST_CASE("a packed body begins with an envelope of its own kind", "[wire][packed]") {
    Bytes packed{stored, std::byte{1}, std::byte{2}};
    for (unsigned value = 0; value < 256; ++value) {
        packed.front() = static_cast<std::byte>(value);
        CAPTURE(value);
        const int expected = value == 0x10 ? 0 : value == 0x11 ? 1007 : 1002;
        CHECK(code(packed) == expected);
    }
    CHECK(code({}) == 1002);
}

TEST_CASE("a packed body beyond a limit is refused before memory is taken for it", "[wire][packed][limits][hostile]") {
    const Bytes body(100'000, std::byte{1});
    const Bytes packed = pack_body(body, nullptr);
    CHECK(code(packed, nullptr, {.inflated_bytes_max = 100'000}) == 0);
    CHECK(code(packed, nullptr, {.inflated_bytes_max = 99'999}) == 1009);
    // 256 MB, declared in twelve bytes.
    CHECK(code(test::from_hex("11 28 b5 2f fd a0 00 00 00 10 03 08 00")) == 1009);
    const Dictionary dictionary = test::sample_dictionary();
    CHECK(code(packed, &dictionary, {.inflated_bytes_max = 99'999}) == 1009);
}

TEST_CASE("a packed body that needs a window of more than 128 KiB is refused, with and without a dictionary",
          "[wire][packed][hostile]") {
    // Window descriptor, declared size 256 + 0, a run of 256 zeros.
    Bytes frame = test::from_hex("11 28 b5 2f fd 40 38 00 00 03 08 00 00");
    CHECK(code(frame) == 0);
    frame[6] = std::byte{0x39};
    CHECK(code(frame) == 1007);
    // The same, behind the name of the dictionary.
    const Dictionary dictionary = test::sample_dictionary();
    Bytes named = test::from_hex("12 28 b5 2f fd 43 38");
    append(named, ByteSpan(dictionary.bytes()).subspan(4, 4));
    append(named, test::from_hex("00 00 03 08 00 00"));
    CHECK(code(named, &dictionary) == 0);
    named[6] = std::byte{0x39};
    CHECK(code(named, &dictionary) == 1007);
}

TEST_CASE("every proper prefix of a compressed body is refused, and so are trailing bytes", "[wire][packed]") {
    const Dictionary dictionary = test::sample_dictionary();
    SeededRandom random(78);
    for (const Dictionary* used : {static_cast<const Dictionary*>(nullptr), &dictionary}) {
        Bytes packed = pack_body(test::sample_content(random), used);
        REQUIRE(packed.front() != stored);
        for (std::size_t size = 0; size < packed.size(); ++size) CHECK(code(ByteSpan(packed).first(size), used) != 0);
        packed.push_back(std::byte{0});
        CHECK(code(packed, used) == 1007);
    }
}

TEST_CASE("any flipped bit of a packed body is refused or gives bytes within the limit", "[wire][packed][hostile]") {
    const Dictionary dictionary = test::sample_dictionary();
    SeededRandom random(79);
    for (const Dictionary* used : {static_cast<const Dictionary*>(nullptr), &dictionary}) {
        Bytes packed = pack_body(test::sample_content(random), used);
        for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
            packed[bit / 8] ^= std::byte{1} << (bit % 8);
            const int result = code(packed, used);
            if (result != 0 && result != 1002 && result != 1007 && result != 1009)
                FAIL("close code " << result << " at bit " << bit);
            packed[bit / 8] ^= std::byte{1} << (bit % 8);
        }
    }
}

TEST_CASE("the bodies of a tick share what they may inflate to", "[wire][packed][limits]") {
    const Bytes packed = pack_body(Bytes(1000), nullptr);
    REQUIRE(packed.front() == zstd);
    Limits left{.inflated_bytes_max = 1500, .inflated_total_max = 2500};
    CHECK(code(packed, nullptr, left) == 0);
    left.take_inflated(1000);
    CHECK(left.inflated_bytes_max == 1500);
    CHECK(code(packed, nullptr, left) == 0);
    left.take_inflated(1000);
    CHECK(left.inflated_bytes_max == 500);
    CHECK(code(packed, nullptr, left) == 1009);
    left.take_inflated(1000);
    CHECK(left.inflated_bytes_max == 0);
    CHECK(left.inflated_total_max == 0);
}
