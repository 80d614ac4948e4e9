// The ready-made hooks, whole.
#include "tidewire/authenticate.h"

#include <catch2/catch.hpp>

#include "tests/server/gate/jwt_signer.h"
#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server::test;

namespace {

constexpr SystemTime now{std::chrono::seconds(1'700'000'000)};
const std::string secret = "0123456789abcdef0123456789abcdef";

std::string token(const std::string& more) {
    return signed_by(secret, R"({"alg":"HS256"})", R"({"sub":"p","exp":1700000060)" + more + "}");
}

}  // namespace

TEST_CASE("a token that names a room lets into that one", "[gate][authenticate]") {
    const tidewire::test::Folder folder;
    const auto door =
        authenticate_by_jwt({.keys = {.file = folder.write("key", secret + "\n"), .format = JwtKeyFormat::Secret}});
    REQUIRE(door);
    const auto judge = [&](const std::string& text, std::string_view room) {
        return to_words(door->authenticate({.token = text, .room = room, .now = now}));
    };
    CHECK(judge(token(R"(,"room":"r1")"), "r1") == "admitted");
    CHECK(judge(token(R"(,"room":"r1")"), "") == "admitted");
    CHECK(judge(token(R"(,"room":"r1")"), "r2") == "WrongRoom");
    CHECK(judge(token(""), "r2") == "admitted");
    CHECK(judge("", "r1") == "NoToken");
    folder.write("key", "short");
    CHECK_FALSE(door->reload());
    CHECK(judge(token(""), "r2") == "admitted");
}

TEST_CASE("single-use tokens need an id, and are good once until the leeway is over", "[gate][authenticate]") {
    const tidewire::test::Folder folder;
    const auto door =
        authenticate_by_jwt({.keys = {.file = folder.write("key", secret), .format = JwtKeyFormat::Secret},
                             .single_use = true,
                             .spent_max = 1});
    REQUIRE(door);
    const auto judge = [&](const std::string& text, int seconds = 0) {
        return to_words(door->authenticate({.token = text, .now = now + std::chrono::seconds(seconds)}));
    };
    CHECK(judge(token("")) == "Malformed");
    CHECK(judge(token(R"(,"jti":"1")")) == "admitted");
    CHECK(judge(token(R"(,"jti":"1")"), 89) == "Replayed");
    CHECK(judge(token(R"(,"jti":"1")"), 90) == "Expired");
    CHECK(judge(token(R"(,"jti":"2")")) == "Full");
}

TEST_CASE("a ticket by the library call is let in by the hook", "[gate][authenticate]") {
    const tidewire::test::Folder folder;
    const auto door = authenticate_by_ticket({.key_file = folder.write("key", text64(secret) + "\n")});
    REQUIRE(door);
    const auto ticket = make_ticket(secret, {.room = "r1", .player = "p", .expires = now + std::chrono::seconds(9)});
    REQUIRE(ticket);
    CHECK(to_words(door->authenticate({.token = *ticket, .room = "r1", .now = now})) == "admitted");
    CHECK(to_words(door->authenticate({.token = *ticket, .room = "r1", .now = now})) == "Replayed");
    folder.write("key", "");
    CHECK_FALSE(door->reload());
    CHECK_FALSE(authenticate_by_ticket({.key_file = folder / "none"}));
}

TEST_CASE("anonymous players have a name and no subject", "[gate][authenticate]") {
    const Authenticator door = anonymous();
    const Verdict verdict = door.authenticate({.player_name = "Ann", .token = "whatever"});
    REQUIRE(verdict);
    CHECK(verdict.identity().name == "Ann");
    CHECK(verdict.identity().subject.empty());
    CHECK(to_words(door.authenticate({.player_name = "a\nb"})) == "Malformed");
}
