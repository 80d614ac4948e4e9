// UTF-8: every valid code point, every way to be invalid, and how early that is seen.
#include "sdk/core/base/utf8.h"

#include "tests/sdk/ws/endpoint.h"
#include "tests/sdk/ws/splits.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

namespace {

std::string encode(unsigned code) {
    std::string out;
    const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
    return out;
}

/// How many bytes are accepted before the first that is refused; npos when none is.
std::size_t first_refused(ByteSpan bytes) {
    Utf8Validator validator;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (!validator.receive(bytes.subspan(i, 1))) return i;
    return std::string::npos;
}

}  // namespace

TEST_CASE("RFC 3629: every code point but the surrogates is valid, alone and behind ASCII", "[ws][utf8]") {
    bool right = true;
    for (unsigned code = 0; code <= 0x10ffff; ++code) {
        const std::string text = encode(code);
        right = right && valid_utf8(as_bytes(text)) == (code < 0xd800 || code > 0xdfff);
        right = right && valid_utf8(as_bytes("abcdefghi" + text + "jklmnopqrst")) == (code < 0xd800 || code > 0xdfff);
    }
    CHECK(right);
}

TEST_CASE("RFC 3629: what no code point is, is refused at the first byte that shows it", "[ws][utf8]") {
    const std::vector<std::pair<const char*, std::size_t>> rows = {
        {"80", 0},          {"bf", 0},
        {"c0 80", 0},       {"c1 bf", 0},
        {"c2 20", 1},       {"e0 9f bf", 1},
        {"e0 80 80", 1},    {"ed a0 80", 1},
        {"ed bf bf", 1},    {"f0 8f bf bf", 1},
        {"f4 90 80 80", 1}, {"f5 80 80 80", 0},
        {"f8 88 80 80", 0}, {"fe", 0},
        {"ff", 0},          {"e2 82 20", 2},
        {"f0 90 80 c0", 3}, {"61 62 80", 2},
        {"c3 a4 ff", 2},    {"f7 bf bf bf", 0},
        {"e2 28 a1", 1},    {"61 62 63 64 65 66 67 68 69 ff", 9},
    };
    for (const auto& [hex, at] : rows) {
        INFO(hex);
        const Bytes bytes = from_hex(hex);
        CHECK(first_refused(bytes) == at);
        CHECK_FALSE(same_at_every_split(bytes, [](const Pieces& pieces) {
            Utf8Validator validator;
            bool valid = true;
            for (const ByteSpan piece : pieces) valid = validator.receive(piece) && valid;
            return valid;
        }));
    }
}

TEST_CASE("a code point that is cut off is neither refused nor complete", "[ws][utf8]") {
    for (const char* hex : {"c3", "e2 82", "f0 9f 98", "61 62 63 64 65 66 67 68 e2"}) {
        Utf8Validator validator;
        CHECK(validator.receive(from_hex(hex)));
        CHECK_FALSE(validator.complete());
        CHECK_FALSE(valid_utf8(from_hex(hex)));
    }
}

TEST_CASE("a text is cut between code points", "[ws][utf8]") {
    CHECK(cut_utf8("abc", 3) == "abc");
    CHECK(cut_utf8("abcd", 3) == "abc");
    CHECK(cut_utf8("a\xc3\xa4", 2) == "a");
    CHECK(cut_utf8("a\xf0\x9f\x98\x80z", 4) == "a");
    CHECK(cut_utf8("a\xf0\x9f\x98\x80z", 5) == "a\xf0\x9f\x98\x80");
}
