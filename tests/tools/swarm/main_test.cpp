// The program itself, against a real server in a thread: exit codes and counts. How long things take is nobody's promise here.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "samples/arena/match.h"
#include "sdk/net/socket.h"
#include "tests/support/certificate.h"
#include "tests/support/server_thread.h"
#include "tests/tools/program.h"
#include "tidewire/server.h"

using namespace tidewire;
using tidewire::test::Folder;

namespace {

class RunningServer {
public:
    explicit RunningServer(ServerOptions options = {}) : server_(test::on_loopback(std::move(options))) {
        server_.on_join([this](Sim& sim, Player player) {
            match_.join(sim, {.owner = player.id(), .name = player.name(), .bot = player.bot(), .seed = 1});
        });
        server_.on_tick([this](Sim& sim) { match_.advance(sim); });
        thread_.emplace(server_);
    }

    std::string url() const { return thread_->url(); }

private:
    arena::Match match_;
    Server<arena::Schema, arena::Rules> server_;
    std::optional<test::ServerThread<Server<arena::Schema, arena::Rules>>> thread_;
};

Finished swarm(const Folder& folder, const std::vector<std::string>& arguments) {
    return run_program(folder, TIDEWIRE_SWARM, arguments);
}

/// Of a run of about a second that measures from the beginning; `more` flags.
nlohmann::json report_of(const std::string& url, int exit_code, const std::vector<std::string>& more) {
    const Folder folder;
    std::vector<std::string> arguments{url,   "--clients", "20", "--seconds", "1",   "--ramp",
                                       "0.2", "--settle",  "0",  "--report",  "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = swarm(folder, arguments);
    INFO(finished.err << finished.out);
    CHECK(finished.exit_code == exit_code);
    return nlohmann::json::parse(finished.out);
}

}  // namespace

TEST_CASE("a swarm joins, plays and leaves, and its objectives decide the exit code", "[swarm][main]") {
    RunningServer server;
    const auto behaviour = GENERATE("wander", "fight", "idle", "stall");
    INFO(behaviour);
    const auto report = report_of(server.url(), 0,
                                  {"--behaviour", behaviour, "--threads", "2", "--slo",
                                   "joins_succeeded>19,joins_failed<1,disconnects<1,desyncs<1"});
    CHECK(report["joins"] == 20);
    CHECK(report["joins_succeeded"] == 20);
    CHECK(report["disconnect_reasons"].empty());
    CHECK(report["keyframes"].get<int>() >= 20);
    CHECK(report["inputs"].get<int>() > 0);
    CHECK(report["ticks_per_second"].get<double>() > 0);
    CHECK(report["bytes_in_per_second"].get<double>() > 0);
    CHECK(report["met"] == true);
}

TEST_CASE("a missed objective exits with 1, and the report says which", "[swarm][main]") {
    RunningServer server;
    const auto report = report_of(server.url(), 1, {"--predict", "--slo", "joins_succeeded>19,joins_succeeded>1000"});
    CHECK(report["joins_succeeded"] == 20);
    CHECK(report["objectives"][0]["met"] == true);
    CHECK(report["objectives"][1]["met"] == false);
}

TEST_CASE("clients that do not decode are in the game like the others", "[swarm][main]") {
    RunningServer server;
    const auto report = report_of(server.url(), 0, {"--probes", "3"});
    CHECK(report["probes"] == 3);
    CHECK(report["joins_succeeded"] == 20);
    CHECK(report["disconnects"] == 0);
    CHECK(report["keyframes"].get<int>() >= 20);
    CHECK(report["desyncs"] == 0);
}

TEST_CASE("clients that churn come back, and the server loses none that it did not lose before", "[swarm][main]") {
    RunningServer server({.resume_within = std::chrono::milliseconds(0)});
    const auto report = report_of(server.url(), 0, {"--behaviour", "churn", "--churn-rate", "100"});
    CHECK(report["joins_succeeded"].get<int>() > 20);
    CHECK(report["leaves"].get<int>() > 0);
    CHECK(report["joins_failed"] == 0);
    CHECK(report["disconnects"] == 0);
}

TEST_CASE("the server's own figures are in the report, for objectives as well", "[swarm][main]") {
    RunningServer server;
    const auto report = report_of(server.url(), 0, {"--metrics", "--slo", "server_rss_mb>0,server_tick_ms_p99>0"});
    CHECK(report["server_ticks_dropped"].is_number());
    CHECK(report["server_late_inputs"].is_number());
    CHECK(report["server_send_ms_p50"].is_number());
}

TEST_CASE("a swarm speaks TLS, and trusts whom it is told to", "[swarm][main]") {
    const auto certificate = tidewire::test::Certificate::self_signed();
    RunningServer server({.tls = certificate.server()});
    CHECK(report_of(server.url(), 0, {"--ca-file", certificate.certificate_file()})["joins_succeeded"] == 20);
    CHECK(report_of(server.url(), 0, {"--insecure"})["joins_succeeded"] == 20);
    const auto refused = report_of(server.url(), 3, {});
    CHECK(refused["joins_failed"] == 20);
    CHECK(refused["join_failures"].size() == 1);
}

TEST_CASE("a swarm shows the token that it is given", "[swarm][main]") {
    const Folder folder;
    ServerOptions options;
    options.admission.jwt.keys = {.file = folder.write("key", std::string_view("0123456789abcdef0123456789abcdef")),
                                  .format = JwtKeyFormat::Secret};
    RunningServer server(std::move(options));
    // For "swarm", until the year 2100.
    const std::string token =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzd2FybSIsImV4cCI6NDEwMjQ0NDgwMH0."
        "al1prCqTMnboyDr4Ra4YeYEI1u8_gmrFr05NqjgLni8";
    CHECK(report_of(server.url(), 0, {"--token", token})["joins_succeeded"] == 20);
    const auto refused = report_of(server.url(), 3, {});
    CHECK(refused["joins_failed"] == 20);
    REQUIRE(refused["join_failures"].size() == 1);
    CHECK_THAT(refused["join_failures"].begin().key(), Catch::Contains("token"));
}

TEST_CASE("who is turned away is counted by the server's reason", "[swarm][main]") {
    RunningServer server({.players_max = 15});
    const auto report = report_of(server.url(), 0, {});
    CHECK(report["joins_succeeded"] == 15);
    CHECK(report["joins_failed"] == 5);
    REQUIRE(report["join_failures"].size() == 1);
    CHECK_THAT(report["join_failures"].begin().key(), Catch::Contains("full"));
}

TEST_CASE("where nobody gets into the game it exits with 3 and says why", "[swarm][main]") {
    const Folder folder;
    auto listener = net::Listener::listen("127.0.0.1", 0);
    REQUIRE(listener);
    const std::string port = std::to_string(listener->port());
    *listener = net::Listener();
    const Finished finished = swarm(folder, {"ws://127.0.0.1:" + port, "--clients", "3", "--ramp", "0"});
    CHECK(finished.exit_code == 3);
    CHECK_THAT(finished.err, Catch::Contains("nobody got into the game: could not connect to ws://127.0.0.1:" + port +
                                             ": Connection refused; is the server running?"));
}

TEST_CASE("a command line that cannot work exits with 2 and says what would be right", "[swarm][main]") {
    const Folder folder;
    const struct {
        std::vector<std::string> arguments;
        std::string complaint;
    } cases[] = {
        {{}, "URL is required; see --help"},
        {{"http://localhost"}, "ws://"},
        {{"ws://localhost:1", "--clients", "0"}, "--clients"},
        {{"ws://localhost:1", "--behaviour", "dance"},
         "--behaviour: there is no \"dance\"; say one of wander, fight, idle, churn, stall; see --help"},
        {{"ws://localhost:1", "--churn-rate", "5"}, "--churn-rate is of --behaviour churn, and this is wander"},
        {{"ws://localhost:1", "--slo", "fun>1"}, "--slo: the objective \"fun>1\" is about \"fun\", which is no figure"},
        {{"ws://localhost:1", "--slo", "server_rss_mb<100"}, "which only --metrics asks it for"},
        {{"ws://localhost:1", "--threads", "9", "--clients", "8"}, "--threads: there are no more than --clients"},
        {{"ws://localhost:1", "--probes", "9", "--behaviour", "fight"},
         "--probes: clients that do not decode see nothing"},
        {{"ws://localhost:1", "--report", "xml"}, "--report"},
    };
    for (const auto& [arguments, complaint] : cases) {
        const Finished finished = swarm(folder, arguments);
        INFO(finished.err);
        CHECK(finished.exit_code == 2);
        CHECK(finished.out.empty());
        CHECK(finished.err.rfind("tidewire-swarm: ", 0) == 0);
        CHECK_THAT(finished.err, Catch::Contains(complaint));
    }
    const Finished help = swarm(folder, {"--help"});
    CHECK(help.exit_code == 0);
    CHECK_THAT(help.out, Catch::Contains("state_age_ms_p99") && Catch::Contains("Exit codes:"));
}

TEST_CASE("more clients than files may be open are refused before anybody joins", "[swarm][main]") {
    const Folder folder;
    const Finished finished =
        run_program(folder, "/bin/sh", {"-c", "ulimit -n 100; exec " TIDEWIRE_SWARM " ws://127.0.0.1:1 --clients 200"});
    CHECK(finished.exit_code == 2);
    CHECK_THAT(finished.err, Catch::Contains("200 clients need 264 open files, and this system allows 100"));
}
