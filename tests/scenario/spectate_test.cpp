// Those who watch: the whole room, a while ago, and nothing of theirs in it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "server/gate/peer.h"
#include "tests/scenario/duel_game.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using session::ClientState;

namespace {

duel::Move walk(std::uint32_t number) { return {.dx = static_cast<std::int8_t>(number / 20 % 3 - 1), .fire = number % 7 == 0}; }

VirtualClient& watch(VirtualServer& server, net::LinkOptions link = {}) {
    VirtualClient& client = server.connect(link, {.player_name = "Eve", .spectate = true});
    client.session().predict_by(duel_rules());
    return client;
}

/// When each tick of the room was there, and that no spectator sees one sooner than that and the delay, or another than it was.
struct Delayed {
    Delayed(VirtualServer& server, Duration delay) {
        server.on_tick = [this, &server] {
            if (server.gate().room_count() == 0) return;
            const replication::Snapshot& newest = *server.room().snapshots().newest();
            if (!ran.empty() && ran.rbegin()->first == newest.tick) return;
            ran[newest.tick] = server.now();
            truth[newest.tick] = newest;
        };
        server.on_client_event = [this, &server, delay](VirtualClient& client, const session::ClientEvent& event) {
            if (event.kind != session::ClientEvent::Kind::Snapshot || !client.session().spectates()) return;
            const replication::Snapshot& newest = *client.session().snapshots().newest();
            ++snapshots;
            late_most = std::max(late_most, server.now() - ran.at(newest.tick));
            if (server.now() - ran.at(newest.tick) < delay)
                FAIL("tick " << newest.tick << " came " << (server.now() - ran.at(newest.tick)).count() << " us after it ran");
            if (!replication::same_state(newest, truth.at(newest.tick)))
                FAIL("tick " << newest.tick << ": "
                             << replication::first_difference(server.room().layout(), newest, truth.at(newest.tick)));
        };
    }
    std::map<Tick, TimePoint> ran;
    std::map<Tick, replication::Snapshot> truth;
    std::size_t snapshots = 0;
    Duration late_most{0};
};

std::uint16_t code_of(const VirtualClient& client) { return client.closed() == nullptr ? 0 : client.closed()->close_code; }

}  // namespace

TEST_CASE("a spectator sees each tick so long after it ran, exactly, and is no player", "[scenario][spectate]") {
    const auto delay = GENERATE(0ms, 1000ms, 2500ms);
    CAPTURE(delay.count());
    Duel duel;
    duel.after_tick = [](ServerSim& sim) { sim.broadcast(duel::Later{.number = sim.tick()}); };
    VirtualServer server(duel.game, {.spectators_max = 4, .spectator_delay = delay}, 5);
    Delayed delayed(server, delay);
    VirtualClient& ann = join_duel(server, {.latency = 40ms}, walk);
    join_duel(server, {.latency = 10ms}, walk);
    server.run_for(4s);
    VirtualClient& eve = watch(server, {.latency = 20ms});
    eve.input = [](std::uint32_t, std::byte*) {};
    server.run_for(6s);
    CHECK(eve.session().state() == ClientState::Playing);
    CHECK(eve.session().spectates());
    CHECK(eve.session().player() == 0);
    CHECK(eve.session().spectator_delay() == delay);
    CHECK(eve.session().prediction() == nullptr);
    CHECK(eve.session().counters().inputs == 0);
    CHECK(eve.session().counters().desyncs == 0);
    CHECK(eve.session().counters().keyframes == 1);
    CHECK(server.room().player_count() == 2);
    CHECK(delayed.snapshots >= 170);
    CHECK(delayed.late_most <= delay + 20ms + 34ms);
    // Every event from the first on, in order, and none before its time.
    const auto numbers = told<duel::Later>(eve);
    REQUIRE(numbers.size() >= 170);
    for (std::size_t i = 1; i < numbers.size(); ++i) REQUIRE(numbers[i].number == numbers[i - 1].number + 1);
    CHECK(numbers.back().number <= eve.session().snapshots().newest()->tick + 1);
    // What the rules emit for a player's entity is seen as well.
    CHECK_FALSE(told<duel::Fired>(eve).empty());
    CHECK(ann.session().counters().desyncs == 0);
}

TEST_CASE("what is said to a player, a spectator does not hear", "[scenario][spectate]") {
    Duel duel;
    duel.after_tick = [](ServerSim& sim) {
        sim.send(1, duel::Chat{.text = "to the first", .number = sim.tick()});
        if (sim.tick() % 30 == 0) sim.broadcast(duel::Chat{.text = "to all", .number = sim.tick()});
    };
    VirtualServer server(duel.game, {.spectators_max = 1, .spectator_delay = 0ms}, 5);
    VirtualClient& ann = join_duel(server, {}, walk);
    VirtualClient& eve = watch(server);
    request(server, ann, duel::Buy{.item = 3});
    server.run_for(3s);
    for (const duel::Chat& chat : told<duel::Chat>(eve)) CHECK(chat.text == "to all");
    CHECK(told<duel::Chat>(eve).size() >= 2);
    CHECK(told<duel::Chat>(ann).size() > 80);
}

TEST_CASE("a spectator's own words are refused, with a sentence", "[scenario][spectate]") {
    Duel duel;
    VirtualServer server(duel.game, {.spectators_max = 2, .spectator_delay = 0ms}, 5);
    join_duel(server, {}, walk);
    VirtualClient& eve = watch(server);
    server.run_for(1s);
    const Result<void> sent = send(server, eve, duel::Chat{.text = "left!", .number = 1});
    REQUIRE_FALSE(sent);
    CHECK(sent.error().message == "duel.Chat cannot be sent by a spectator; connect without ClientOptions::spectate to play");
    const std::uint32_t id = request(server, eve, duel::Buy{.item = 1});
    duel::Bought bought;
    const auto reply = eve.session().take_reply(id, event_index<duel::Bought>, &bought);
    REQUIRE(reply);
    CHECK_FALSE(*reply);
    server.run_for(1s);
    CHECK(code_of(eve) == 0);

    SECTION("an input that a changed client sends all the same ends its session") {
        session::ServerSession lone(server.room().layout(), {}, server.now());
        lone.receive(wire::encode(wire::Hello{.protocol = protocol_version,
                                              .schema_hash = duel::Schema::info().hash,
                                              .schema_name = "duel",
                                              .player_name = "Eve",
                                              .spectate = true}),
                     server.now());
        const session::ServerEvent* event = lone.poll_event();
        REQUIRE(event != nullptr);
        CHECK(event->spectates);
        lone.welcome({.tick_rate = 30, .entities_max = 64}, server.now());
        while (lone.poll_transmit() != nullptr) {}
        const bool says_event = GENERATE(false, true);
        if (says_event)
            lone.receive(wire::encode(wire::Event{.type = 0, .data = {}}), server.now());
        else
            lone.receive(wire::encode(wire::InputMessage{.tick = 7, .ack_tick = 0}), server.now());
        event = lone.poll_event();
        REQUIRE(event != nullptr);
        CHECK(event->kind == session::ServerEvent::Kind::Closed);
        CHECK(event->close_code == 1002);
        CHECK(event->reason == (says_event ? "an event came from a spectator, who sends none" : "input 7 came from a spectator, who has none"));
    }
    CHECK(duel.heard.empty());
}

TEST_CASE("spectators have seats of their own, where there are any", "[scenario][spectate]") {
    Duel duel;
    VirtualServer server(duel.game, {.players_max = 1, .spectators_max = 2, .spectator_delay = 0ms}, 5);
    VirtualClient& eve = watch(server);
    VirtualClient& fay = watch(server);
    server.run_for(500ms);
    CHECK(eve.session().state() == ClientState::Playing);
    CHECK(fay.session().state() == ClientState::Playing);
    VirtualClient& gil = watch(server);
    server.run_for(500ms);
    CHECK(code_of(gil) == 4002);
    CHECK(gil.closed()->reason == "no room of the server has a place for another spectator (2 of 2)");
    CHECK(gil.closed()->retry_after);
    // The player's place is free all the same, and then taken.
    VirtualClient& ann = join_duel(server, {}, walk);
    CHECK(ann.session().player() == 1);
    CHECK(eve.session().snapshots().newest() != nullptr);
    eve.peer->close("enough", server.now());
    server.run_for(500ms);
    VirtualClient& hal = watch(server);
    server.run_for(500ms);
    CHECK(hal.session().state() == ClientState::Playing);
    CHECK(std::count_if(server.gate_events.begin(), server.gate_events.end(), [](const server::GateEvent& event) {
              return event.kind == server::GateEvent::Kind::Left && event.spectates && event.player == 0 && event.player_name == "Eve";
          }) == 1);
    CHECK(server.room().player_count() == 1);

    VirtualServer closed(duel.game, {}, 5);
    VirtualClient& eager = watch(closed);
    closed.run_for(500ms);
    CHECK(code_of(eager) == 4016);
    CHECK(eager.closed()->reason == "no room of the server that is open takes spectators");
    CHECK_FALSE(eager.closed()->retry_after);
}

TEST_CASE("whoever decides who comes in is told who wants to watch", "[scenario][spectate]") {
    Duel duel;
    server::AdmissionSetup admission;
    admission.authenticator = {.authenticate = [](const JoinRequest& request) -> Verdict {
        if (request.spectates) return Refusal{Refusal::Kind::Denied, "this match is not shown"};
        return Identity{.subject = "one"};
    }};
    VirtualServer server(duel.game, {.spectators_max = 2}, 5, {}, std::move(admission));
    join_duel(server, {}, walk);
    VirtualClient& eve = watch(server);
    server.run_for(500ms);
    CHECK(code_of(eve) == 4016);
    CHECK(eve.closed()->reason == "this match is not shown");
}

TEST_CASE("the players' bytes are the same to the bit, and at the same instants, however many watch", "[scenario][spectate]") {
    const auto play = [](int spectators) {
        Duel duel;
        duel.after_tick = [](ServerSim& sim) {
            if (sim.tick() % 5 == 0) sim.emit(duel::Later{.number = sim.tick()});
        };
        VirtualServer server(duel.game, {.spectators_max = 50, .spectator_delay = 500ms}, 5);
        std::vector<server::ConnectionId> players;
        std::map<server::ConnectionId, std::string> said;
        server.on_written = [&](const VirtualStream& stream, ByteSpan bytes) {
            std::string& all = said[stream.id];
            all += std::to_string(server.now().time_since_epoch().count()) + ":";
            all += as_text(bytes);
        };
        for (int i = 0; i < 5; ++i)
            players.push_back(join_duel(server, {.latency = Duration(10ms) * (i + 1)}, walk).stream->id);
        for (int i = 0; i < spectators; ++i) watch(server, i % 10 == 0 ? net::LinkOptions{.latency = 30ms, .bytes_per_second = 2000} : net::LinkOptions{.latency = 5ms});
        server.run_for(6s);
        std::vector<std::string> bytes;
        for (const server::ConnectionId id : players) bytes.push_back(said[id]);
        return bytes;
    };
    const auto alone = play(0);
    const auto watched = play(50);
    REQUIRE(alone.size() == watched.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
        CHECK(alone[i].size() > 10'000);
        CHECK(alone[i] == watched[i]);
    }
}

TEST_CASE("a spectator on a link that carries little sees less often, and nothing wrong", "[scenario][spectate]") {
    Duel duel;
    duel.joined = [](ServerSim& sim, Player player) {
        if (player.id() == 1)
            for (int i = 0; i < 60; ++i) sim.spawn(duel::Pos{.x = static_cast<float>(i), .y = 1});
    };
    duel.after_tick = [](ServerSim& sim) {
        for (auto [entity, pos] : sim.view<duel::Pos>()) pos.y = static_cast<float>((sim.tick() * 7 + entity.index() * 13) % 500);
    };
    VirtualServer server(duel.game, {.spectators_max = 2, .spectator_delay = 1s}, 5);
    Delayed delayed(server, 1s);
    VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
    VirtualClient& eve = watch(server, {.latency = 50ms, .bytes_per_second = 2000});
    server.run_for(10s);
    CHECK(eve.session().state() == ClientState::Playing);
    CHECK(eve.session().counters().ticks < 200);
    CHECK(eve.session().counters().ticks > 10);
    CHECK(eve.session().counters().desyncs == 0);
    CHECK(ann.session().counters().ticks >= 295);
}

TEST_CASE("whoever watches is told of the room's end", "[scenario][spectate]") {
    Duel duel;
    bool ends = false;
    duel.after_tick = [&](ServerSim& sim) {
        if (ends) sim.close_room("the match is over");
    };
    VirtualServer server(duel.game, {.spectators_max = 2, .spectator_delay = 1s}, 5);
    join_duel(server, {}, walk);
    VirtualClient& eve = watch(server, {.latency = 20ms});
    server.run_for(2s);
    SECTION("by its game") {
        ends = true;
        server.run_for(1s);
        CHECK(code_of(eve) == 1000);
        CHECK(eve.closed()->reason == "the match is over");
    }
    SECTION("by the server") {
        server.gate().drain("the server is stopping", 1s, server.now());
        server.run_for(1s);
        CHECK(code_of(eve) == 1001);
    }
    CHECK(server.gate().room_count() == 0);
    CHECK(server.gate().connection_count() == 0);
}

TEST_CASE("a spectator that loses its connection is gone, and may come anew", "[scenario][spectate]") {
    Duel duel;
    VirtualServer server(duel.game, {.spectators_max = 1, .spectator_delay = 0ms}, 5);
    join_duel(server, {}, walk);
    VirtualClient& eve = watch(server);
    server.run_for(1s);
    server.reset(eve);
    server.run_for(1s);
    CHECK(eve.session().state() == ClientState::Closed);
    VirtualClient& again = watch(server);
    server.run_for(1s);
    CHECK(again.session().state() == ClientState::Playing);
    CHECK(again.session().snapshots().newest() != nullptr);
}
