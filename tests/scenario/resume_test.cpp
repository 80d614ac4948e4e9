// Players who lose their connection and come back: the state goes on, events come once, and nobody else takes the place.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "sdk/core/base/random.h"
#include "tests/scenario/resume_counts.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using session::ClientState;

namespace {

/// Compares every snapshot that a client applies with the room's, as far as the room still holds it.
struct Compared {
    explicit Compared(VirtualServer& server) {
        server.on_client_event = [this, &server](VirtualClient& client, const session::ClientEvent& event) {
            if (event.kind != session::ClientEvent::Kind::Snapshot) return;
            const replication::Snapshot& newest = *client.session().snapshots().newest();
            const replication::Snapshot* const truth = server.room().snapshots().find(newest.tick);
            if (truth == nullptr) return;
            ++snapshots;
            if (!replication::same_state(newest, *truth))
                FAIL("tick " << newest.tick << ": "
                             << replication::first_difference(server.room().layout(), newest, *truth));
        };
    }
    std::size_t snapshots = 0;
};

/// A number in each tick to everybody.
void count_ticks(Duel& duel) {
    duel.after_tick = [](ServerSim& sim) { sim.emit(duel::Later{.number = sim.tick()}); };
}

/// All numbers from the first that was told, each once and in order.
void require_all(const VirtualClient& client) {
    const auto later = told<duel::Later>(client);
    REQUIRE_FALSE(later.empty());
    for (std::size_t i = 1; i < later.size(); ++i) REQUIRE(later[i].number == later[i - 1].number + 1);
}

}  // namespace

TEST_CASE("who is reset in mid-game is back within three round trips and a tick of trying", "[scenario][resume]") {
    Duel duel;
    count_ticks(duel);
    VirtualServer server(duel.game, {}, 5);
    Compared compared(server);
    VirtualClient& ann = join_duel(server, {.latency = 40ms}, walk);
    VirtualClient& ben = join_duel(server, {.latency = 10ms}, walk);
    server.run_for(2s);
    std::vector<double> took;
    for (int i = 0; i < 100; ++i) {
        server.reset(ann);
        CHECK(ann.session().state() == ClientState::Lost);
        const std::size_t snapshots = ann.session().counters().ticks;
        while (ann.peer->attempts() == 0) server.run_for(1ms);
        const TimePoint tried = server.now();
        while (ann.session().counters().ticks == snapshots) server.run_for(1ms);
        took.push_back(std::chrono::duration<double, std::milli>(server.now() - tried).count());
        server.run_for(Duration(50ms) * (i % 7));
    }
    std::sort(took.begin(), took.end());
    // The handshake of TCP is not in it: two round trips of the WebSocket and the session, and a tick.
    CHECK(took[took.size() / 2] <= 2 * 80 + 34 + 2);
    server.run_for(1s);
    CHECK(count(ann, session::ClientEvent::Kind::Resumed) == 100);
    CHECK(ann.session().player() == 1);
    CHECK(server.room().player_count() == 2);
    CHECK(count(server, server::GateEvent::Kind::Left) == 0);
    CHECK(count(server, server::GateEvent::Kind::Joined) == 2);
    require_all(ann);
    require_all(ben);
    CHECK(ann.session().counters().desyncs == 0);
    CHECK(compared.snapshots > 1000);
    // A delta from what it had, and no keyframe.
    CHECK(ann.session().counters().keyframes <= 2);
}

TEST_CASE("twenty seconds without a network cost neither the place nor an event", "[scenario][resume]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(1, 2, 3, 4, 5));
    CAPTURE(seed);
    Duel duel;
    duel.after_tick = [](ServerSim& sim) {
        if (sim.tick() % 10 == 0) sim.emit(duel::Later{.number = sim.tick() / 10});
    };
    VirtualServer server(duel.game, {}, seed);
    Compared compared(server);
    VirtualClient& ann = join_duel(server, {.latency = 60ms, .jitter = 20ms}, walk);
    VirtualClient& ben = join_duel(server, {.latency = 10ms}, walk);
    std::vector<std::string> said;
    const auto say = [&] {
        said.push_back("1 line " + std::to_string(said.size()));
        return send(server, ann, duel::Chat{.text = "line " + std::to_string(said.size() - 1), .number = 0}).has_value();
    };
    REQUIRE(say());
    server.run_for(2s);
    REQUIRE(say());
    server.cut(ann);
    for (int i = 0; i < 20; ++i) {
        REQUIRE(say());
        server.run_for(1s);
    }
    CHECK(ann.session().state() != ClientState::Playing);
    CHECK(count(server, server::GateEvent::Kind::Lost) == 1);
    CHECK(server.room().player_count() == 2);
    server.restore(ann);
    const TimePoint restored = server.now();
    while (ann.session().state() != ClientState::Playing && server.now() < restored + 30s) server.run_for(10ms);
    CHECK(ann.session().state() == ClientState::Playing);
    server.run_for(3s);
    CHECK(duel.heard == said);
    CHECK(told<duel::Chat>(ben).size() == said.size());
    CHECK(told<duel::Chat>(ann).size() == said.size());
    require_all(ann);
    require_all(ben);
    CHECK(ann.session().counters().desyncs == 0);
    CHECK(ann.session().snapshots().newest()->tick + 10 > server.room().tick_number());
    // Inputs count again.
    const std::uint64_t late = ann.session().counters().inputs_late;
    server.run_for(2s);
    CHECK(ann.session().counters().inputs_late - late < 5);
    CHECK(server.room().input_consumed(1) + 10 > server.room().tick_number());
}

TEST_CASE("who does not come back in time leaves, and is told that it is over", "[scenario][resume]") {
    Duel duel;
    VirtualServer server(duel.game, {.players_max = 1, .resume_within = 5s}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    server.cut(ann);
    server.run_for(12s);
    CHECK(count(server, server::GateEvent::Kind::Lost) == 1);
    CHECK(count(server, server::GateEvent::Kind::Left) == 0);
    // The place is taken as long as it is kept.
    VirtualClient& ben = server.connect();
    server.run_for(1s);
    REQUIRE(ben.closed() != nullptr);
    CHECK(ben.closed()->close_code == 4002);
    server.run_for(5s);
    CHECK(count(server, server::GateEvent::Kind::Left) == 1);
    CHECK(server.room().player_count() == 0);
    VirtualClient& cat = server.connect();
    server.run_for(1s);
    CHECK(cat.session().state() == ClientState::Playing);
    server.restore(ann);
    server.run_for(20s);
    REQUIRE(ann.closed() != nullptr);
    CHECK(ann.closed()->close_code == static_cast<std::uint16_t>(ws::CloseCode::SessionOver));
}

TEST_CASE("a client that finds no way back gives up, and says how often it tried", "[scenario][resume]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    server.reset(ann);
    server.cut(ann);
    server.run_for(61s);
    REQUIRE(ann.closed() != nullptr);
    CHECK(ann.peer->finished());
    CHECK(ann.closed()->reason.find("no way back to the server was found in 60000 ms and ") == 0);
}

TEST_CASE("a player is where it came back last: the connection before ends, known to be lost or not", "[scenario][resume]") {
    Duel duel;
    count_ticks(duel);
    VirtualServer server(duel.game, {}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    server.run_for(1s);
    // The client's end breaks, and the server hears nothing of it.
    ann.stream->dead = true;
    ann.peer->abort("another network", server.now());
    server.run_for(1s);
    CHECK(ann.session().state() == ClientState::Playing);
    CHECK(count(server, server::GateEvent::Kind::Lost) == 0);
    CHECK(count(server, server::GateEvent::Kind::Resumed) == 1);
    CHECK(server.room().player_count() == 1);
    require_all(ann);
}

TEST_CASE("the game hears of a loss and of a return", "[scenario][resume]") {
    Duel duel;
    std::vector<std::string> heard;
    duel.game.on_leave = [&](ServerSim&, Player player) { heard.push_back("leave " + std::to_string(player.id())); };
    duel.game.on_disconnect = [&](ServerSim&, Player player, std::string_view) { heard.push_back("lost " + std::to_string(player.id())); };
    duel.game.on_reconnect = [&](ServerSim&, Player player) { heard.push_back("back " + std::to_string(player.id())); };
    VirtualServer server(duel.game, {.resume_within = 2s}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    server.reset(ann);
    server.run_for(1s);
    CHECK(heard == std::vector<std::string>{"lost 1", "back 1"});
    server.reset(ann);
    server.cut(ann);
    server.run_for(3s);
    CHECK(heard == std::vector<std::string>{"lost 1", "back 1", "lost 1", "leave 1"});
}

TEST_CASE("a client that leaves by its own will is not kept", "[scenario][resume]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    ann.peer->close("enough", server.now());
    server.run_for(1s);
    CHECK(server.room().player_count() == 0);
    CHECK(count(server, server::GateEvent::Kind::Lost) == 0);
    CHECK(ann.peer->finished());
}

TEST_CASE("resets at any moment, of anybody, at random: each event once, each state the room's", "[scenario][resume]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 9)));
    CAPTURE(seed);
    SeededRandom random(seed);
    Duel duel;
    count_ticks(duel);
    VirtualServer server(duel.game, {}, seed);
    Compared compared(server);
    std::vector<VirtualClient*> clients;
    std::vector<std::uint32_t> said(4);
    for (int i = 0; i < 4; ++i)
        clients.push_back(&join_duel(server, {.latency = Duration(5ms) * (1 + random.below(20)), .jitter = 5ms, .short_reads = i % 2 == 1}, walk));
    for (int step = 0; step < 200; ++step) {
        const std::uint32_t which = random.below(4);
        VirtualClient& one = *clients[which];
        if (random.below(3) == 0) server.reset(one);
        if (send(server, one, duel::Chat{.text = std::to_string(said[which]), .number = which})) ++said[which];
        server.run_for(Duration(1ms) * random.below(200));
    }
    server.run_for(5s);
    for (std::uint32_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        if (const session::ClientEvent* const closed = clients[i]->closed()) FAIL(closed->reason);
        REQUIRE(clients[i]->session().state() == ClientState::Playing);
        require_all(*clients[i]);
        std::uint32_t next = 0;
        for (const duel::Chat& chat : told<duel::Chat>(*clients[(i + 1) % 4]))
            if (chat.number == i) REQUIRE(chat.text == std::to_string(next++));
        CHECK(next == said[i]);
    }
    CHECK(server.room().player_count() == 4);
    CHECK(compared.snapshots > 500);
}

TEST_CASE("a bulk transfer comes once, wherever the connection breaks", "[scenario][resume]") {
    // The link takes 0.7 s for it.
    const auto after = Duration(GENERATE(range(0, 40))) * 25'000;
    CAPTURE(after.count());
    Duel duel;
    std::vector<std::byte> map(70'000);
    for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::byte>(i * i / 7);
    duel.joined = [&](ServerSim& sim, Player player) {
        for (const std::uint32_t id : {1U, 2U}) CHECK(sim.send_bulk(player.id(), id, map));
    };
    VirtualServer server(duel.game, {}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 30ms, .bytes_per_second = 200'000}, walk);
    server.run_for(after);
    server.reset(ann);
    server.run_for(4s);
    for (const std::uint32_t id : {1U, 2U}) {
        const auto bulk = ann.session().poll_bulk();
        REQUIRE(bulk);
        CHECK(bulk->id == id);
        CHECK(bulk->bytes == map);
    }
    CHECK_FALSE(ann.session().poll_bulk());
}

TEST_CASE("a network that goes in the midst of a message is a loss like any other", "[scenario][resume]") {
    const auto after = Duration(GENERATE(range(0, 30))) * 7'000;
    CAPTURE(after.count());
    Duel duel;
    duel.after_tick = [](ServerSim& sim) { sim.emit(duel::Chat{.text = std::string(300, 'x'), .number = sim.tick()}); };
    VirtualServer server(duel.game, {}, 5);
    // A message takes 40 ms of the link: there is always one on its way.
    VirtualClient& ann = join_duel(server, {.latency = 20ms, .bytes_per_second = 8'000}, walk);
    server.run_for(500ms + after);
    duel.after_tick = nullptr;
    server.cut(ann);
    server.run_for(12s);
    REQUIRE(ann.closed() == nullptr);
    CHECK(ann.session().lost());
    CHECK(count(server, server::GateEvent::Kind::Left) == 0);
    server.restore(ann);
    server.run_for(6s);
    CHECK(ann.session().state() == ClientState::Playing);
    const auto chat = told<duel::Chat>(ann);
    for (std::size_t i = 1; i < chat.size(); ++i) REQUIRE(chat[i].number == chat[i - 1].number + 1);
}

TEST_CASE("the clock of a client that comes back may be another one", "[scenario][resume]") {
    Duel duel;
    VirtualServer server(duel.game, {}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 20ms}, walk);
    server.run_for(2s);
    server.reset(ann);
    server.run_for(500ms);
    REQUIRE(ann.session().state() == ClientState::Playing);
    // Whatever ticks it says that its inputs are for.
    Tick forged = 0;
    ann.forge = [&](wire::InputMessage& input) {
        if (input.tick != 0) input.tick = ++forged;
    };
    server.reset(ann);
    server.run_for(2s);
    CHECK(server.room().player_count() == 1);
    ann.forge = nullptr;
    server.reset(ann);
    server.run_for(2s);
    CHECK(ann.session().state() == ClientState::Playing);
}

TEST_CASE("a client that sends as much as it may is never sent away, however often it loses its connection", "[scenario][resume]") {
    Duel duel;
    std::vector<std::uint32_t> heard;
    duel.game.on_event[event_index<duel::Later>] = [&heard](ServerSim&, Player, const void* event) {
        heard.push_back(static_cast<const duel::Later*>(event)->number);
    };
    VirtualServer server(duel.game, {}, 5);
    VirtualClient& ann = join_duel(server, {.latency = 40ms}, walk);
    std::uint32_t number = 0;
    for (int round = 0; round < 400; ++round) {
        while (send(server, ann, duel::Later{.number = number})) ++number;
        // Some when they are on their way, and some while there is no way.
        if (round % 20 == 7) server.cut(ann);
        if (round % 20 == 7) server.reset(ann);
        if (round % 20 == 12) VirtualServer::restore(ann);
        if (round % 20 == 17) server.reset(ann);
        server.run_for(100ms);
    }
    VirtualServer::restore(ann);
    server.run_for(5s);
    CHECK(ann.closed() == nullptr);
    CHECK(count(server, server::GateEvent::Kind::Resumed) >= 20);
    CHECK(number > 600);
    REQUIRE(heard.size() == number);
    for (std::uint32_t i = 0; i < number; ++i) REQUIRE(heard[i] == i);
}
