// Records: what they say, what they leave out, and that a hostile one changes nothing but the error message.

#include "sdk/core/replication/record.h"

#include <catch2/catch.hpp>
#include <limits>

#include "sdk/core/base/utf8.h"
#include "tests/sdk/replication/mutation.h"
#include "tests/sdk/replication/sample_schema.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::replication;
using sample::Name;
using test::from_hex;
using test::to_hex;

namespace {

const StructInfo& info() { return sample::schema().components[component_index<Name>]; }

Bytes encode(const Name& name) {
    QuantizeCounters counters;
    Bytes bytes = encode_record(info(), &name, counters);
    CHECK(counters == QuantizeCounters{});
    return bytes;
}

Name decode(ByteSpan bytes) {
    Name name{.text = "old", .level = 1, .badges = 2, .ratio = 3, .exact = 4, .hidden = true, .lives = 5, .items = {6}};
    const auto decoded = decode_record(info(), bytes, &name);
    if (!decoded) FAIL(decoded.error().message);
    return name;
}

/// What becomes of a value that the schema does not allow.
Name fitted(const Name& name, const QuantizeCounters& expected) {
    QuantizeCounters counters;
    const Bytes bytes = encode_record(info(), &name, counters);
    CHECK(counters == expected);
    return decode(bytes);
}

void check_refused(const char* hex, const std::string& sentence) {
    CAPTURE(hex);
    Name name{.text = "untouched", .items = {1, 2}};
    const Name before = name;
    const auto decoded = decode_record(info(), from_hex(hex), &name);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().blame == Blame::Peer);
    CHECK(decoded.error().close_code == 1007);
    CHECK(decoded.error().message == sentence);
    CHECK(name == before);
    CHECK_FALSE(check_record(info(), from_hex(hex)));
}

}  // namespace

TEST_CASE("a record is the fields that are not zero, each behind its gap and type", "[replication][record]") {
    CHECK(encode({}).empty());
    CHECK(to_hex(encode({.text = "Ann"})) == "03 03 41 6e 6e");
    CHECK(to_hex(encode({.level = -2})) == "04 03");
    CHECK(to_hex(encode({.badges = 300})) == "08 ac 02");
    CHECK(to_hex(encode({.ratio = 0.25F})) == "0d 00 00 80 3e");
    CHECK(to_hex(encode({.exact = -2})) == "12 00 00 00 00 00 00 00 c0");
    CHECK(to_hex(encode({.text = "A", .level = 1, .hidden = true, .lives = 4, .items = {7, 0}})) ==
          "03 01 41 00 02 0c 01 00 04 03 02 07 00");
}

TEST_CASE("a decoded record is the aggregate that was encoded", "[replication][record]") {
    using UInt64 = std::numeric_limits<std::uint64_t>;
    const Name cases[] = {
        {},
        {.text = "Zo\xc3\xab \xf0\x9f\x8c\x8a", .level = 100, .badges = UInt64::max(), .ratio = 0.3F, .exact = 1e9},
        {.level = -100, .badges = 1, .ratio = -0.3F, .exact = 5e-324, .hidden = true, .lives = 9},
        {.ratio = 1e-45F, .items = std::vector<std::uint8_t>(40, 0xff)},
    };
    for (const Name& name : cases) {
        const Bytes bytes = encode(name);
        CHECK(decode(bytes) == name);
        for (std::size_t size = 1; size < bytes.size(); ++size) {
            // A prefix is refused, or it ends between two fields.
            Name cut;
            if (decode_record(info(), ByteSpan(bytes).first(size), &cut)) CHECK(encode(cut).size() == size);
        }
    }
}

TEST_CASE("what does not fit is made to and counted", "[replication][record]") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(fitted({.level = 101}, {.saturated = 1, .nan = 0}) == Name{.level = 100});
    CHECK(fitted({.level = -2147483647 - 1}, {.saturated = 1, .nan = 0}) == Name{.level = -100});
    CHECK(fitted({.ratio = 1, .exact = -1e300}, {.saturated = 2, .nan = 0}) == Name{.ratio = 0.3F, .exact = -1e9});
    CHECK(fitted({.ratio = nan, .exact = static_cast<double>(nan)}, {.saturated = 0, .nan = 2}) == Name{});
    CHECK(fitted({.lives = 0}, {.saturated = 1, .nan = 0}) == Name{.lives = 3});
    CHECK(fitted({.lives = 10}, {.saturated = 1, .nan = 0}) == Name{.lives = 9});
    CHECK(fitted({.text = std::string(30, 'x')}, {.saturated = 1, .nan = 0}) == Name{.text = std::string(24, 'x')});
    const std::string euro = "\xe2\x82\xac";
    CHECK(fitted({.text = std::string(22, 'x') + euro}, {.saturated = 1, .nan = 0}) ==
          Name{.text = std::string(22, 'x')});
    CHECK(fitted({.text = "a\xff"}, {.saturated = 1, .nan = 0}) == Name{});
    CHECK(fitted({.items = std::vector<std::uint8_t>(41, 1)}, {.saturated = 1, .nan = 0}) ==
          Name{.items = std::vector<std::uint8_t>(40, 1)});
}

TEST_CASE("what would be cut is known before", "[replication][record]") {
    const auto cut = [](const Name& name) { return first_cut(info(), &name); };
    CHECK(cut({.text = std::string(24, 'x'), .level = 101, .items = std::vector<std::uint8_t>(40, 1)}).empty());
    CHECK(cut({.text = std::string(25, 'x')}) == "sample.Name.text has 25 bytes, more than the 24 of its range");
    CHECK(cut({.items = std::vector<std::uint8_t>(41, 1)}) ==
          "sample.Name.items has 41 bytes, more than the 40 of its range");
    CHECK(cut({.text = "a\xff"}) == "sample.Name.text is not UTF-8");
}

TEST_CASE("fields that only a newer schema knows are passed over", "[replication][record]") {
    // The last id here is 7.
    CHECK(decode(from_hex("0d 00 00 00 3e  13 02 ff ff")) == Name{.ratio = 0.125F});
    CHECK(decode(from_hex("1f 01 aa  02 00 00 00 00 00 00 f8 7f")) == Name{.items = {0xaa}});
    CHECK(decode(from_hex("23 03 01 02 03  fd ff ff ff 0f 01 02 03 04")) == Name{});
    CHECK(decode(from_hex("03 00  00 00")) == Name{});
}

TEST_CASE("a refused record says which field, and writes nothing", "[replication][record]") {
    check_refused("03", "sample.Name ends within a field");
    check_refused("03 02 41", "sample.Name ends within a field");
    check_refused("80", "sample.Name ends within a field");
    check_refused("80 00 00", "sample.Name ends within a field");
    check_refused("04", "sample.Name ends within a field");
    check_refused("04 80 00", "sample.Name ends within a field");
    check_refused("08 ff ff ff ff ff ff ff ff ff 02", "sample.Name ends within a field");
    check_refused("0d 00 00 80", "sample.Name ends within a field");
    check_refused("03 ff ff ff ff 0f", "sample.Name ends within a field");
    check_refused("03 01 41 ff", "sample.Name ends within a field");
    check_refused("00 01", "sample.Name.text has another type on the wire");
    check_refused("05 00 00 00 00", "sample.Name.level has another type on the wire");
    check_refused("0e 00 00 00 00 00 00 00 00", "sample.Name.ratio has another type on the wire");
    check_refused("04 ca 01", "sample.Name.level is 101 on the wire, outside the schema's range");
    check_refused("04 ff ff ff ff 1f", "sample.Name.level is -4294967296 on the wire, outside the schema's range");
    check_refused("14 02", "sample.Name.hidden is 2 on the wire, outside the schema's range");
    check_refused("18 02", "sample.Name.lives is 2 on the wire, outside the schema's range");
    check_refused("0d 00 00 c0 7f", "sample.Name.ratio is nan on the wire, outside the schema's range");
    check_refused("12 00 00 00 00 00 00 f0 7f", "sample.Name.exact is inf on the wire, outside the schema's range");
    check_refused("03 01 ff", "sample.Name.text is no UTF-8");
    check_refused(std::string("03 19").append(50, '4').c_str(), "sample.Name.text has 25 bytes, more than its 24");
}

TEST_CASE("a record is cut at its limit, and a longer one is refused", "[replication][record]") {
    struct Two {
        std::string a;
        std::vector<std::uint8_t> b;
        std::uint64_t c = 0;
    };
    const RecordFieldInfo fields[] = {
        {"a", RecordType::Text, Scalar::UInt8, 0, offsetof(Two, a), 0, 1e6},
        {"b", RecordType::Bytes, Scalar::UInt8, 1, offsetof(Two, b), 0, 1e6},
        {"c", RecordType::Number, Scalar::UInt64, 2, offsetof(Two, c), 0, 0x1p64},
    };
    const StructInfo two{
        .name = "test.Two", .size = sizeof(Two), .alignment = alignof(Two), .is_table = true, .record = fields};
    for (const std::size_t size : {100U, 16300U, 16370U, 16375U, 16379U, 16380U, 16381U, 16384U, 20000U}) {
        CAPTURE(size);
        QuantizeCounters counters;
        const Two given{std::string(size, 'x'), std::vector<std::uint8_t>(50, 1), ~std::uint64_t{0}};
        const Bytes bytes = encode_record(two, &given, counters);
        CHECK(bytes.size() <= record_bytes_max);
        CHECK((counters.saturated > 0) == (size > 16300));
        Two back;
        REQUIRE(decode_record(two, bytes, &back));
        CHECK(back.a.size() == std::min<std::size_t>(size, 16380));
    }
    // A field that nobody knows, one byte beyond.
    Bytes longer = from_hex("23 fd 7f");
    longer.resize(record_bytes_max + 1);
    Two back;
    const auto decoded = decode_record(two, longer, &back);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().message == "test.Two has 16385 bytes, more than a record's 16384");
}

TEST_CASE("the first difference of two records is that of a field", "[replication][record]") {
    const auto difference = [](const Name& actual, const Name& expected) {
        return first_record_difference(info(), encode(actual), encode(expected));
    };
    CHECK(difference({.text = "Bo"}, {.text = "Bo"}) == "");
    CHECK(difference({.text = "Bo\n"}, {.text = "Ann"}) == "sample.Name.text is \"Bo?\", expected \"Ann\"");
    CHECK(difference({}, {.level = -3}) == "sample.Name.level is 0, expected -3");
    CHECK(difference({.lives = 5}, {}) == "sample.Name.lives is 5, expected 3");
    CHECK(difference({.items = {1, 2}}, {}) == "sample.Name.items is 2 bytes, expected 0 bytes");
    CHECK_THAT(first_record_difference(info(), from_hex("20 05"), {}), Catch::Contains("does not know"));
}

TEST_CASE("whatever record is accepted satisfies the schema and travels on", "[replication][record]") {
    SeededRandom random(9);
    int accepted = 0;
    for (int i = 0; i < 30000; ++i) {
        Name given{.text = "Zo\xc3\xab",
                   .level = static_cast<std::int32_t>(random.below(201)) - 100,
                   .badges = random.next() >> random.below(64),
                   .ratio = random.range(-0.3F, 0.3F),
                   .exact = static_cast<double>(random.range(-1e9F, 1e9F)),
                   .hidden = random.below(2) == 0,
                   .lives = static_cast<std::uint16_t>(3 + random.below(7)),
                   .items = std::vector<std::uint8_t>(random.below(41), 5)};
        const Bytes damaged = testing::mutated(encode(given), random);
        Name name;
        if (!decode_record(info(), damaged, &name)) continue;
        ++accepted;
        REQUIRE((name.level >= -100 && name.level <= 100));
        REQUIRE((name.lives >= 3 && name.lives <= 9));
        REQUIRE((name.ratio >= -0.3F && name.ratio <= 0.3F));
        REQUIRE((name.exact >= -1e9 && name.exact <= 1e9));
        REQUIRE(name.text.size() <= 24);
        REQUIRE(valid_utf8(as_bytes(name.text)));
        REQUIRE(name.items.size() <= 40);
        REQUIRE(decode(encode(name)) == name);
    }
    CHECK(accepted > 1000);
}
