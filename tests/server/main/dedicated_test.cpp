// The command line of a dedicated server, called as main() calls it: exit codes, and a clean stop on a signal.
#include <catch2/catch.hpp>
#include <csignal>
#include <initializer_list>
#include <string>
#include <vector>

#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;

namespace {

using SampleServer = Server<SampleSchema, SampleRules>;

int run(SampleServer& server, std::initializer_list<const char*> flags) {
    std::vector<const char*> argv = {"sample-server"};
    argv.insert(argv.end(), flags);
    return run_dedicated(server, static_cast<int>(argv.size()), argv.data());
}

int run(std::initializer_list<const char*> flags) {
    SampleServer server;
    return run(server, flags);
}

}  // namespace

TEST_CASE("flags that cannot work end with 2", "[server][dedicated]") {
    CHECK(run({"--no-such-flag"}) == 2);
    CHECK(run({"stray"}) == 2);
    CHECK(run({"--port"}) == 2);
    CHECK(run({"--port", "70000"}) == 2);
    CHECK(run({"--port", "-1"}) == 2);
    CHECK(run({"--tick-rate", "0"}) == 2);
    CHECK(run({"--tick-rate", "thirty"}) == 2);
    CHECK(run({"--port", "0", "--players-max", "4", "--bots", "5"}) == 2);
    CHECK(run({"--port", "0", "--proxy-protocol"}) == 2);
    CHECK(run({"--port", "0", "--origin", "foo"}) == 2);
    CHECK(run({"--port", "0", "--players-max", "64", "--connections-max", "10"}) == 2);
}

TEST_CASE("--help and --version end with 0", "[server][dedicated]") {
    CHECK(run({"--help"}) == 0);
    CHECK(run({"--version"}) == 0);
}

TEST_CASE("a port in use ends with 1", "[server][dedicated]") {
    SampleServer first({.address = "127.0.0.1", .port = 0});
    REQUIRE(first.listen());
    const std::string port = std::to_string(first.port());
    CHECK(run({"--address", "127.0.0.1", "--port", port.c_str()}) == 1);
}

TEST_CASE("SIGTERM, SIGINT and without a certificate SIGHUP stop the server cleanly, in the middle of a tick too",
          "[server][dedicated]") {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        SampleServer server;
        Tick last = 0;
        server.on_tick([&](Sim& sim) {
            last = sim.tick();
            if (last == 3) std::raise(signal);
        });
        CHECK(run(server, {"--address", "127.0.0.1", "--port", "0", "--tick-rate", "128", "--bots", "2"}) == 0);
        // A turn that is late runs its ticks in one go, and ends then.
        CHECK(last >= 3);
        CHECK(last < 3 + static_cast<Tick>(server.options().catch_up_ticks_max));
    }
}

TEST_CASE("flags stand above what the program chose", "[server][dedicated]") {
    SampleServer server({.tick_rate = 20, .bots = 3});
    server.on_tick([&](Sim& sim) {
        CHECK(sim.dt() == Approx(1.0 / 100));
        server.stop();
    });
    CHECK(run(server,
              {"--address", "127.0.0.1", "--port", "0", "--tick-rate", "100", "--seed", "18446744073709551615"}) == 0);
    CHECK(server.options().bots == 3);
    CHECK(server.options().seed == 18446744073709551615ULL);
}
