// Clients that wish a room, get it, open it and find each other in it, with real sessions in virtual time.
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/gate/gate.h"
#include "server/gate/ticket_book.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using server::GateEvent;
using server::RoomNumber;

namespace {

const std::string key(32, 'k');
constexpr SystemTime wall{std::chrono::seconds(1'800'000'000)};

ServerOptions open_to_all(ServerOptions options = {}) {
    options.client_rooms.allowed = true;
    return options;
}

struct House {
    explicit House(ServerOptions options = open_to_all(), server::AdmissionSetup admission = {})
        : server(sample.game(), options, 1, {}, std::move(admission)) {}

    VirtualClient& come(RoomWish wish, const std::string& address = "203.0.113.7", std::string token = {}) {
        VirtualClient& client =
            server.connect({.latency = 5ms}, {.player_name = "Ann", .token = std::move(token), .room = std::move(wish)});
        server.gate().set_peer_address(client.stream->id, address);
        server.run_for(200ms);
        return client;
    }
    void leave(VirtualClient& client) {
        client.peer->close("bye", server.now());
        server.run_for(200ms);
    }
    std::size_t count(GateEvent::Kind kind) const {
        std::size_t found = 0;
        for (const GateEvent& event : server.gate_events) found += event.kind == kind ? 1U : 0U;
        return found;
    }

    SampleGame sample;
    VirtualServer server;
};

bool plays(const VirtualClient& client) { return client.session().state() == session::ClientState::Playing; }

/// 0: it was not closed.
int code_of(const VirtualClient& client) { return client.closed() == nullptr ? 0 : client.closed()->close_code; }

const RoomWish duel{.properties = {{"mode", "duel"}}, .choice = RoomChoice::JoinOrCreate};

}  // namespace

TEST_CASE("a client that wishes nothing is told the room's name and number", "[gate][rooms]") {
    House house{ServerOptions{}};
    VirtualClient& client = house.come({});
    REQUIRE(plays(client));
    CHECK(client.session().room() == RoomIdentity{.number = 1, .name = "1"});
    CHECK(plays(house.come({.name = "1"})));
    CHECK(code_of(house.come({.name = "2"})) == 4030);
    CHECK(code_of(house.come({.code = "ABCDEFGH"})) == 4031);
}

TEST_CASE("who finds no room like that opens one, and the next comes to it", "[gate][rooms]") {
    House house;
    VirtualClient& one = house.come(duel);
    VirtualClient& two = house.come(duel);
    REQUIRE(plays(one));
    REQUIRE(plays(two));
    CHECK(one.session().room() == RoomIdentity{.number = 2, .name = "2"});
    CHECK(two.session().room() == one.session().room());
    server::HostedRoom* const room = house.server.gate().find_room(RoomNumber{2});
    REQUIRE(room != nullptr);
    CHECK(room->room().player_count() == 2);
    CHECK(room->description().properties == duel.properties);
    CHECK(house.server.room().player_count() == 0);
    CHECK(one.session().counters().ticks > 3);
    REQUIRE(house.server.gate_events.size() >= 2);
    CHECK(house.server.gate_events[0].kind == GateEvent::Kind::RoomOpened);
    CHECK(house.server.gate_events[0].room_name == "2");
    CHECK(house.server.gate_events[1].kind == GateEvent::Kind::Joined);
}

TEST_CASE("who watches finds a room as who plays does, opens none, and keeps none open", "[gate][rooms][spectate]") {
    ServerOptions options = open_to_all({.spectators_max = 2, .spectator_delay = 0ms});
    options.client_rooms.empty_for = 500ms;
    House house(options);
    VirtualClient& host = house.come({.choice = RoomChoice::Create, .is_private = true});
    REQUIRE(plays(host));
    const auto watch = [&](RoomWish wish) -> VirtualClient& {
        VirtualClient& client = house.server.connect({.latency = 5ms}, {.spectate = true, .room = std::move(wish)});
        house.server.run_for(200ms);
        return client;
    };
    VirtualClient& spectator = watch({.code = host.session().room().code});
    REQUIRE(plays(spectator));
    CHECK(spectator.session().spectates());
    CHECK(spectator.session().room() == host.session().room());
    CHECK(code_of(watch({.name = "nowhere", .choice = RoomChoice::JoinOrCreate})) == 4030);
    CHECK(code_of(watch({.choice = RoomChoice::Create})) == 4035);
    house.leave(host);
    house.server.run_for(1s);
    CHECK(code_of(spectator) == 1000);
    CHECK(house.server.gate().room_count() == 1);
}

TEST_CASE("a new room has the name, the seats and the privacy that were wished", "[gate][rooms]") {
    House house;
    VirtualClient& host = house.come({.name = "ours", .choice = RoomChoice::Create, .seats = 2, .is_private = true});
    REQUIRE(plays(host));
    CHECK(host.session().room().name == "ours");
    const std::string code = host.session().room().code;
    REQUIRE(code.size() == 8);
    CHECK(code_of(house.come({.name = "ours"})) == 4030);
    CHECK(code_of(house.come({.name = "ours", .choice = RoomChoice::Create})) == 4034);
    VirtualClient& guest = house.come({.code = code});
    REQUIRE(plays(guest));
    CHECK(guest.session().room() == host.session().room());
    const VirtualClient& late = house.come({.code = code});
    CHECK(code_of(late) == 4032);
    CHECK(late.closed()->retry_after.value_or(0ms) > 0ms);
    CHECK(code_of(house.come({.choice = RoomChoice::Create, .seats = 65})) == 4035);
}

TEST_CASE("a room of a client's ends when nobody has been in it for long enough, and its name is free", "[gate][rooms]") {
    House house(open_to_all({.client_rooms = {.empty_for = 2s}}));
    VirtualClient& host = house.come({.name = "ours", .choice = RoomChoice::Create});
    REQUIRE(plays(host));
    house.server.run_for(5s);
    CHECK(house.server.gate().room_count() == 2);
    house.leave(host);
    house.server.run_for(1s);
    CHECK(house.server.gate().room_count() == 2);
    VirtualClient& again = house.come({.name = "ours"});
    REQUIRE(plays(again));
    CHECK(again.session().room().number == 2);
    house.server.run_for(3s);
    CHECK(plays(again));
    house.leave(again);
    house.server.run_for(2s);
    CHECK(house.server.gate().room_count() == 1);
    CHECK(house.count(GateEvent::Kind::RoomClosed) == 1);
    CHECK(code_of(house.come({.name = "ours"})) == 4030);
    VirtualClient& anew = house.come({.name = "ours", .choice = RoomChoice::JoinOrCreate});
    REQUIRE(plays(anew));
    CHECK(anew.session().room().number == 3);
    CHECK(house.server.gate().find_room(RoomNumber{1}) != nullptr);
}

TEST_CASE("who has lost the connection keeps the room that it has opened, and comes back to it", "[gate][rooms][resume]") {
    House house(open_to_all({.client_rooms = {.empty_for = 500ms}}));
    VirtualClient& host = house.come({.name = "ours", .choice = RoomChoice::Create, .is_private = true});
    REQUIRE(plays(host));
    const RoomIdentity room = host.session().room();
    house.server.cut(host);
    house.server.run_for(15s);
    CHECK(house.server.gate().room_count() == 2);
    VirtualServer::restore(host);
    house.server.run_for(10s);
    REQUIRE(plays(host));
    CHECK(host.session().room() == room);
}

TEST_CASE("a reserved place is for who brings its text, whatever else is full", "[gate][rooms]") {
    House house(ServerOptions{.players_max = 1});
    auto& directory = house.server.gate().site().directory;
    const auto kept = directory.reserve("1", house.server.now() + 15s);
    REQUIRE(std::holds_alternative<std::string>(kept));
    CHECK(code_of(house.come({})) == 4002);
    CHECK(code_of(house.come({.reservation = "guessed"})) == 4031);
    VirtualClient& expected = house.come({.reservation = std::get<std::string>(kept)});
    CHECK(plays(expected));
    CHECK(code_of(house.come({.reservation = std::get<std::string>(kept)})) == 4031);
    house.leave(expected);
    CHECK(std::holds_alternative<std::string>(directory.reserve("1", house.server.now() + 1s)));
    house.server.run_for(2s);
    CHECK(plays(house.come({})));
}

TEST_CASE("a room ends by the program's word, and its players are told why", "[gate][rooms]") {
    House house;
    VirtualClient& host = house.come({.name = "ours", .choice = RoomChoice::Create});
    REQUIRE(plays(host));
    auto& directory = house.server.gate().site().directory;
    CHECK_FALSE(directory.order_end("theirs", "no"));
    REQUIRE(directory.order_end("ours", "the cup is over"));
    house.server.run_for(200ms);
    CHECK(code_of(host) == 1000);
    CHECK(host.closed()->reason == "the cup is over");
    CHECK(house.server.gate().room_count() == 1);
    REQUIRE(std::holds_alternative<server::RoomPlace>(directory.order({.room = {.name = "next", .seats = 4}})));
    house.server.run_for(100ms);
    CHECK(plays(house.come({.name = "next"})));
}

TEST_CASE("the program decides on the rooms of clients, and may change them", "[gate][rooms]") {
    std::vector<std::string> asked;
    House house(open_to_all(), {.authenticator = {.authenticate = [](const JoinRequest& request) -> Verdict {
                                    return Identity{.subject = std::string(request.token)};
                                }},
                                .allow_room = [&](const Identity& who, RoomDescription& room) -> std::optional<Refusal> {
                                    asked.push_back(who.subject);
                                    if (room.properties.count("mode") == 0)
                                        return Refusal{Refusal::Kind::NoNewRooms, "say which mode"};
                                    room.properties["map"] = "harbour";
                                    room.seats = 2;
                                    return std::nullopt;
                                }});
    const VirtualClient& refused = house.come({.choice = RoomChoice::Create}, "203.0.113.7", "account-7");
    CHECK(code_of(refused) == 4035);
    CHECK(refused.closed()->reason == "say which mode");
    CHECK(plays(house.come(duel, "203.0.113.7", "account-8")));
    CHECK(asked == std::vector<std::string>{"account-7", "account-8"});
    const server::HostedRoom* const room = house.server.gate().find_room(RoomNumber{2});
    REQUIRE(room != nullptr);
    CHECK(room->description().properties.at("map") == "harbour");
    CHECK(room->room().options().players_max == 2);
    // Who finds one is not asked about.
    CHECK(plays(house.come({.properties = {{"map", "harbour"}}, .choice = RoomChoice::JoinOrCreate})));
    CHECK(asked.size() == 2);
}

TEST_CASE("a room that the program has renamed beyond the limits is not opened", "[gate][rooms]") {
    RoomDescription changed;
    House house(open_to_all(), {.allow_room = [&](const Identity&, RoomDescription& room) -> std::optional<Refusal> {
                    room.name = changed.name;
                    room.properties = changed.properties;
                    room.code = changed.code;
                    return std::nullopt;
                }});
    for (const RoomDescription& bad : {RoomDescription{.name = std::string(65, 'x')}, RoomDescription{.name = "two\nlines"},
                                       RoomDescription{.properties = {{"mode", std::string(60, 'x')}}},
                                       RoomDescription{.code = std::string(65, 'x')}}) {
        changed = bad;
        const VirtualClient& refused = house.come({.choice = RoomChoice::Create});
        CHECK(code_of(refused) == 4035);
        CHECK(refused.closed()->reason.rfind("this server cannot open such a room: ", 0) == 0);
    }
    CHECK(house.count(GateEvent::Kind::RoomOpened) == 0);
    changed = {.name = std::string(64, 'x')};
    VirtualClient& host = house.come({.choice = RoomChoice::Create});
    REQUIRE(plays(host));
    CHECK(host.session().room().name == changed.name);
}

TEST_CASE("a server opens no rooms for clients unless it was told to, and none while it drains", "[gate][rooms]") {
    House plain{ServerOptions{}};
    CHECK(code_of(plain.come(duel)) == 4035);
    House house;
    house.server.gate().drain("an update", 10s, house.server.now());
    CHECK(code_of(house.come(duel)) == 1001);
    CHECK(house.count(GateEvent::Kind::RoomOpened) == 0);
}

TEST_CASE("a room that the game cannot make is the end of itself alone", "[gate][rooms]") {
    House house(open_to_all());
    bool broken = true;
    house.server.gate().site().make_game = [&](RoomNumber, const RoomDescription&) -> Game {
        if (broken) throw std::runtime_error("no map");
        return house.sample.game();
    };
    CHECK(code_of(house.come(duel)) == 4033);
    CHECK(house.count(GateEvent::Kind::RoomFailed) == 1);
    broken = false;
    CHECK(plays(house.come(duel)));
    CHECK(plays(house.come({})));
}

TEST_CASE("a ticket opens the room that it is for, finds private ones, and stays good where nothing comes of it", "[gate][rooms]") {
    const auto book = std::make_shared<server::TicketBook>(
        std::vector<server::HmacSha256>{server::HmacSha256(as_bytes(key))}, 1000);
    const auto ticket = [](const std::string& room, const std::string& player) {
        const auto made = make_ticket(key, {.room = room, .player = player, .expires = wall + 60s});
        REQUIRE(made);
        return *made;
    };
    House house(open_to_all({.client_rooms = {.rooms_max = 1}}),
                {.authenticator = {.authenticate =
                                       [book](const JoinRequest& request) {
                                           return book->redeem(request.token, request.room, request.now, request.reserve);
                                       },
                                   .give_back = [book](const Identity& identity) { book->give_back(identity); }},
                 .wall_clock = [] { return wall; }});
    const std::string first = ticket("match-17", "account-7");
    CHECK(code_of(house.come({}, "203.0.113.7", first)) == 4015);
    CHECK(code_of(house.come({.name = "match-18", .choice = RoomChoice::JoinOrCreate}, "203.0.113.7", first)) == 4015);
    VirtualClient& host = house.come({.choice = RoomChoice::JoinOrCreate, .is_private = true}, "203.0.113.7", first);
    REQUIRE(plays(host));
    CHECK(host.session().room().name == "match-17");
    CHECK(plays(house.come({}, "203.0.113.7", ticket("match-17", "account-8"))));
    // There is no room for another room: the ticket stays good.
    const std::string other = ticket("match-19", "account-9");
    CHECK(code_of(house.come({.choice = RoomChoice::JoinOrCreate}, "203.0.113.7", other)) == 4036);
    REQUIRE(house.server.gate().site().directory.order_end("match-17", "over"));
    house.server.run_for(1s);
    CHECK(plays(house.come({.choice = RoomChoice::JoinOrCreate}, "203.0.113.7", other)));
    CHECK(code_of(house.come({.choice = RoomChoice::JoinOrCreate}, "203.0.113.7", other)) == 4014);
}

TEST_CASE("wishes that no room can have are refused by the client itself, in a sentence", "[client][rooms]") {
    House house{ServerOptions{}};
    for (const RoomWish& wish : {RoomWish{.name = std::string(65, 'x')}, RoomWish{.name = "two\nlines"},
                                 RoomWish{.properties = {{"a=b", "c"}}}, RoomWish{.properties = {{"", "c"}}},
                                 RoomWish{.properties = {{"mode", std::string(64, 'x')}}},
                                 RoomWish{.reservation = std::string(65, 'x')}}) {
        const VirtualClient& client = house.come(wish);
        REQUIRE(client.closed() != nullptr);
        INFO(client.closed()->reason);
        CHECK(client.closed()->reason.rfind("ClientOptions::room: ", 0) == 0);
    }
}
