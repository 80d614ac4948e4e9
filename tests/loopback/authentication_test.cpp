// Tokens over real sockets: a real Server by its key file, real Clients, and keys that change meanwhile.
#include <catch2/catch.hpp>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/folder.h"
#include "tests/support/server_thread.h"
#include "tidewire/client.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;

namespace {

using SampleClient = Client<SampleSchema, SampleRules>;

constexpr int updates_max = 600;  // at 60 Hz: ten seconds

const std::string old_secret = "0123456789abcdef0123456789abcdef";
const std::string old_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\n";
const std::string new_secret(32, 'z');
const std::string new_key = "enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno\n";

std::string ticket(const std::string& secret, const std::string& player = "account-7") {
    const auto soon = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + std::chrono::minutes(5);
    const auto made = make_ticket(secret, {.room = "1", .player = player, .expires = soon});
    REQUIRE(made);
    return *made;
}

class RunningServer {
public:
    explicit RunningServer(const std::string& key_file)
        : server_(test::on_loopback({.tick_rate = 60, .admission = {.tickets = {.key_file = key_file}}})) {
        server_.on_join([this](Player player) {
            const std::lock_guard lock(mutex_);
            subjects_.push_back(player.identity().subject);
        });
        thread_.emplace(server_);
    }

    void reload() { server_.reload(); }
    std::string url() const { return thread_->url(); }
    std::vector<std::string> subjects() const {
        const std::lock_guard lock(mutex_);
        return subjects_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> subjects_;
    Server<SampleSchema, SampleRules> server_;
    std::optional<test::ServerThread<Server<SampleSchema, SampleRules>>> thread_;
};

/// Until it plays or has ended: its error, or empty when it plays.
std::optional<Error> join(const std::string& url, const std::string& token) {
    SampleClient client(url, {.token = token});
    for (int i = 0; i < updates_max && client.update(); ++i)
        if (client.status() == ClientStatus::Playing) return std::nullopt;
    return client.error();
}

}  // namespace

TEST_CASE("a ticket lets in once, and who is turned away reads why", "[loopback][authentication]") {
    const test::Folder folder;
    RunningServer server(folder.write("keys", old_key));
    const std::string once = ticket(old_secret);
    CHECK_FALSE(join(server.url(), once));
    CHECK(server.subjects() == std::vector<std::string>{"account-7"});

    const auto again = join(server.url(), once);
    REQUIRE(again);
    CHECK(again->blame == Blame::Peer);
    CHECK(again->close_code == 4014);
    CHECK(again->message == "the ticket has been used before");
    const auto without = join(server.url(), "");
    REQUIRE(without);
    CHECK(without->close_code == 4010);
    const auto forged = join(server.url(), ticket(new_secret));
    REQUIRE(forged);
    CHECK(forged->close_code == 4011);
    CHECK(server.subjects().size() == 1);
}

TEST_CASE("reload() takes new keys, and keeps the old ones when the file is broken", "[loopback][authentication]") {
    const test::Folder folder;
    RunningServer server(folder.write("keys", old_key));
    folder.write("keys", "broken\n");
    server.reload();
    CHECK_FALSE(join(server.url(), ticket(old_secret, "before")));
    folder.write("keys", new_key);
    server.reload();
    // It is read in its own time; a ticket that is refused stays good.
    const std::string fresh = ticket(new_secret, "after");
    std::optional<Error> error = join(server.url(), fresh);
    for (int i = 0; i < 100 && error; ++i) error = join(server.url(), fresh);
    CHECK_FALSE(error);
    CHECK(server.subjects() == std::vector<std::string>{"before", "after"});
    const auto old = join(server.url(), ticket(old_secret, "too late"));
    REQUIRE(old);
    CHECK(old->close_code == 4011);
}

TEST_CASE("a token that cannot be sent is the program's fault, in a sentence", "[loopback][authentication]") {
    const auto in_url = join("ws://127.0.0.1:1/?Access_Token=s3cret", "");
    REQUIRE(in_url);
    CHECK(in_url->blame == Blame::Caller);
    CHECK(in_url->message.find("ClientOptions::token") != std::string::npos);
    CHECK(in_url->message.find("s3cret") == std::string::npos);

    const test::Folder folder;
    RunningServer server(folder.write("keys", old_key));
    const auto too_long = join(server.url(), std::string(4097, 'x'));
    REQUIRE(too_long);
    CHECK(too_long->message == "ClientOptions::token has 4097 bytes; it must be UTF-8 of at most 4096");
}
