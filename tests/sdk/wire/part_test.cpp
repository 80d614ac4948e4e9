// The 13 bytes in front of a piece: what they may say, and what else is refused.
#include "sdk/core/wire/part.h"

#include <catch2/catch.hpp>

#include "sdk/core/wire/codec.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::wire;
using test::from_hex;

namespace {

std::uint16_t refusal(const std::string& hex, const Limits& limits = {}) {
    const auto parsed = parse_message(from_hex(hex), limits);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().blame == Blame::Peer);
    return parsed.error().close_code;
}

}  // namespace

TEST_CASE("a part's piece is a view of the message", "[wire][part]") {
    const Bytes message = from_hex("14 01 05 00 00 00 02 00 00 00 09 00 00 00 61 62 63");
    const auto parsed = parse_message(message, Limits{});
    REQUIRE(parsed);
    const Part& part = std::get<Part>(*parsed);
    CHECK(part.lane == Part::Lane::Bulk);
    CHECK(part.id == 5);
    CHECK(part.offset == 2);
    CHECK(part.total == 9);
    CHECK(part.bytes.data() == message.data() + 14);
    CHECK(part.bytes.size() == 3);
}

TEST_CASE("a part without a piece, of no lane or beyond its transfer's end is not our grammar", "[wire][part]") {
    const Bytes whole = from_hex("14 00 00 00 00 00 00 00 00 00 02 00 00 00 61");
    for (std::size_t size = 1; size < whole.size(); ++size) {
        CAPTURE(size);
        const auto parsed = parse_message(ByteSpan(whole).first(size), Limits{});
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().close_code == 1002);
    }
    CHECK(parse_message(whole, Limits{}));
    CHECK(refusal("14 02 00 00 00 00 00 00 00 00 02 00 00 00 61") == 1002);
    CHECK(refusal("14 00 00 00 00 00 02 00 00 00 02 00 00 00 61") == 1002);
    CHECK(refusal("14 00 00 00 00 00 ff ff ff ff 02 00 00 00 61") == 1002);
    CHECK(refusal("14 00 00 00 00 00 00 00 00 00 00 00 00 00 61") == 1002);
    CHECK(refusal("14 00 01 00 00 00 00 00 00 00 02 00 00 00 61") == 1002);
}

TEST_CASE("what a part announces is bounded by its lane's limit", "[wire][part]") {
    const Limits limits{.message_bytes_max = 1000, .bulk_bytes_max = 2000};
    CHECK(parse_message(from_hex("14 00 00 00 00 00 00 00 00 00 e8 03 00 00 61"), limits));
    CHECK(refusal("14 00 00 00 00 00 00 00 00 00 e9 03 00 00 61", limits) == 1009);
    CHECK(parse_message(from_hex("14 01 00 00 00 00 00 00 00 00 d0 07 00 00 61"), limits));
    CHECK(refusal("14 01 00 00 00 00 00 00 00 00 d1 07 00 00 61", limits) == 1009);
    CHECK(refusal("14 01 00 00 00 00 00 00 00 00 ff ff ff ff 61", limits) == 1009);
}
