// The keyframe body: what it gives back, and what it refuses.
#include <catch2/catch.hpp>

#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/messages.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::wire;
using test::fields;
using test::MessageMaker;

TEST_CASE("every keyframe reads back as it was written", "[wire][keyframe]") {
    constexpr std::uint64_t seed = 77;
    CAPTURE(seed);
    MessageMaker maker(seed);
    Bytes inflated;
    for (int i = 0; i < 300; ++i) {
        const Keyframe keyframe = maker.keyframe();
        const Bytes body = encode(keyframe, 1 + i % 19);
        CHECK(body.front() == std::byte{0x11});
        const auto parsed = parse_keyframe(body, Limits{}, inflated);
        CAPTURE(i);
        REQUIRE(parsed);
        CHECK(fields(*parsed) == fields(keyframe));
        for (const KeyframeTable& table : parsed->tables)
            if (!table.planes.empty())
                CHECK((table.planes.data() >= inflated.data() &&
                       table.planes.data() + table.planes.size() <= inflated.data() + inflated.size()));
    }
}

TEST_CASE("a keyframe begins with the envelope of a zstd keyframe and nothing else", "[wire][keyframe]") {
    Bytes body = encode(Keyframe{.group = 1, .tick = 2, .tables = {}});
    Bytes inflated;
    REQUIRE(parse_keyframe(body, Limits{}, inflated));
    for (unsigned value = 0; value < 256; ++value) {
        body.front() = static_cast<std::byte>(value);
        const auto parsed = parse_keyframe(body, Limits{}, inflated);
        CAPTURE(value);
        CHECK(parsed.has_value() == (value == 0x11));
        if (!parsed) CHECK(parsed.error().close_code == 1002);
    }
    CHECK(parse_keyframe({}, Limits{}, inflated).error().close_code == 1002);
}

TEST_CASE("a keyframe beyond a limit is refused with 1009", "[wire][keyframe][limits]") {
    const Bytes planes(5000, std::byte{1});
    const Bytes body =
        encode(Keyframe{.group = 1, .tick = 2, .tables = {{.table = 1, .present = {}, .planes = planes}}});
    Bytes inflated;
    CHECK(parse_keyframe(body, {.inflated_bytes_max = 5100}, inflated));
    const auto inflated_too_big = parse_keyframe(body, {.inflated_bytes_max = 5000}, inflated);
    REQUIRE_FALSE(inflated_too_big);
    CHECK(inflated_too_big.error().close_code == 1009);
    const auto too_big = parse_keyframe(body, {.message_bytes_max = body.size() - 1}, inflated);
    REQUIRE_FALSE(too_big);
    CHECK(too_big.error().close_code == 1009);
}

TEST_CASE("every proper prefix of a keyframe is refused, and so are trailing bytes", "[wire][keyframe]") {
    MessageMaker maker(78);
    Bytes inflated;
    for (int i = 0; i < 10; ++i) {
        Bytes body = encode(maker.keyframe());
        for (std::size_t size = 0; size < body.size(); ++size)
            CHECK_FALSE(parse_keyframe(ByteSpan(body).first(size), Limits{}, inflated));
        body.push_back(std::byte{0});
        CHECK_FALSE(parse_keyframe(body, Limits{}, inflated));
    }
}

TEST_CASE("any flipped bit of a keyframe is refused or gives a keyframe within the limits", "[wire][keyframe]") {
    MessageMaker maker(79);
    Bytes inflated;
    for (int i = 0; i < 6; ++i) {
        Bytes body = encode(maker.keyframe());
        for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
            body[bit / 8] ^= std::byte{1} << (bit % 8);
            if (const auto parsed = parse_keyframe(body, Limits{}, inflated)) {
                Bytes again;
                CHECK(parse_keyframe(encode(*parsed), Limits{}, again));
            }
            body[bit / 8] ^= std::byte{1} << (bit % 8);
        }
    }
}
