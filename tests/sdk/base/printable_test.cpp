// What strangers write does not reach a terminal as commands.
#include "sdk/core/base/printable.h"

#include <catch2/catch.hpp>

using namespace tidewire;

TEST_CASE("control characters, line separators and turns of direction become question marks, all else stays", "[base][printable]") {
    CHECK(printable("plain, gr\xc3\xbc\xc3\x9f \xe6\xb3\xa2 \xf0\x9f\x8c\x8a") ==
          "plain, gr\xc3\xbc\xc3\x9f \xe6\xb3\xa2 \xf0\x9f\x8c\x8a");
    CHECK(printable("a\x1b[31mred\x7f\n") == "a?[31mred??");
    CHECK(printable("\xc2\x9b"
                    "31m \xc2\x80\xc2\x9f\xc2\xa0") == "?31m ??\xc2\xa0");
    CHECK(printable("\xe2\x80\xae"
                    "evil\xe2\x81\xa6") == "?evil?");
    CHECK(printable("line\xe2\x80\xa8line\xe2\x80\xa9") == "line?line?");
    CHECK(printable("\xe2\x80\x94") == "\xe2\x80\x94");
}

TEST_CASE("text that ends inside a character is no trouble", "[base][printable]") {
    CHECK(printable("\xc2") == "\xc2");
    CHECK(printable("\xe2\x80") == "\xe2\x80");
    CHECK(printable("").empty());
}
