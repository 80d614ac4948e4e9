// Events between a whole server and its clients: in order, once, within bounds.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "sdk/core/replication/event_codec.h"
#include "sdk/core/wire/codec.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using Kind = session::ReceivedEvent::Kind;

namespace {

duel::Move still(std::uint32_t) { return {}; }

/// TCP at its worst: late, uneven, and standing still now and then.
const net::LinkOptions bad_link{
    .latency = 60ms, .jitter = 30ms, .bytes_per_second = 60'000, .stall_every = 2s, .stall_for = 400ms};

}  // namespace

TEST_CASE("events arrive once and in order, both ways, over a link that stalls", "[scenario][event]") {
    Duel duel;
    std::uint32_t ticked = 0;
    duel.after_tick = [&](ServerSim& sim) {
        if (sim.tick() % 3 == 0) sim.emit(duel::Later{.number = ++ticked});
    };
    VirtualServer server(duel.game, {}, 7);
    VirtualClient& ann = join_duel(server, bad_link, still);
    VirtualClient& ben = join_duel(server, bad_link, still);
    const std::uint32_t before = ticked;
    std::vector<std::string> said;
    for (std::uint32_t i = 1; i <= 100; ++i) {
        said.push_back("line " + std::to_string(i));
        REQUIRE(send(server, ann, duel::Chat{.text = said.back(), .number = i}));
        server.run_for(70ms);
    }
    duel.after_tick = nullptr;
    server.run_for(3s);
    REQUIRE(duel.heard.size() == said.size());
    for (VirtualClient* client : {&ann, &ben}) {
        const auto chat = told<duel::Chat>(*client);
        REQUIRE(chat.size() == said.size());
        for (std::size_t i = 0; i < said.size(); ++i) {
            CHECK(duel.heard[i] == "1 " + said[i]);
            CHECK(chat[i] == duel::Chat{.text = said[i], .number = static_cast<std::uint32_t>(i + 1)});
        }
        const auto later = told<duel::Later>(*client);
        REQUIRE(later.size() >= ticked - before);
        for (std::size_t i = 0; i < later.size(); ++i) CHECK(later[i].number == ticked - later.size() + 1 + i);
        CHECK(client->closed() == nullptr);
    }
}

TEST_CASE("whoever has applied a tick has all its events, and has them although ticks are left out",
          "[scenario][event]") {
    Duel duel;
    duel.after_tick = [](ServerSim& sim) { sim.emit(duel::Later{.number = sim.tick()}); };
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& fast = join_duel(server, {.latency = 20ms}, still);
    VirtualClient& slow = join_duel(server, {.latency = 40ms, .bytes_per_second = 4000}, still);
    std::size_t compared = 0;
    server.on_client_event = [&](VirtualClient& client, const session::ClientEvent& event) {
        if (event.kind != session::ClientEvent::Kind::Snapshot) return;
        client.session().take_events(client.game_events);
        const Tick tick = client.session().snapshots().newest()->tick;
        REQUIRE_FALSE(client.game_events.empty());
        CHECK(client.game_events.back().tick >= tick);
        ++compared;
    };
    server.run_for(5s);
    CHECK(compared > 200);
    for (VirtualClient* client : {&fast, &slow}) {
        const auto later = told<duel::Later>(*client);
        for (std::size_t i = 1; i < later.size(); ++i) REQUIRE(later[i].number == later[i - 1].number + 1);
        CHECK(later.size() > 140);
    }
}

TEST_CASE("the same seed gives the game the same events in the same order", "[scenario][event]") {
    const auto heard = [](std::uint64_t seed) {
        Duel duel;
        VirtualServer server(duel.game, {}, seed);
        std::vector<VirtualClient*> clients;
        for (int i = 0; i < 4; ++i) clients.push_back(&join_duel(server, bad_link, still));
        for (int i = 0; i < 40; ++i) {
            VirtualClient& one = *clients[static_cast<std::size_t>(i * 7 % 4)];
            REQUIRE(send(server, one, duel::Chat{.text = std::to_string(i), .number = 0}));
            server.run_for(13ms);
        }
        server.run_for(2s);
        REQUIRE(duel.heard.size() == 40);
        return duel.heard;
    };
    CHECK(heard(5) == heard(5));
    CHECK(heard(5) != heard(6));
}

TEST_CASE("what the game sends while somebody joins is there without a tick, and behind the Welcome",
          "[scenario][event]") {
    Duel duel;
    duel.joined = [](ServerSim& sim, Player player) {
        sim.send(player, duel::Chat{.text = "welcome", .number = player.id()});
        sim.broadcast(duel::Later{.number = player.id()});
    };
    VirtualServer server(duel.game, {.tick_rate = 1}, 3);
    VirtualClient& ann = join_duel(server, {.latency = 1ms}, still);
    VirtualClient& ben = join_duel(server, {.latency = 1ms}, still);
    const TimePoint joined = server.now();
    server.run_for(10ms);
    CHECK(server.now() - joined < 500ms);
    CHECK(told<duel::Chat>(ann) == std::vector{duel::Chat{.text = "welcome", .number = 1}});
    CHECK(told<duel::Chat>(ben) == std::vector{duel::Chat{.text = "welcome", .number = 2}});
    CHECK(told<duel::Later>(ann) == std::vector<duel::Later>{{.number = 1}, {.number = 2}});
    CHECK(told<duel::Later>(ben) == std::vector<duel::Later>{{.number = 2}});
}

TEST_CASE("events go to a team, to a group, to one player and to who is told of an entity", "[scenario][event]") {
    Duel duel;
    Group watchers;
    Entity hidden;
    duel.joined = [&](ServerSim& sim, Player player) {
        if (player.id() == 1) sim.interest().set_team(player.id(), 5);
        if (player.id() == 2) {
            watchers = sim.interest().add_group();
            sim.interest().subscribe(player.id(), watchers);
            hidden = sim.spawn(duel::Pos{});
            sim.interest().place(hidden.id(), watchers);
        }
    };
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = join_duel(server, {}, still);
    VirtualClient& ben = join_duel(server, {}, still);
    VirtualClient& cleo = join_duel(server, {}, still);
    server.run_for(1s);
    duel.after_tick = [&](ServerSim& sim) {
        sim.send_team(5, duel::Chat{.text = "team", .number = 0});
        sim.send_team(6, duel::Chat{.text = "no team", .number = 0});
        sim.send_group(watchers, duel::Chat{.text = "group", .number = 0});
        sim.send_near(hidden, duel::Chat{.text = "near", .number = 0});
        sim.send(3, duel::Chat{.text = "one", .number = 0});
        sim.send(77, duel::Chat{.text = "nobody", .number = 0});
        for (auto [entity, pos] : sim.view<const duel::Pos>())
            if (entity.owner() == 3) sim.send_near(entity, duel::Chat{.text = "open", .number = 0});
        duel.after_tick = nullptr;
    };
    server.run_for(1s);
    const auto texts = [](VirtualClient& client) {
        std::string all;
        for (const duel::Chat& chat : told<duel::Chat>(client)) all += chat.text + ",";
        return all;
    };
    CHECK(texts(ann) == "team,open,");
    CHECK(texts(ben) == "group,near,open,");
    CHECK(texts(cleo) == "one,open,");
}

TEST_CASE("what is sent near an entity that has just come reaches all who are told of it, and overtakes nothing",
          "[scenario][event]") {
    Duel duel;
    duel.joined = [&](ServerSim& sim, Player player) {
        if (player.id() != 3) return;
        sim.broadcast(duel::Chat{.text = "first", .number = 0});
        sim.send_near(sim.spawn(duel::Pos{}), duel::Chat{.text = "near", .number = 0});
        const Group nobody_told = sim.interest().add_group();
        const Entity hidden = sim.spawn(duel::Pos{});
        sim.interest().place(hidden.id(), nobody_told);
        sim.send_near(hidden, duel::Chat{.text = "hidden", .number = 0});
        sim.broadcast(duel::Chat{.text = "last", .number = 0});
    };
    VirtualServer server(duel.game, {}, 3);
    std::vector<VirtualClient*> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(&join_duel(server, {}, still));
    server.run_for(1s);
    for (VirtualClient* const client : clients) {
        std::string all;
        for (const duel::Chat& chat : told<duel::Chat>(*client)) all += chat.text + ",";
        CHECK(all == "first,near,last,");
    }
    CHECK(server.gate().counters().events_sent >= 9);
}

TEST_CASE("a request has one answer: the event, the server's sentence, or that nobody answers", "[scenario][event]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = join_duel(server, {.latency = 30ms}, still);
    const std::uint32_t good = request(server, ann, duel::Buy{.item = 4});
    const std::uint32_t refused = request(server, ann, duel::Buy{.item = 9});
    const std::uint32_t nobody = request(server, ann, duel::Later{.number = 1});
    const std::uint32_t other = request(server, ann, duel::Buy{.item = 3});
    duel::Bought bought{};
    const auto reply = [&](std::uint32_t id, std::uint16_t type) {
        return ann.session().take_reply(id, type, &bought);
    };
    CHECK_FALSE(reply(good, event_index<duel::Bought>));
    server.run_for(1s);
    REQUIRE(reply(good, event_index<duel::Bought>)->has_value());
    CHECK(bought == duel::Bought{.item = 4, .coins = 4});
    CHECK(reply(good, event_index<duel::Bought>)->error().message ==
          "there is no such request; its reply was read already");
    CHECK(reply(refused, event_index<duel::Bought>)->error().message == "there is no item 9");
    CHECK(reply(nobody, event_index<duel::Bought>)->error().message == "this server does not answer duel.Later");
    CHECK(reply(other, event_index<duel::Buy>)->error().message ==
          "the server answered with duel.Bought, not with duel.Buy; ask reply() for that");
}

TEST_CASE("a request that nobody answers in time ends, and so do those of a connection that ends",
          "[scenario][event]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = server.connect({.latency = 400ms}, {.request_timeout = 500ms});
    server.run_for(3s);
    const std::uint32_t late = request(server, ann, duel::Buy{.item = 4});
    server.run_for(600ms);
    duel::Bought bought{};
    const auto reply = [&](std::uint32_t id) {
        return ann.session().take_reply(id, event_index<duel::Bought>, &bought);
    };
    CHECK(reply(late)->error().message.find("did not answer in time") != std::string::npos);
    const std::uint32_t cut = request(server, ann, duel::Buy{.item = 4});
    ann.peer->close("enough", server.now());
    CHECK(reply(cut)->error().message.find("the connection ended") == 0);
    const std::uint32_t after = request(server, ann, duel::Buy{.item = 4});
    CHECK(reply(after)->error().message == "duel.Buy cannot be sent after the end of the connection");
}

TEST_CASE("requests whose replies nobody reads are refused beyond a number", "[scenario][event]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = join_duel(server, {}, still);
    for (std::size_t i = 0; i < session::RequestLog::requests_max; ++i) {
        CHECK(request(server, ann, duel::Buy{.item = 1}) != 0);
        server.run_for(60ms);
    }
    const std::uint32_t more = request(server, ann, duel::Buy{.item = 1});
    duel::Bought bought{};
    CHECK(ann.session().take_reply(more, event_index<duel::Bought>, &bought)->error().message ==
          "too many requests wait (64); read their replies");
}

TEST_CASE("a client that does not read its events is closed with 1013, at a bound, and nobody else notices",
          "[scenario][event]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, still);
    VirtualClient& ben = join_duel(server, {.latency = 20ms, .held_bytes_max = 4096}, still);
    ben.reading = false;
    duel.after_tick = [](ServerSim& sim) {
        for (int i = 0; i < 10; ++i) sim.broadcast(duel::Chat{.text = std::string(200, 'x'), .number = sim.tick()});
    };
    server.run_for(4s);
    REQUIRE(server.gate_events.back().kind == server::GateEvent::Kind::Left);
    CHECK(server.gate_events.back().player == 2);
    CHECK(server.gate_events.back().close_code == 1013);
    CHECK(server.gate_events.back().reason.find("events come faster than the client reads them: ") == 0);
    CHECK(ann.closed() == nullptr);
    CHECK(told<duel::Chat>(ann).size() > 1000);
}

TEST_CASE("what stalls of some have held back comes to all at once, and closes nobody who reads", "[scenario][event]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, still);
    VirtualClient& ben = join_duel(server, {.latency = 20ms}, still);
    VirtualClient& cleo = join_duel(server, {.latency = 20ms}, still);
    const TimePoint end = server.now() + 8s;
    for (VirtualClient* client : {&ann, &cleo}) client->stream->up.stall(end);
    std::size_t sent = 0;
    while (server.now() < end) {
        for (VirtualClient* client : {&ann, &cleo}) {
            const Result<void> result = send(server, *client, duel::Chat{.text = std::string(100, 'x'), .number = 0});
            sent += result ? 1U : 0U;
        }
        server.run_for(10ms);
    }
    server.run_for(2s);
    // Far more than may wait for one that does not read.
    CHECK(sent > 400);
    for (VirtualClient* client : {&ann, &ben, &cleo}) {
        CHECK(client->closed() == nullptr);
        CHECK(told<duel::Chat>(*client).size() == sent);
    }
}

TEST_CASE("hundreds who join at once hear of each other, and nobody is closed for it", "[scenario][event]") {
    constexpr std::uint32_t players = 300;
    Duel duel;
    duel.joined = [](ServerSim& sim, Player player) { sim.broadcast(duel::Later{.number = player.id()}); };
    VirtualServer server(duel.game, {.players_max = players}, 3);
    for (std::uint32_t i = 0; i < players; ++i) server.connect({.latency = 20ms});
    server.run_for(1s);
    CHECK(server.room().player_count() == players);
    CHECK(told<duel::Later>(*server.clients().front()).size() == players);
}

TEST_CASE("a client that sends too much hears a sentence, and is not closed", "[scenario][event]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = join_duel(server, bad_link, still);
    std::size_t sent = 0;
    Result<void> result;
    for (int i = 0; i < 1000; ++i) {
        result = send(server, ann, duel::Chat{.text = "x", .number = 0});
        sent += result ? 1U : 0U;
    }
    CHECK(sent == 60);
    REQUIRE_FALSE(result);
    CHECK(result.error().message.find("duel.Chat is one event too many; wait a moment") == 0);
    CHECK(send(server, ann, duel::Chat{.text = std::string(4096, 'x'), .number = 0}).has_value() == false);
    for (int i = 0; i < 600; ++i) {
        server.run_for(20ms);
        sent += send(server, ann, duel::Chat{.text = "x", .number = 0}) ? 1U : 0U;
    }
    server.run_for(3s);
    CHECK(ann.closed() == nullptr);
    CHECK(duel.heard.size() == sent);
}

TEST_CASE("a client of an older schema plays on beside events that it does not know", "[scenario][event]") {
    static const SchemaInfo older = [] {
        SchemaInfo schema = duel::Schema::info();
        schema.hash = 0x01d;
        schema.events = schema.events.first(2);
        return schema;
    }();
    Duel duel;
    duel.after_tick = [](ServerSim& sim) { sim.emit(duel::Later{.number = sim.tick()}); };
    VirtualServer server(duel.game, {}, 3);
    VirtualClient& ann = server.connect({.latency = 20ms}, {.player_name = "old"}, &older);
    server.run_for(2s);
    REQUIRE(send(server, ann, duel::Chat{.text = "hello", .number = 1}));
    server.run_for(1s);
    CHECK(ann.session().state() == session::ClientState::Playing);
    CHECK(told<duel::Chat>(ann) == std::vector{duel::Chat{.text = "hello", .number = 1}});
    CHECK(told<duel::Later>(ann).empty());
    CHECK(ann.session().event_counters().unknown > 80);
}
