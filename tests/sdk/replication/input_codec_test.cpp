// Inputs on the wire.

#include "sdk/core/replication/input_codec.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/sdk/replication/mutation.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Move;

namespace {

const StructLayout& layout() {
    static const StructLayout made(sample::schema().inputs[0]);
    return made;
}

Bytes encode(const Move& move) { return encode_input(layout(), reinterpret_cast<const std::byte*>(&move)); }

Result<Move> decode(ByteSpan bytes) {
    Move move;
    const auto decoded = decode_input(layout(), bytes, reinterpret_cast<std::byte*>(&move));
    if (!decoded) return Unexpected{decoded.error()};
    return move;
}

}  // namespace

TEST_CASE("an input is its scalars as zigzag varints", "[replication][input]") {
    CHECK(test::to_hex(encode({.dx = -1, .aim = 1.5F})) == "01 b8 17");
    const auto decoded = decode(test::from_hex("01 b8 17"));
    REQUIRE(decoded);
    CHECK(*decoded == Move{.dx = -1, .aim = 1.5F});
}

TEST_CASE("what a client may not want is held at the edge before it is sent", "[replication][input]") {
    CHECK(*decode(encode({.dx = 100, .aim = 1e9F})) == Move{.dx = 1, .aim = 3.2F});
    CHECK(*decode(encode({.dx = 0, .aim = std::numeric_limits<float>::quiet_NaN()})) == Move{.dx = 0, .aim = 0});
}

TEST_CASE("prefixes, trailing bytes, long varints and values out of range are refused", "[replication][input]") {
    const auto refused = [](const char* hex, const char* part) {
        const auto decoded = decode(test::from_hex(hex));
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().blame == Blame::Peer);
        CHECK(decoded.error().close_code == 1007);
        CHECK_THAT(decoded.error().message, Catch::Contains(part));
    };
    refused("", "end within sample.Move");
    refused("01", "end within sample.Move");
    refused("01 b8", "end within sample.Move");
    refused("01 b8 17 00", "1 bytes too many after sample.Move");
    refused("81 00 b8 17", "end within");
    refused("04 b8 17", "sample.Move.dx is 2 on the wire, outside the schema's range");
    refused("01 ff ff ff ff 0f", "sample.Move.aim is -2147483648");
}

TEST_CASE("whatever input is accepted satisfies the schema", "[replication][input]") {
    SeededRandom random(21);
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        const Move given{.dx = static_cast<std::int8_t>(random.below(256)), .aim = random.range(-4, 4)};
        const auto decoded = decode(testing::mutated(encode(given), random));
        if (!decoded) continue;
        ++accepted;
        REQUIRE((decoded->dx >= -1 && decoded->dx <= 1));
        REQUIRE((decoded->aim >= -3.2F && decoded->aim <= 3.2F));
    }
    CHECK(accepted > 100);
}
