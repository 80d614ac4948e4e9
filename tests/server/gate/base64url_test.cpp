// One text for each run of bytes, and none beside it.
#include "server/gate/base64url.h"

#include <catch2/catch.hpp>

#include "server/gate/hmac_sha256.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::server;

TEST_CASE("RFC 4648 10 and RFC 7515 C: bytes are written without padding and read back", "[gate][base64url]") {
    CHECK(to_base64url({}).empty());
    CHECK(to_base64url(as_bytes("f")) == "Zg");
    CHECK(to_base64url(as_bytes("fo")) == "Zm8");
    CHECK(to_base64url(as_bytes("foo")) == "Zm9v");
    CHECK(to_base64url(as_bytes("foobar")) == "Zm9vYmFy");
    CHECK(to_base64url(test::from_hex("03 ec ff e0 c1")) == "A-z_4ME");
    Bytes bytes;
    for (unsigned i = 0; i < 256; ++i) {
        bytes.push_back(static_cast<std::byte>(i * 7));
        CHECK(parse_base64url(to_base64url(bytes)) == bytes);
    }
}

TEST_CASE("no second text of the same bytes is read", "[gate][base64url]") {
    for (const char* text :
         {"Zg==", "Zg=", "Zh", "Zm9", "Zm9vYg ", " Zm9v", "Zm9v\n", "Zm9vY", "Z", "Zm+v", "Zm/v", "Zm\x80v"})
        CHECK_FALSE(parse_base64url(text));
}

TEST_CASE("a comparison in constant time is a comparison", "[gate][base64url]") {
    CHECK(equal_in_constant_time({}, {}));
    CHECK(equal_in_constant_time(as_bytes("same"), as_bytes("same")));
    CHECK_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sama")));
    CHECK_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sam")));
}

TEST_CASE("RFC 4231 4.3: HMAC-SHA-256 with a short key", "[gate][base64url]") {
    const auto code = HmacSha256(as_bytes("Jefe")).of(as_bytes("what do ya want for nothing?"));
    CHECK(test::to_hex(code) ==
          test::to_hex(test::from_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")));
}
