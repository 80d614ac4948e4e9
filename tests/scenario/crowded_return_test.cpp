// Players who have lost their connection and find no place for another one for a while: they come again when the server says, and go on.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/scenario/resume_counts.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using session::ClientState;

namespace {

/// As the answers say in Retry-After.
constexpr Duration told_to_wait = 5s;
/// By which things are seen later than they are.
constexpr Duration step = 1ms;

/// An attempt to come back; of the one that went well nothing is known of its refusal.
struct Attempt {
    TimePoint began;
    TimePoint refused = never;
    std::string reason{};
};

/// Runs until the client has its session again, for so long at most. `each` is called at every step.
std::vector<Attempt> watch_return(VirtualServer& server, VirtualClient& client, Duration most, const std::function<void()>& each) {
    std::vector<Attempt> attempts;
    for (const TimePoint end = server.now() + most; server.now() < end; server.run_for(step)) {
        each();
        if (client.session().state() == ClientState::Playing) break;
        if (client.peer->attempts() > attempts.size()) attempts.push_back({.began = server.now()});
        if (attempts.empty() || attempts.back().refused != never || client.peer->next_attempt() == never) continue;
        attempts.back().refused = server.now();
        attempts.back().reason = client.session().loss();
    }
    return attempts;
}

/// So many at least were refused, all in these words, and each of the others came when it was told to.
void require_patience(const std::vector<Attempt>& attempts, std::size_t refused_min, const std::string& reason) {
    REQUIRE(attempts.size() > refused_min);
    CHECK(attempts.back().refused == never);
    for (std::size_t i = 0; i + 1 < attempts.size(); ++i) {
        CAPTURE(i);
        REQUIRE(attempts[i].refused != never);
        CHECK(attempts[i].reason == reason);
        const Duration waited = attempts[i + 1].began - attempts[i].refused;
        CHECK(waited >= told_to_wait - step);
        CHECK(waited <= told_to_wait * 3 / 2 + step);
    }
}

/// A game that tells every player of each tick.
struct Told : Duel {
    Told() {
        after_tick = [](ServerSim& sim) { sim.emit(duel::Later{.number = sim.tick()}); };
    }
};

/// And keeps what it says in half a minute for who is away.
ServerOptions keeps_much(ServerOptions options) {
    options.events_unsent_max = 4096;
    options.event_bytes_unsent_max = 128 * 1024;
    return options;
}

/// All that it was told from the first that it heard of, once each and in order, and all that it has said likewise.
void require_whole(VirtualServer& server, const Duel& duel, const VirtualClient& client, const std::vector<std::string>& said) {
    const auto later = told<duel::Later>(client);
    REQUIRE_FALSE(later.empty());
    for (std::size_t i = 1; i < later.size(); ++i) REQUIRE(later[i].number == later[i - 1].number + 1);
    CHECK(later.back().number + 10 > server.room().tick_number());
    CHECK(duel.heard == said);
    CHECK(client.session().counters().desyncs == 0);
}

}  // namespace

TEST_CASE("who comes back to an address that is crowded by the dead comes when it is told to, and goes on when they are gone",
          "[scenario][resume]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 9)));
    CAPTURE(seed);
    Told duel;
    VirtualServer server(duel.game, keeps_much({.connections_per_address_max = 3}), seed);
    // A house whose router begins anew: the server hears of nobody's loss.
    std::vector<VirtualClient*> house;
    for (int i = 0; i < 3; ++i) house.push_back(&join_duel(server, {.latency = 20ms}, walk, "203.0.113.7"));
    VirtualClient& ann = *house.front();
    VirtualClient& guest = join_duel(server, {.latency = 20ms}, walk, "198.51.100.9");
    server.run_for(1s);
    for (VirtualClient* const client : house) server.cut(*client);
    VirtualServer::restore(ann);
    ann.peer->abort("the router has begun anew", server.now());
    REQUIRE(ann.session().lost());
    std::vector<std::string> said;
    const auto attempts = watch_return(server, ann, 40s, [&] {
        if (server.now().time_since_epoch() % 1s != 0s) return;
        said.push_back("1 line " + std::to_string(said.size()));
        REQUIRE(send(server, ann, duel::Chat{.text = said.back().substr(2), .number = 0}));
    });
    REQUIRE(ann.session().state() == ClientState::Playing);
    require_patience(attempts, 2, "the server answered 429 Too Many Requests: the server takes no more than 3 connections of one address");
    server.run_for(2s);
    CHECK(count(ann, session::ClientEvent::Kind::Lost) == 1);
    CHECK(count(ann, session::ClientEvent::Kind::Resumed) == 1);
    CHECK(count(server, server::GateEvent::Kind::Left) == 0);
    CHECK(server.room().player_count() == 4);
    CHECK(ann.session().player() == 1);
    CHECK_FALSE(said.empty());
    require_whole(server, duel, ann, said);
    CHECK(guest.session().state() == ClientState::Playing);
}

TEST_CASE("who comes back to a server whose connections others have comes when it is told to, and goes on when they leave",
          "[scenario][resume]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 9)));
    CAPTURE(seed);
    Told duel;
    VirtualServer server(duel.game, keeps_much({.players_max = 4, .spectators_max = 1, .connections_max = 4}), seed);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    std::vector<VirtualClient*> strangers;
    for (int i = 0; i < 3; ++i) strangers.push_back(&join_duel(server, {.latency = 20ms}, walk));
    server.run_for(1s);
    // Her seat is kept, and her connection is somebody's who watches before she has tried.
    const TimePoint lost = server.now();
    ann.stopped_until = lost + 300ms;
    server.reset(ann);
    server.run_for(0ms);
    const VirtualClient& watcher = server.connect({.latency = 20ms}, {.spectate = true});
    server.run_for(200ms);
    REQUIRE(watcher.session().state() == ClientState::Playing);
    REQUIRE(server.gate().connection_count() == 4);
    std::vector<std::string> said;
    const auto attempts = watch_return(server, ann, 40s, [&] {
        if (server.now() == lost + 12s) strangers.back()->peer->close("enough", server.now());
        if (server.now().time_since_epoch() % 1s != 0s) return;
        said.push_back("1 line " + std::to_string(said.size()));
        REQUIRE(send(server, ann, duel::Chat{.text = said.back().substr(2), .number = 0}));
    });
    REQUIRE(ann.session().state() == ClientState::Playing);
    require_patience(attempts, 2, "the server answered 503 Service Unavailable: the server has no connection free (4 of 4)");
    server.run_for(2s);
    CHECK(server.now() - lost < 30s);
    CHECK(count(ann, session::ClientEvent::Kind::Lost) == 1);
    CHECK(count(ann, session::ClientEvent::Kind::Resumed) == 1);
    CHECK(count(server, server::GateEvent::Kind::Left) == 1);
    CHECK(server.room().player_count() == 3);
    CHECK(ann.session().player() == 1);
    require_whole(server, duel, ann, said);
}
