// The arena's server, the real program: what it says to an operator without running a match.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "tests/tools/program.h"
#include "tidewire/authenticate.h"

using tidewire::test::Folder;

TEST_CASE("arena-server ticket prints a ticket that a server with the same keys lets in", "[arena][server]") {
    const Folder folder;
    folder.write("keys", std::string_view("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\n"));
    const Finished made = run_program(folder, TIDEWIRE_ARENA_SERVER,
                                      {"ticket", "--key-file", "keys", "--room", "2", "--player", "account-7", "--name",
                                       "Ann", "--seconds", "600"});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    REQUIRE(made.out.size() > 1);
    const auto door = tidewire::authenticate_by_ticket({.key_file = folder / "keys"});
    REQUIRE(door);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto verdict =
        door->authenticate({.token = std::string_view(made.out).substr(0, made.out.size() - 1), .now = now});
    REQUIRE(verdict);
    CHECK(verdict.identity().subject == "account-7");
    CHECK(verdict.identity().name == "Ann");
    CHECK(verdict.identity().room == "2");

    CHECK(run_program(folder, TIDEWIRE_ARENA_SERVER, {"ticket", "--key-file", "none", "--player", "p"}).exit_code == 1);
    CHECK(run_program(folder, TIDEWIRE_ARENA_SERVER, {"ticket"}).exit_code == 2);
}

TEST_CASE("arena-server starts for others than this machine only with a word on who comes in", "[arena][server]") {
    const Folder folder;
    const Finished refused = run_program(folder, TIDEWIRE_ARENA_SERVER, {"--address", "0.0.0.0", "--port", "0"});
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err.find("--anonymous") != std::string::npos);
    const Finished allowed = run_program(folder, TIDEWIRE_ARENA_SERVER,
                                         {"--address", "0.0.0.0", "--port", "0", "--anonymous", "--seconds", "1"});
    CHECK(allowed.exit_code == 0);
    CHECK(allowed.err.find("admission=\"anybody\"") != std::string::npos);
}
