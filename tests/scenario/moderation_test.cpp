// Players whom the game or the operator does not want, and who do nothing: whole servers and clients in virtual time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "server/gate/hosted_room.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace std::chrono_literals;
using server::GateEvent;
using server::Order;
using session::ClientState;

namespace {

constexpr SystemTime wall{std::chrono::seconds(1'800'000'000)};

/// A duel whose players are who their token says, or anonymous without one, and come from addresses of their own.
struct Hall {
    explicit Hall(ServerOptions options = {}) : server(with_callbacks(), options, 1, {}, admission()) {}

    VirtualClient& join(const std::string& token = {}, const std::string& address = "203.0.113.7") {
        VirtualClient& client = try_to_join(token, address);
        REQUIRE(client.session().state() == ClientState::Playing);
        return client;
    }
    VirtualClient& try_to_join(const std::string& token = {}, const std::string& address = "203.0.113.7") {
        VirtualClient& client = server.connect({.latency = 10ms}, {.player_name = "ann", .token = token});
        client.session().predict_by(duel_rules());
        server.gate().set_peer_address(client.stream->id, address);
        server.run_for(300ms);
        return client;
    }
    /// As an operator's letter does it.
    void order(Order order) {
        server.gate().find_room(server::RoomNumber{1})->room().order(std::move(order));
        server.run_for(200ms);
    }
    /// In the game's next tick.
    void in_tick(std::function<void(ServerSim&)> call) {
        duel.after_tick = [this, call = std::move(call)](ServerSim& sim) {
            const auto once = std::exchange(duel.after_tick, nullptr);
            call(sim);
        };
        server.run_for(200ms);
    }
    int left() const { return left_; }
    std::size_t players() { return server.room().player_count(); }
    const GateEvent& last() const { return server.gate_events.back(); }

    Duel duel;
    SystemTime clock = wall;
    std::vector<std::string> told;  // by on_idle and on_active
    VirtualServer server;

private:
    const Game& with_callbacks() {
        duel.game.silenced.resize(5);
        duel.game.silenced[event_index<duel::Chat>] = true;
        duel.game.silenced[event_index<duel::Buy>] = true;
        duel.game.on_leave = [this](ServerSim&, Player) { ++left_; };
        duel.game.on_idle = [this](ServerSim&, Player player) { told.push_back("idle " + std::to_string(player.id())); };
        duel.game.on_active = [this](ServerSim&, Player player) { told.push_back("active " + std::to_string(player.id())); };
        return duel.game;
    }
    server::AdmissionSetup admission() {
        return {.authenticator = {.authenticate = [](const JoinRequest& request) -> Verdict {
                    return Identity{.subject = std::string(request.token)};
                }},
                .wall_clock = [this] { return clock; }};
    }
    int left_ = 0;
};

/// {code, reason} of the server's end; {0, ""} when there is none.
std::pair<int, std::string> end_of(const VirtualClient& client) {
    const session::ClientEvent* const closed = client.closed();
    return closed == nullptr ? std::pair<int, std::string>() : std::pair<int, std::string>(closed->close_code, closed->reason);
}

using End = std::pair<int, std::string>;

}  // namespace

TEST_CASE("a game kicks a player: it is told why, the game that it left, and its token is worth nothing", "[scenario][moderation]") {
    Hall hall;
    VirtualClient& ann = hall.join();
    VirtualClient& ben = hall.join();
    hall.in_tick([](ServerSim& sim) { sim.kick(1, "be nice"); });
    CHECK(end_of(ann) == End{4040, "be nice"});
    CHECK(ann.session().state() == ClientState::Closed);  // it does not try to come back
    CHECK(hall.left() == 1);
    CHECK(hall.players() == 1);
    CHECK(hall.last().kind == GateEvent::Kind::Left);
    CHECK(hall.last().close_code == 4040);
    CHECK(hall.last().reason == "be nice");
    CHECK(ben.closed() == nullptr);
    CHECK(hall.server.gate().counters().players_dismissed == 1);
    // Who was kicked may join anew.
    hall.join();
    CHECK(hall.players() == 2);
}

TEST_CASE("an operator's reason is bounded and harmless, and orders for nobody do nothing", "[scenario][moderation]") {
    Hall hall({.bots = 1});
    VirtualClient& ann = hall.join();
    hall.order({.kind = Order::Kind::Kick, .player = 99, .reason = "nobody"});
    hall.order({.kind = Order::Kind::Kick, .player = 1, .reason = "a bot"});
    hall.order({.kind = Order::Kind::Mute, .player = 99, .time = 1s});
    hall.order({.kind = Order::Kind::Ban, .player = 0, .time = 1s});
    CHECK(hall.players() == 2);
    CHECK(ann.closed() == nullptr);
    hall.order({.kind = Order::Kind::Kick, .player = 2, .reason = "a\n\x1b[31mb" + std::string(500, 'x')});
    CHECK(end_of(ann).first == 4040);
    CHECK(end_of(ann).second == "a??[31mb" + std::string(112, 'x'));
}

TEST_CASE("who is away and is kicked cannot come back, and has left", "[scenario][moderation]") {
    Hall hall({.resume_within = 30s});
    VirtualClient& ann = hall.join();
    hall.server.cut(ann);
    hall.server.reset(ann);
    hall.server.run_for(1s);
    REQUIRE(hall.last().kind == GateEvent::Kind::Lost);
    hall.order({.kind = Order::Kind::Kick, .player = 1, .reason = "be nice"});
    CHECK(hall.left() == 1);
    CHECK(hall.players() == 0);
    CHECK(hall.last().kind == GateEvent::Kind::Left);
    CHECK(hall.last().close_code == 4040);
    VirtualServer::restore(ann);
    hall.server.run_for(40s);
    CHECK(end_of(ann).first == 4020);
    CHECK(hall.players() == 0);
}

TEST_CASE("a ban is of the identity, in every room and until its time is over", "[scenario][moderation]") {
    Hall hall;
    VirtualClient& ann = hall.join("account-7");
    hall.in_tick([](ServerSim& sim) { sim.ban(1, 3600s, "cheating"); });
    const End banned{4041, "banned until 2027-01-15T09:00:00Z: cheating"};
    CHECK(end_of(ann) == banned);
    CHECK(end_of(hall.try_to_join("account-7", "198.51.100.9")) == banned);
    CHECK(hall.last().kind == GateEvent::Kind::Refused);
    CHECK(class_of(hall.last()) == server::RefusalClass::Banned);
    hall.join("account-8");  // of the same address
    hall.clock += 3600s;
    hall.join("account-7");
}

TEST_CASE("a ban for ever is one", "[scenario][moderation]") {
    Hall hall;
    VirtualClient& ann = hall.join("account-7");
    hall.in_tick([](ServerSim& sim) { sim.ban(1, std::chrono::seconds::max(), "cheating"); });
    CHECK(end_of(ann) == End{4041, "banned until 2126-12-22T08:00:00Z: cheating"});
    hall.clock += std::chrono::hours(99 * 365 * 24);
    CHECK(end_of(hall.try_to_join("account-7")).first == 4041);
}

TEST_CASE("an anonymous player is banned by its address, and cannot come back from there either", "[scenario][moderation]") {
    Hall hall({.resume_within = 30s});
    VirtualClient& ann = hall.join();
    VirtualClient& ben = hall.join({}, "198.51.100.9");
    VirtualClient& eve = hall.join({}, "203.0.113.7");  // of the same address as ann
    hall.order({.kind = Order::Kind::Ban, .player = 1, .time = 60s});
    CHECK(end_of(ann) == End{4041, "banned until 2027-01-15T08:01:00Z"});
    // Whoever else is there under the ban leaves as well.
    CHECK(end_of(eve) == End{4041, "banned until 2027-01-15T08:01:00Z"});
    CHECK(end_of(hall.try_to_join()).first == 4041);
    CHECK(ben.closed() == nullptr);
    CHECK(hall.players() == 1);
}

TEST_CASE("who speaks for others is kicked instead of banned, and the operator is told why", "[scenario][moderation]") {
    Hall hall;
    VirtualClient& ann = hall.join({}, "127.0.0.1");
    hall.order({.kind = Order::Kind::Ban, .player = 1, .time = 60s, .reason = "be nice"});
    CHECK(end_of(ann) == End{4040, "be nice"});
    const auto told = std::find_if(hall.server.gate_events.begin(), hall.server.gate_events.end(),
                                   [](const GateEvent& event) { return event.kind == GateEvent::Kind::Moderated; });
    REQUIRE(told != hall.server.gate_events.end());
    CHECK(told->reason.find("kicked only: 127.0.0.1 is this machine") == 0);
    hall.join({}, "127.0.0.1");
}

TEST_CASE("a ban that an operator writes reaches who plays within a tick, and who is away", "[scenario][moderation]") {
    Hall hall({.resume_within = 30s});
    VirtualClient& ann = hall.join("account-7");
    VirtualClient& ben = hall.join("account-8");
    hall.server.cut(ben);
    hall.server.reset(ben);
    hall.server.run_for(1s);
    server::BanBook& book = hall.server.gate().find_room(server::RoomNumber{1})->bans();
    REQUIRE(book.add({.subject = "account-7", .until = hall.clock + 60s, .reason = "x"}));
    REQUIRE(book.add({.subject = "account-8", .until = hall.clock + 60s, .reason = "y"}));
    hall.server.run_for(100ms);
    CHECK(end_of(ann) == End{4041, "banned until 2027-01-15T08:01:00Z: x"});
    CHECK(hall.players() == 0);
    CHECK(hall.left() == 2);
}

TEST_CASE("what a muted player says does not reach the game, and its requests are answered with how long", "[scenario][moderation]") {
    Hall hall;
    VirtualClient& ann = hall.join();
    VirtualClient& ben = hall.join();
    const auto says = [&](VirtualClient& client, const char* text) {
        REQUIRE(send(hall.server, client, duel::Chat{.text = text}));
        hall.server.run_for(100ms);
    };
    says(ann, "one");
    bool muted = false;
    hall.in_tick([](ServerSim& sim) { sim.mute(1, 2s); });
    hall.in_tick([&](ServerSim& sim) { muted = sim.muted(1) && !sim.muted(2); });
    CHECK(muted);
    says(ann, "two");
    says(ben, "three");
    const std::uint32_t bought = request(hall.server, ann, duel::Buy{.item = 4});
    REQUIRE(send(hall.server, ann, duel::Later{.number = 1}));  // of no kind that is silenced
    hall.server.run_for(200ms);
    duel::Bought never_came{};
    const auto reply = ann.session().take_reply(bought, event_index<duel::Bought>, &never_came);
    REQUIRE(reply);
    REQUIRE_FALSE(*reply);
    CHECK(reply->error().message.find("you are muted, for ") == 0);
    CHECK(hall.server.room().counters().events_muted == 2);
    hall.server.run_for(2s);
    says(ann, "four");
    CHECK(hall.duel.heard == std::vector<std::string>{"1 one", "2 three", "1 four"});
    hall.order({.kind = Order::Kind::Mute, .player = 1, .time = 3600s});
    CHECK(hall.last().kind == GateEvent::Kind::Moderated);
    CHECK(hall.last().reason == "muted for 3600 s");
    says(ann, "five");
    hall.order({.kind = Order::Kind::Mute, .player = 1});
    CHECK(hall.last().reason == "muted no more");
    says(ann, "six");
    CHECK(hall.duel.heard.back() == "1 six");
}

TEST_CASE("a mute outlives the connection", "[scenario][moderation]") {
    Hall hall({.resume_within = 30s});
    VirtualClient& ann = hall.join();
    hall.order({.kind = Order::Kind::Mute, .player = 1, .time = 3600s});
    hall.server.reset(ann);
    hall.server.run_for(2s);
    REQUIRE(ann.session().state() == ClientState::Playing);
    REQUIRE(send(hall.server, ann, duel::Chat{.text = "hello"}));
    hall.server.run_for(200ms);
    CHECK(hall.duel.heard.empty());
}

TEST_CASE("who gives the same input all the time is idle, and active by any other input, event or request", "[scenario][moderation][idle]") {
    Hall hall({.idle = {.after = 2s}});
    VirtualClient& ann = hall.join();
    duel::Move held{.dx = 1};
    ann.input = [&](std::uint32_t, std::byte* aggregate) { std::memcpy(aggregate, &held, sizeof held); };
    hall.server.run_for(1500ms);
    CHECK(hall.told.empty());
    hall.server.run_for(1500ms);
    CHECK(hall.told == std::vector<std::string>{"idle 1"});
    held.dx = 0;
    hall.server.run_for(500ms);
    CHECK(hall.told.back() == "active 1");
    hall.server.run_for(3s);
    CHECK(hall.told.back() == "idle 1");
    REQUIRE(send(hall.server, ann, duel::Chat{.text = "hello"}));
    hall.server.run_for(500ms);
    CHECK(hall.told == std::vector<std::string>{"idle 1", "active 1", "idle 1", "active 1"});
    CHECK(ann.closed() == nullptr);
}

TEST_CASE("who is idle for too long is sent away where the operator says so, and bots and those who are away are not",
          "[scenario][moderation][idle]") {
    Hall hall({.bots = 2, .resume_within = 3600s, .idle = {.after = 1s, .kick_after = 5s}});
    VirtualClient& ann = hall.join();
    VirtualClient& ben = hall.join();
    VirtualClient& lost = hall.join();
    ben.input = [](std::uint32_t number, std::byte* aggregate) {
        const duel::Move move{.dx = static_cast<std::int8_t>(number / 20 % 2)};
        std::memcpy(aggregate, &move, sizeof move);
    };
    hall.server.cut(lost);
    hall.server.reset(lost);
    hall.server.run_for(20s);
    CHECK(end_of(ann) == End{4042, "nothing was done for 5 s"});
    CHECK(ben.closed() == nullptr);
    CHECK(hall.players() == 4);
}

TEST_CASE("a client at which nobody looks is sent away after a time of its own", "[scenario][moderation][idle]") {
    Hall hall({.idle = {.hidden_kick_after = 10s}});
    VirtualClient& ann = hall.join();
    VirtualClient& ben = hall.join();
    ann.peer->suspend(hall.server.now());
    hall.server.run_for(9s);
    CHECK(ann.closed() == nullptr);
    hall.server.run_for(2s);
    CHECK(end_of(ann) == End{4042, "nobody has looked for 10 s"});
    CHECK(ben.closed() == nullptr);
}

TEST_CASE("what a room reports of its players is what they are", "[scenario][moderation]") {
    Hall hall({.players_max = 8, .bots = 1, .resume_within = 30s});
    hall.join("account-7");
    VirtualClient& lost = hall.join();
    hall.server.cut(lost);
    hall.server.reset(lost);
    hall.order({.kind = Order::Kind::Mute, .player = 2, .time = 60s});
    hall.server.run_for(3s);
    const server::HostedRoom& room = *hall.server.gate().find_room(server::RoomNumber{1});
    const server::RoomReport report = room.report();
    CHECK(report.players == 3);
    CHECK(report.bots == 1);
    CHECK(report.away == 1);
    CHECK(report.players_max == 8);
    const auto players = room.report_players();
    REQUIRE(players.size() == 3);
    CHECK(players[0].bot);
    CHECK(players[1].subject == "account-7");
    CHECK(players[1].address == "203.0.113.7");
    CHECK(players[1].muted_for > 50s);
    CHECK(players[1].connection != server::ConnectionId{});
    CHECK(players[1].rtt.value() >= 20ms);
    CHECK(players[2].away);
    CHECK(players[2].connection == server::ConnectionId{});
}

TEST_CASE("who watches is reported as such, and can be kicked and banned", "[scenario][moderation][spectate]") {
    Hall hall({.spectators_max = 2, .spectator_delay = 0ms});
    hall.join("account-7");
    const auto watch = [&](const std::string& token) -> VirtualClient& {
        VirtualClient& client = hall.server.connect({.latency = 10ms}, {.player_name = "eve", .token = token, .spectate = true});
        hall.server.gate().set_peer_address(client.stream->id, "198.51.100.9");
        hall.server.run_for(500ms);
        return client;
    };
    VirtualClient& eve = watch("account-8");
    VirtualClient& fay = watch("account-9");
    REQUIRE(fay.session().state() == ClientState::Playing);
    server::HostedRoom& room = *hall.server.gate().find_room(server::RoomNumber{1});
    CHECK(room.report().players == 1);
    CHECK(room.report().spectators == 2);
    const auto reports = room.report_players();
    REQUIRE(reports.size() == 3);
    CHECK_FALSE(reports[0].spectates);
    CHECK(reports[1].spectates);
    CHECK(reports[1].player >= server::first_spectator);
    CHECK(reports[1].subject == "account-8");
    CHECK(reports[1].address == "198.51.100.9");
    CHECK(reports[1].connection != server::ConnectionId{});
    hall.order({.kind = Order::Kind::Mute, .player = reports[1].player, .time = 60s});
    hall.order({.kind = Order::Kind::Kick, .player = reports[1].player, .reason = "be nice"});
    CHECK(end_of(eve) == End{4040, "be nice"});
    CHECK(hall.last().kind == GateEvent::Kind::Left);
    CHECK(hall.last().spectates);
    hall.order({.kind = Order::Kind::Ban, .player = reports[2].player, .time = 60s});
    CHECK(end_of(fay).first == 4041);
    CHECK(end_of(watch("account-9")).first == 4041);
    CHECK(room.report().spectators == 0);
    CHECK(hall.players() == 1);
}
