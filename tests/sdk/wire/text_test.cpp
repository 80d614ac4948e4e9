// UTF-8: every code point, every wrong byte, and cutting without breaking.
#include "sdk/core/wire/text.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tidewire::wire;

namespace {

std::string utf8(unsigned point) {
    const auto byte = [](unsigned value) { return static_cast<char>(value); };
    if (point < 0x80) return {byte(point)};
    if (point < 0x800) return {byte(0xc0 | (point >> 6)), byte(0x80 | (point & 63))};
    if (point < 0x10000)
        return {byte(0xe0 | (point >> 12)), byte(0x80 | ((point >> 6) & 63)), byte(0x80 | (point & 63))};
    return {byte(0xf0 | (point >> 18)), byte(0x80 | ((point >> 12) & 63)), byte(0x80 | ((point >> 6) & 63)),
            byte(0x80 | (point & 63))};
}

}  // namespace

TEST_CASE("every code point but the surrogates is UTF-8, whole and nowhere cut", "[wire][text]") {
    unsigned wrong = 0;
    for (unsigned point = 0; point < 0x120000; ++point) {
        const std::string text = utf8(point);
        const bool proper = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
        if (is_utf8(text) != proper) ++wrong;
        for (std::size_t size = 1; size < text.size(); ++size)
            if (is_utf8(text.substr(0, size))) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("overlong forms and stray bytes are not UTF-8 (RFC 3629 10)", "[wire][text]") {
    for (const char* text : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\x80", "\xbf",
                             "\xf5\x80\x80\x80", "\xfe", "\xff", "a\xc3(", "\xe2\x28\xa1", "\xe2\x82\x28"})
        CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(""));
}

TEST_CASE("cutting leaves the longest beginning that is still UTF-8", "[wire][text]") {
    const std::string text = "a\xc3\xa4\xe6\xb3\xa2\xf0\x9f\x8c\x8a";
    const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t size = 0; size < std::size(expected); ++size) {
        CAPTURE(size);
        CHECK(cut_text(text, size) == text.substr(0, expected[size]));
        CHECK(is_utf8(cut_text(text, size)));
    }
}
