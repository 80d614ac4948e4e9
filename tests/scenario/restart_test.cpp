// Servers that are stopped in mid-game and started again: rooms and players go on, and whatever cannot is said.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "sdk/core/base/random.h"
#include "server/gate/hosted_room.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using session::ClientState;

namespace {

duel::Move walk(std::uint32_t number) { return {.dx = static_cast<std::int8_t>(number % 3 == 0 ? 1 : 0), .fire = number % 7 == 0}; }

/// A game that can be saved; what it knows itself is the number of times that it was.
struct SavedDuel : Duel {
    std::uint8_t saves = 0;
    std::vector<std::string> heard_of;  // of losses and returns

    SavedDuel() {
        game.on_save = [this](ServerSim&) { return std::vector<std::byte>(1, static_cast<std::byte>(++saves)); };
        game.on_restore = [this](ServerSim&, std::span<const std::byte> bytes) -> Result<void> {
            if (bytes.size() != 1 || std::to_integer<unsigned>(bytes[0]) != saves) return unexpected(Blame::Caller, "not this game's");
            return {};
        };
        game.on_leave = [this](ServerSim&, Player player) { heard_of.push_back("leave " + std::to_string(player.id())); };
        game.on_disconnect = [this](ServerSim&, Player player, std::string_view) {
            heard_of.push_back("lost " + std::to_string(player.id()));
        };
        game.on_reconnect = [this](ServerSim&, Player player) { heard_of.push_back("back " + std::to_string(player.id())); };
        after_tick = [](ServerSim& sim) { sim.emit(duel::Later{.number = sim.tick()}); };
    }
};

/// A game that tells every player of thirty events a second, and keeps those of half a minute for who is away.
ServerOptions busy() { return {.events_unsent_max = 4096, .event_bytes_unsent_max = 128 * 1024}; }

std::size_t count(const VirtualClient& client, session::ClientEvent::Kind kind) {
    return static_cast<std::size_t>(
        std::count_if(client.events.begin(), client.events.end(), [&](const auto& event) { return event.kind == kind; }));
}

/// All numbers from the first that was told, each once and in order.
void require_all(const VirtualClient& client) {
    const auto later = told<duel::Later>(client);
    REQUIRE_FALSE(later.empty());
    for (std::size_t i = 1; i < later.size(); ++i) REQUIRE(later[i].number == later[i - 1].number + 1);
}

/// Compares every snapshot that a client applies with the room's.
void compare_states(VirtualServer& server, std::size_t& compared) {
    server.on_client_event = [&](VirtualClient& client, const session::ClientEvent& event) {
        if (event.kind != session::ClientEvent::Kind::Snapshot || !server.up()) return;
        const replication::Snapshot& newest = *client.session().snapshots().newest();
        const replication::Snapshot* const truth = server.room().snapshots().find(newest.tick);
        if (truth == nullptr) return;
        ++compared;
        if (!replication::same_state(newest, *truth))
            FAIL("tick " << newest.tick << ": " << replication::first_difference(server.room().layout(), newest, *truth));
    };
}

bool all_play(const std::vector<VirtualClient*>& clients) {
    return std::all_of(clients.begin(), clients.end(),
                       [](const VirtualClient* client) { return client->session().state() == ClientState::Playing; });
}

/// The newest tick of a room and its hash, just before and just after.
struct Instant {
    Tick tick;
    std::uint64_t hash;
};
Instant newest(VirtualServer& server) {
    const replication::Snapshot& snapshot = *server.room().snapshots().newest();
    return {snapshot.tick, replication::state_hash(snapshot)};
}

}  // namespace

TEST_CASE("a server that is restarted in mid-game has everybody back, the same world, and each event once", "[scenario][restart]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 13)));
    CAPTURE(seed);
    SeededRandom random(seed);
    SavedDuel duel;
    VirtualServer server(duel.game, busy(), seed);
    std::size_t compared = 0;
    compare_states(server, compared);
    std::vector<VirtualClient*> clients;
    std::vector<std::uint32_t> said(12);
    for (std::size_t i = 0; i < said.size(); ++i)
        clients.push_back(&join_duel(server, {.latency = Duration(3ms) * (1 + random.below(30)), .jitter = 4ms, .short_reads = i % 2 == 1}, walk));
    const auto talk_for = [&](Duration duration) {
        for (const TimePoint end = server.now() + duration; server.now() < end; server.run_for(Duration(1ms) * (1 + random.below(40)))) {
            const std::uint32_t which = random.below(static_cast<std::uint32_t>(clients.size()));
            if (send(server, *clients[which], duel::Chat{.text = std::to_string(said[which]), .number = which})) ++said[which];
        }
    };
    for (int restart = 0; restart < 3; ++restart) {
        CAPTURE(restart);
        talk_for(1s + Duration(1ms) * random.below(1000));
        const Instant before = newest(server);
        server.stop();
        REQUIRE(server.saved());
        for (const VirtualClient* client : clients) REQUIRE(client->session().lost());
        talk_for(Duration(1ms) * random.below(6000));
        REQUIRE(server.start());
        const Instant after = newest(server);
        REQUIRE(after.tick == before.tick);
        REQUIRE(after.hash == before.hash);
        const TimePoint opened = server.now();
        for (; !all_play(clients) && server.now() < opened + 5s; talk_for(20ms)) {
        }
        for (const VirtualClient* client : clients) {
            INFO("state " << static_cast<int>(client->session().state()) << ", attempts " << client->peer->attempts() << ", "
                          << client->session().loss() << (client->closed() != nullptr ? client->closed()->reason : ""));
            REQUIRE(client->session().state() == ClientState::Playing);
        }
    }
    talk_for(1s);
    server.run_for(2s);
    for (std::uint32_t i = 0; i < clients.size(); ++i) {
        CAPTURE(i);
        if (const session::ClientEvent* const closed = clients[i]->closed()) FAIL(closed->reason);
        REQUIRE(clients[i]->session().state() == ClientState::Playing);
        CHECK(clients[i]->session().player() == i + 1);
        CHECK(count(*clients[i], session::ClientEvent::Kind::Resumed) == 3);
        CHECK(clients[i]->session().counters().desyncs == 0);
        require_all(*clients[i]);
        std::uint32_t next = 0;
        for (const duel::Chat& chat : told<duel::Chat>(*clients[(i + 5) % clients.size()]))
            if (chat.number == i) REQUIRE(chat.text == std::to_string(next++));
        CHECK(next == said[i]);
    }
    CHECK(server.room().player_count() == clients.size());
    CHECK(compared > 1000);
    CHECK(duel.saves == 3);
    CHECK(std::count(duel.heard_of.begin(), duel.heard_of.end(), "lost 1") == 3);
    CHECK(std::count(duel.heard_of.begin(), duel.heard_of.end(), "back 1") == 3);
    CHECK(std::count(duel.heard_of.begin(), duel.heard_of.end(), "leave 1") == 0);
}

TEST_CASE("a bulk transfer that a restart breaks comes once", "[scenario][restart]") {
    const auto after = Duration(GENERATE(range(0, 12))) * 90'000;
    CAPTURE(after.count());
    SavedDuel duel;
    std::vector<std::byte> map(70'000);
    for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::byte>(i * i / 7);
    duel.joined = [&](ServerSim& sim, Player player) {
        for (const std::uint32_t id : {1U, 2U}) CHECK(sim.send_bulk(player.id(), id, map));
    };
    VirtualServer server(duel.game, busy(), 5);
    VirtualClient& ann = join_duel(server, {.latency = 30ms, .bytes_per_second = 200'000}, walk);
    server.run_for(after);
    server.stop();
    server.run_for(500ms);
    REQUIRE(server.start());
    server.run_for(8s);
    for (const std::uint32_t id : {1U, 2U}) {
        const auto bulk = ann.session().poll_bulk();
        REQUIRE(bulk);
        CHECK(bulk->id == id);
        CHECK(bulk->bytes == map);
    }
    CHECK_FALSE(ann.session().poll_bulk());
}

TEST_CASE("who comes back to a restored room is told everything anew, however often the way breaks right then", "[scenario][restart]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 9)));
    CAPTURE(seed);
    SeededRandom random(seed);
    SavedDuel duel;
    VirtualServer server(duel.game, busy(), seed);
    std::size_t compared = 0;
    compare_states(server, compared);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    server.run_for(2s);
    server.stop();
    server.run_for(300ms);
    REQUIRE(server.start());
    server.options().entities_max = 4096;
    for (int i = 0; i < 6; ++i) {
        while (ann.session().state() != ClientState::Resuming) server.run_for(1ms);
        server.run_for(Duration(1ms) * random.below(120));
        server.reset(ann);
    }
    server.run_for(8s);
    if (ann.closed() != nullptr) FAIL(ann.closed()->reason);
    REQUIRE(ann.session().state() == ClientState::Playing);
    CHECK(ann.session().player() == 1);
    CHECK(ann.session().counters().desyncs == 0);
    CHECK(compared > 50);
    require_all(ann);
    // Another process may have other limits.
    server.stop();
    REQUIRE(server.start());
    server.run_for(5s);
    if (ann.closed() != nullptr) FAIL(ann.closed()->reason);
    CHECK(ann.session().state() == ClientState::Playing);
    CHECK(ann.session().entities_max() == 4096);
    require_all(ann);
}

TEST_CASE("a way that breaks right behind each Welcome is not tried every 100 ms", "[scenario][resume]") {
    SavedDuel duel;
    VirtualServer server(duel.game, busy(), 3);
    VirtualClient& ann = join_duel(server, {.latency = 5ms}, walk);
    server.run_for(1s);
    server.reset(ann);
    std::size_t welcomes = 0;
    const TimePoint lost = server.now();
    while (server.now() < lost + 20s) {
        const std::size_t resumed = count(ann, session::ClientEvent::Kind::Resumed);
        while (count(ann, session::ClientEvent::Kind::Resumed) == resumed && server.now() < lost + 20s) server.run_for(1ms);
        ++welcomes;
        server.reset(ann);
    }
    CHECK(welcomes > 5);
    CHECK(welcomes < 40);
    server.run_for(30s);
    CHECK(ann.session().state() == ClientState::Playing);
    // Who is back for good begins anew with the next loss.
    server.reset(ann);
    CHECK(ann.peer->attempts() == 0);
    server.run_for(1s);
    CHECK(ann.session().state() == ClientState::Playing);
}

TEST_CASE("a save that is older than the last return of a player does not know its token", "[scenario][restart]") {
    SavedDuel duel;
    VirtualServer server(duel.game, {}, 4);
    VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
    server.run_for(1s);
    server.stop();
    const auto older = server.saved();
    REQUIRE(server.start());
    server.run_for(5s);
    REQUIRE(ann.session().state() == ClientState::Playing);
    server.stop();
    server.set_saved(older);
    duel.saves = 1;
    REQUIRE(server.start());
    server.run_for(10s);
    REQUIRE(ann.closed() != nullptr);
    CHECK(ann.closed()->close_code == 4020);
    CHECK(server.room().player_count() == 1);  // its place is kept a while, like anybody's
    server.run_for(30s);
    CHECK(server.room().player_count() == 0);
}

TEST_CASE("a room whose game is not saved ends with its server, and one that is not taken begins anew", "[scenario][restart]") {
    SavedDuel duel;
    SECTION("not saved") {
        duel.game.on_save = nullptr;
        VirtualServer server(duel.game, {}, 4);
        VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
        server.run_for(1s);
        server.stop();
        CHECK_FALSE(server.saved());
        server.run_for(1s);
        REQUIRE(ann.closed() != nullptr);
        CHECK(ann.closed()->close_code == 1001);
        CHECK(ann.closed()->retry_after == 2s);
        CHECK(duel.heard_of == std::vector<std::string>{"leave 1"});
    }
    SECTION("not taken") {
        VirtualServer server(duel.game, {}, 4);
        VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
        server.run_for(1s);
        server.stop();
        REQUIRE(server.saved());
        duel.saves = 77;
        CHECK_FALSE(server.start());
        server.run_for(5s);
        REQUIRE(ann.closed() != nullptr);
        CHECK(ann.closed()->close_code == 4020);
        CHECK(server.room().player_count() == 0);
    }
    SECTION("too many players for it now") {
        VirtualServer server(duel.game, {}, 4);
        for (int i = 0; i < 3; ++i) join_duel(server, {.latency = 10ms}, walk);
        server.stop();
        server.options().players_max = 2;
        CHECK_FALSE(server.start());
    }
}

TEST_CASE("bots go on, who is away stays away, and who does not come back leaves", "[scenario][restart]") {
    SavedDuel duel;
    duel.after_tick = nullptr;
    VirtualServer server(duel.game, {.bots = 2, .resume_within = 10s}, 4);
    VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
    VirtualClient& ben = join_duel(server, {.latency = 10ms}, walk);
    server.run_for(1s);
    server.cut(ann);
    server.reset(ann);
    server.run_for(2s);
    duel.heard_of.clear();
    server.stop();
    REQUIRE(server.start());
    CHECK(server.room().player_count() == 4);
    // Of Ann the game has heard before.
    CHECK(duel.heard_of == std::vector<std::string>{"lost 4"});
    server.run_for(6s);
    CHECK(ben.session().state() == ClientState::Playing);
    server.run_for(6s);
    CHECK(duel.heard_of == std::vector<std::string>{"lost 4", "back 4", "leave 3"});
    CHECK(server.room().player_count() == 3);
    // Ids go on: nobody is taken for somebody else.
    VirtualClient& cat = join_duel(server, {.latency = 10ms}, walk);
    CHECK(cat.session().player() == 5);
}

TEST_CASE("whoever waits for a server that was stopped gives up in the end", "[scenario][restart]") {
    SavedDuel duel;
    VirtualServer server(duel.game, {}, 4);
    VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
    server.run_for(1s);
    server.stop();
    server.run_for(65s);
    REQUIRE(ann.closed() != nullptr);
    CHECK(ann.closed()->reason.find("no way back to the server was found") == 0);
    CHECK(ann.closed()->reason.find("connection refused") != std::string::npos);
}

TEST_CASE("who was away when the server stopped is not idle when it is back", "[scenario][restart]") {
    SavedDuel duel;
    duel.after_tick = nullptr;
    VirtualServer server(duel.game, {.resume_within = 20s, .idle = {.kick_after = 3s}}, 4);
    VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
    VirtualClient& ben = join_duel(server, {.latency = 10ms}, walk);
    server.run_for(6s);
    server.cut(ann);
    server.reset(ann);
    server.run_for(1s);
    server.stop();
    REQUIRE(server.start());
    server.run_for(5s);
    VirtualServer::restore(ann);
    server.run_for(10s);
    for (const VirtualClient* client : {&ann, &ben}) {
        if (client->closed() != nullptr) FAIL(client->closed()->reason);
        CHECK(client->session().state() == ClientState::Playing);
    }
    CHECK(server.room().player_count() == 2);
    CHECK(server.gate().counters().players_dismissed == 0);
}

TEST_CASE("who watches a room that is saved has left it", "[scenario][restart][spectate]") {
    SavedDuel duel;
    using server::GateEvent;
    const auto count_events = [](const VirtualServer& server, GateEvent::Kind kind, bool spectates) {
        return std::count_if(server.gate_events.begin(), server.gate_events.end(),
                             [&](const GateEvent& event) { return event.kind == kind && event.spectates == spectates; });
    };
    SECTION("spectators") {
        VirtualServer server(duel.game, {.spectators_max = 2, .spectator_delay = 500ms}, 4);
        VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
        VirtualClient& eve = server.connect({.latency = 10ms}, {.player_name = "Eve", .spectate = true});
        eve.session().predict_by(duel_rules());
        server.run_for(2s);
        REQUIRE(eve.session().state() == ClientState::Playing);
        server.stop();
        REQUIRE(server.saved());
        CHECK(count_events(server, GateEvent::Kind::Left, true) == 1);
        CHECK(count_events(server, GateEvent::Kind::Lost, true) == 0);
        CHECK(count_events(server, GateEvent::Kind::Left, false) == 0);
        CHECK(count_events(server, GateEvent::Kind::Lost, false) == 1);
        server.run_for(100ms);
        CHECK(ann.session().lost());
        REQUIRE(eve.closed() != nullptr);
        CHECK(eve.closed()->close_code == 1001);
    }
    SECTION("players who have no way back, of whom the game hears where it goes on") {
        VirtualServer server(duel.game, {.resume_within = 0ms}, 4);
        VirtualClient& ann = join_duel(server, {.latency = 10ms}, walk);
        server.run_for(1s);
        server.stop();
        REQUIRE(server.saved());
        CHECK(count_events(server, GateEvent::Kind::Left, false) == 1);
        CHECK(count_events(server, GateEvent::Kind::Lost, false) == 0);
        CHECK(duel.heard_of.empty());
        server.run_for(100ms);
        REQUIRE(ann.closed() != nullptr);
        CHECK(ann.closed()->close_code == 1001);
        REQUIRE(server.start());
        CHECK(duel.heard_of == std::vector<std::string>{"leave 1"});
    }
}

TEST_CASE("what was asked for before the stop is done before the save", "[scenario][restart][moderation]") {
    SavedDuel duel;
    duel.after_tick = nullptr;
    SystemTime clock{1'800'000'000s};
    VirtualServer server(duel.game, {.resume_within = 30s}, 4, {},
                         {.authenticator = {.authenticate = [](const JoinRequest& request) -> Verdict {
                              return Identity{.subject = std::string(request.player_name)};
                          }},
                          .wall_clock = [&] { return clock; }});
    const auto join = [&](const std::string& name) -> VirtualClient& {
        VirtualClient& client = server.connect({.latency = 10ms}, {.player_name = name});
        client.session().predict_by(duel_rules());
        server.run_for(500ms);
        return client;
    };
    VirtualClient& ann = join("ann");
    VirtualClient& ben = join("ben");
    REQUIRE(all_play({&ann, &ben}));
    duel.heard_of.clear();
    SECTION("a room that was to end is not saved, and its players hear why it did") {
        REQUIRE(server.gate().site().directory.order_end("1", "the cup is over"));
        server.stop();
        CHECK_FALSE(server.saved());
        for (const VirtualClient* client : {&ann, &ben}) {
            REQUIRE(client->closed() != nullptr);
            CHECK(client->closed()->close_code == 1000);
            CHECK(client->closed()->reason == "the cup is over");
        }
        CHECK(duel.heard_of == std::vector<std::string>{"leave 1", "leave 2"});
        const auto ended = std::find_if(server.gate_events.begin(), server.gate_events.end(), [](const auto& event) {
            return event.kind == server::GateEvent::Kind::RoomClosed;
        });
        REQUIRE(ended != server.gate_events.end());
        CHECK(ended->reason == "the cup is over");
    }
    SECTION("who was to be banned is, away or not, and is not in the save") {
        const bool away = GENERATE(true, false);
        CAPTURE(away);
        if (away) {
            server.cut(ann);
            server.reset(ann);
            server.run_for(1s);
        }
        duel.heard_of.clear();
        server.room().order({.kind = server::Order::Kind::Ban, .player = 1, .time = 3600s, .reason = "cheating"});
        const server::BanBook& bans = server.gate().site().bans;
        std::vector<ListedBan> banned;
        server.on_client_event = [&](VirtualClient&, const session::ClientEvent&) {
            if (server.up()) banned = bans.list();
        };
        server.stop();
        REQUIRE(server.saved());
        REQUIRE(banned.size() == 1);
        CHECK(banned.front().subject == "ann");
        CHECK(duel.heard_of == std::vector<std::string>{"leave 1"});
        server.on_client_event = nullptr;
        duel.heard_of.clear();
        VirtualServer::restore(ann);
        REQUIRE(server.start());
        CHECK(server.room().player_count() == 1);
        server.run_for(10s);
        CHECK(ben.session().state() == ClientState::Playing);
        CHECK(duel.heard_of == std::vector<std::string>{"lost 2", "back 2"});
        REQUIRE(ann.closed() != nullptr);
        CHECK(ann.closed()->close_code == (away ? 4020 : 4041));
    }
    SECTION("a ban that was written into the book reaches who is away") {
        server.cut(ann);
        server.reset(ann);
        server.run_for(1s);
        REQUIRE(server.gate().site().bans.add({.subject = "ann", .until = clock + 60s}));
        duel.heard_of.clear();
        server.stop();
        REQUIRE(server.saved());
        CHECK(duel.heard_of == std::vector<std::string>{"leave 1"});
        REQUIRE(server.start());
        CHECK(server.room().player_count() == 1);
    }
}
