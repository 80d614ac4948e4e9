// The file with the operator's token.
#include "server/main/admin_access.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::Folder;

TEST_CASE("the token is the first line of its file", "[server][admin]") {
    const Folder folder;
    const auto read = [&](std::string_view text) {
        return read_admin_token({.port = 1, .token_file = folder.write("token", text)});
    };
    CHECK(*read("0123456789abcdef\n") == "0123456789abcdef");
    CHECK(*read("0123456789abcdef") == "0123456789abcdef");
    CHECK(*read("0123456789ABCDEF-_.~+/=\r\nmore\n") == "0123456789ABCDEF-_.~+/=");
}

TEST_CASE("a file that holds no token is refused with how to make one, and not with what it holds", "[server][admin]") {
    const Folder folder;
    using Catch::Matchers::Contains;
    CHECK_THAT(read_admin_token({.port = 1}).error().message, Contains("--admin-token-file") && Contains("openssl rand"));
    CHECK_THAT(read_admin_token({.port = 1, .token_file = folder / "missing"}).error().message, Contains("cannot be read"));
    for (const std::string& bad : {std::string(), std::string("short"), std::string("has a space in it"), std::string(257, 'x')}) {
        const auto token = read_admin_token({.port = 1, .token_file = folder.write("token", bad + "\n")});
        REQUIRE_FALSE(token);
        CHECK_THAT(token.error().message, Contains("16 to 256") && Contains("openssl rand"));
        if (!bad.empty()) CHECK(token.error().message.find(bad) == std::string::npos);
    }
}
