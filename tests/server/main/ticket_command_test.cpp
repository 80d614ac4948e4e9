// `SERVER ticket`: what it prints is let in by the same key, and what it refuses it says why.
#include "server/main/ticket_command.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "server/gate/key_set.h"
#include "server/gate/ticket_book.h"
#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server;
using Catch::Matchers::Contains;

namespace {

constexpr SystemTime now{std::chrono::seconds(1'800'000'000)};
const std::string keys = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\nenp6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno\n";

FlagsAnswer run(const std::vector<std::string>& flags) {
    std::vector<const char*> argv = {"ticket"};
    for (const std::string& flag : flags) argv.push_back(flag.c_str());
    return ticket_command(static_cast<int>(argv.size()), argv.data(), now);
}

}  // namespace

TEST_CASE("a printed ticket is good for its room, its player and its time", "[server][ticket]") {
    const test::Folder folder;
    const FlagsAnswer answer = run({"--key-file", folder.write("keys", keys), "--room", "3", "--player", "account-7",
                                    "--seconds", "30"});
    INFO(answer.error);
    REQUIRE(answer.exit_code == 0);
    CHECK(answer.error.empty());
    REQUIRE_FALSE(answer.output.empty());
    CHECK(answer.output.back() == '\n');
    const std::string ticket = answer.output.substr(0, answer.output.size() - 1);
    const auto book = [] { return TicketBook(*parse_ticket_keys(keys), 10); };
    const Verdict verdict = book().redeem(ticket, "", now + std::chrono::seconds(29));
    REQUIRE(verdict);
    CHECK(verdict.identity().room == "3");
    CHECK(verdict.identity().subject == "account-7");
    CHECK(verdict.identity().name == "account-7");
    CHECK(book().redeem(ticket, "", now + std::chrono::seconds(30)).refusal().kind == Refusal::Kind::Expired);
    // Another one each time.
    CHECK(run({"--key-file", folder / "keys", "--player", "account-7"}).output != answer.output);
}

TEST_CASE("a ticket that cannot be made is refused in a sentence", "[server][ticket]") {
    const test::Folder folder;
    const std::string file = folder.write("keys", keys);
    const auto refused = [](const std::vector<std::string>& flags, int exit_code) {
        const FlagsAnswer answer = run(flags);
        CHECK(answer.exit_code == exit_code);
        CHECK(answer.output.empty());
        return answer.error;
    };
    CHECK_THAT(refused({}, 2), Contains("--key-file") && Contains("--help"));
    CHECK_THAT(refused({"--key-file", file}, 2), Contains("--player"));
    CHECK_THAT(refused({"--key-file", folder / "none", "--player", "p"}, 1), Contains("none"));
    CHECK_THAT(refused({"--key-file", folder.write("bad", "short\n"), "--player", "p"}, 1), Contains("32 bytes"));
    CHECK_THAT(refused({"--key-file", file, "--player", "a\nb"}, 2), Contains("printable"));
    CHECK_THAT(refused({"--key-file", file, "--player", "p", "--seconds", "0"}, 2), Contains("--seconds"));
    const FlagsAnswer help = run({"--help"});
    CHECK(help.exit_code == 0);
    CHECK_THAT(help.output, Contains("--key-file") && Contains("openssl rand"));
}
