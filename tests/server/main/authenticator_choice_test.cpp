// Who decides on who comes in: nobody by accident, and one at most.
#include "server/main/authenticator_choice.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/folder.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::server;
using Catch::Matchers::Contains;

namespace {

const Authenticator of_game{.authenticate = [](const JoinRequest&) -> Verdict { return Identity{}; }};

std::string name_of(const ServerOptions& options, const Authenticator& game = {}) {
    const auto choice = choose_authenticator(options, game);
    if (!choice) CHECK(choice.error().blame == Blame::Caller);
    if (choice) CHECK(choice->authenticator.authenticate);
    return choice ? choice->name : choice.error().message;
}

}  // namespace

TEST_CASE("without a word anybody comes in from this machine, and nobody from others", "[server][authenticator]") {
    CHECK(name_of({}) == "anybody on this machine");
    CHECK(name_of({.address = "::1"}) == "anybody on this machine");
    CHECK(name_of({.address = "127.0.0.9"}) == "anybody on this machine");
    for (const char* address : {"0.0.0.0", "::", "192.0.2.1"}) {
        INFO(address);
        CHECK_THAT(name_of({.address = address}), Contains("--anonymous") && Contains("--ticket-key-file") &&
                                                      Contains("--jwt-keys") && Contains("--address 127.0.0.1"));
        CHECK(name_of({.address = address, .admission = {.anonymous = true}}) == "anybody");
        CHECK(name_of({.address = address}, of_game) == "the game decides");
    }
    CHECK_THAT(name_of({.trusted_proxies = {"127.0.0.1"}}), Contains("by its proxies") && Contains("--anonymous"));
}

TEST_CASE("what excludes each other is refused with its flags", "[server][authenticator]") {
    const test::Folder folder;
    const std::string file = folder.write("key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\n");
    ServerOptions options{.admission = {.tickets = {.key_file = file}}};
    CHECK(name_of(options) == "tickets");
    CHECK_THAT(name_of(options, of_game), Contains("leave out"));
    options.admission.anonymous = true;
    CHECK_THAT(name_of(options), Contains("say one"));
    options = {};
    options.admission.jwt.keys = {.file = file, .format = JwtKeyFormat::SecretBase64Url};
    CHECK(name_of(options) == "tokens");
    options.admission.tickets.key_file = file;
    CHECK_THAT(name_of(options), Contains("say one"));
    CHECK_THAT(name_of({.admission = {.jwt = {.rules = {.issuer = "me"}}}}), Contains("--jwt-keys"));
    CHECK_THAT(name_of({.admission = {.joins = {.burst = 0}}}), Contains("--joins-burst"));
    CHECK_THAT(name_of({.admission = {.joins = {.per_second = 1e-9}}}), Contains("--joins-per-second"));
    CHECK_THAT(name_of({.admission = {.joins = {.per_second = -1}}}), Contains("--joins-per-second"));
    CHECK(name_of({.admission = {.joins = {.per_second = 0}}}) == "anybody on this machine");

    const auto missing = choose_authenticator({.admission = {.tickets = {.key_file = folder / "none"}}}, {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().blame == Blame::Machine);
}

TEST_CASE("a server that others can reach does not start without a word on who comes in", "[server][authenticator]") {
    Server<sim::SampleSchema, sim::SampleRules> server({.address = "0.0.0.0", .port = 0});
    const auto listening = server.listen();
    REQUIRE_FALSE(listening);
    CHECK_THAT(listening.error().message, Contains("nothing says who may come in") && Contains("0.0.0.0"));
    server.on_authenticate([](const JoinRequest&) -> Verdict { return Identity{}; });
    CHECK(server.listen());
}
