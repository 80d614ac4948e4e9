// Who gets a seat, with real client sessions in virtual time: tokens, tickets, rooms and budgets, and what each refusal says.
#include "server/gate/admission.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/ws/connection.h"
#include "server/gate/ticket_book.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using server::GateEvent;

namespace {

constexpr SystemTime wall{std::chrono::seconds(1'800'000'000)};
const std::string key(32, 'k');

std::string ticket(const std::string& room, const std::string& player = "account-7", const std::string& name = "") {
    const auto made = make_ticket(key, {.room = room, .player = player, .name = name, .expires = wall + 60s});
    REQUIRE(made);
    return *made;
}

/// As authenticate_by_ticket() makes it, without a file.
Authenticator by_ticket() {
    const auto book = std::make_shared<server::TicketBook>(
        std::vector<server::HmacSha256>{server::HmacSha256(as_bytes(key))}, 1000);
    return {.authenticate = [book](const JoinRequest& request) {
        return book->redeem(request.token, request.room, request.now, request.reserve);
    }};
}

/// A server with one room, and who came to it.
struct Door {
    explicit Door(Authenticator authenticator, ServerOptions options = {})
        : server(with_guests(), options, 1, {},
                 {.authenticator = std::move(authenticator), .wall_clock = [this] { return clock; }}) {}

    /// A client of this address, after it has had its answer.
    VirtualClient& come(ClientOptions options = {}, const std::string& address = "203.0.113.7") {
        VirtualClient& client = server.connect({}, std::move(options));
        server.gate().set_peer_address(client.stream->id, address);
        server.run_for(200ms);
        return client;
    }
    VirtualClient& come_with(const std::string& token) { return come({.player_name = "Ann", .token = token}); }

    SystemTime clock = wall;
    std::vector<std::pair<std::string, Identity>> guests;  // names and identities, as the game was told of them
    SampleGame sample;
    VirtualServer server;

private:
    const Game& with_guests() {
        const auto before = sample.game().on_join;
        sample.game().on_join = [this, before](ServerSim& sim, Player player) {
            if (!player.bot()) guests.emplace_back(player.name(), player.identity());
            if (before) before(sim, player);
        };
        return sample.game();
    }
};

bool plays(const VirtualClient& client) { return client.session().state() == session::ClientState::Playing; }

/// 0: it was not closed.
int code_of(const VirtualClient& client) { return client.closed() == nullptr ? 0 : client.closed()->close_code; }

}  // namespace

TEST_CASE("a good ticket lets its player in, and the game knows who it is", "[gate][admission]") {
    Door door(by_ticket());
    CHECK(plays(door.come_with(ticket("1"))));
    CHECK(plays(door.come_with(ticket("1", "account-8", "Bea"))));
    REQUIRE(door.guests.size() == 2);
    // A ticket that says no name leaves it to the player.
    CHECK(door.guests[0].first == "Ann");
    CHECK(door.guests[0].second.subject == "account-7");
    CHECK(door.guests[1].first == "Bea");
    CHECK(door.guests[1].second.subject == "account-8");
    REQUIRE(door.server.gate_events.size() == 2);
    CHECK(door.server.gate_events[1].kind == GateEvent::Kind::Joined);
    CHECK(door.server.gate_events[1].player_name == "Bea");
    CHECK(door.server.gate_events[1].subject == "account-8");
}

TEST_CASE("each refusal has its code, and its sentence reaches the player and the log", "[gate][admission]") {
    using Kind = Refusal::Kind;
    const std::pair<Kind, int> expected[] = {
        {Kind::NoToken, 4010},       {Kind::Malformed, 4011},     {Kind::UnknownAlgorithm, 4011},
        {Kind::UnknownKey, 4011},    {Kind::BadSignature, 4011},  {Kind::WrongIssuer, 4011},
        {Kind::WrongAudience, 4011}, {Kind::TooLarge, 4011},      {Kind::Expired, 4012},
        {Kind::NotYetValid, 4013},   {Kind::Replayed, 4014},      {Kind::WrongRoom, 4015},
        {Kind::Denied, 4016},        {Kind::Full, 1013},          {Kind::NoSeat, 4002},
        {Kind::NoSuchRoom, 4030},    {Kind::WrongCode, 4031},     {Kind::RoomFull, 4032},
        {Kind::RoomTaken, 4034},     {Kind::NoNewRooms, 4035},    {Kind::TooManyRooms, 4036}};
    for (const auto& [kind, code] : expected) {
        Door door({.authenticate = [kind = kind](const JoinRequest&) -> Verdict { return Refusal{kind, "not you"}; }});
        VirtualClient& client = door.come_with("s3cret");
        INFO("kind " << static_cast<int>(kind));
        CHECK(code_of(client) == code);
        REQUIRE(client.closed() != nullptr);
        CHECK(client.closed()->reason == "not you");
        REQUIRE(door.server.gate_events.size() == 1);
        const GateEvent& event = door.server.gate_events.front();
        CHECK(event.kind == GateEvent::Kind::Refused);
        CHECK(event.close_code == code);
        CHECK(event.reason == "not you");
        CHECK(event.peer_address == "203.0.113.7");
        CHECK(class_of(event) == (code >= 4030   ? server::RefusalClass::Room
                                  : code >= 4010 ? server::RefusalClass::Authentication
                                  : code == 4002 ? server::RefusalClass::ServerFull
                                                 : server::RefusalClass::Protocol));
        CHECK(door.guests.empty());
        CHECK(door.server.gate().room().player_count() == 0);
    }
}

TEST_CASE("what is wrong with a ticket is told apart", "[gate][admission][H17]") {
    Door door(by_ticket());
    std::string changed = ticket("1");
    changed[20] = changed[20] == 'A' ? 'B' : 'A';
    CHECK(code_of(door.come()) == 4010);
    CHECK(code_of(door.come_with("no ticket")) == 4011);
    CHECK(code_of(door.come_with(changed)) == 4011);
    CHECK(code_of(door.come_with(ticket("9"))) == 4015);
    CHECK(code_of(door.come_with(ticket("one"))) == 4015);
    const std::string late = ticket("1");
    door.clock += 60s;
    CHECK(code_of(door.come_with(late)) == 4012);
    for (const GateEvent& event : door.server.gate_events) {
        INFO(event.reason);
        CHECK(event.kind == GateEvent::Kind::Refused);
        for (const std::string& secret : {changed, late}) {
            CHECK(event.reason.find(secret) == std::string::npos);
            CHECK(event.player_name.find(secret) == std::string::npos);
        }
    }
}

TEST_CASE("a ticket lets in once, also when its player has gone again", "[gate][admission][H17]") {
    Door door(by_ticket());
    const std::string once = ticket("1");
    VirtualClient& first = door.come_with(once);
    CHECK(plays(first));
    CHECK(code_of(door.come_with(once)) == 4014);
    first.peer->close("bye", door.server.now());
    door.server.run_for(200ms);
    CHECK(code_of(door.come_with(once)) == 4014);
    CHECK(door.guests.size() == 1);
}

TEST_CASE("a ticket for a server or a room that is full stays good", "[gate][admission]") {
    Door door(by_ticket(), {.players_max = 1});
    VirtualClient& first = door.come_with(ticket("1"));
    REQUIRE(plays(first));
    const std::string waiting = ticket("1", "account-8");
    CHECK(code_of(door.come_with(waiting)) == 4002);
    // A second room is there, and is not the ticket's.
    door.server.gate().open_room({.number = server::RoomNumber{2}, .game = door.sample.game()}, door.server.now());
    CHECK(code_of(door.come_with(waiting)) == 4002);
    CHECK(door.guests.size() == 1);
    first.peer->close("bye", door.server.now());
    door.server.run_for(200ms);
    CHECK(plays(door.come_with(waiting)));
    CHECK(door.guests.back().second.subject == "account-8");
}

TEST_CASE("the identity's room is where the seat is, and no seat is lost on the way", "[gate][admission]") {
    Identity guest{.subject = "s", .room = "2"};
    bool reserves = false;
    Door door({.authenticate = [&](const JoinRequest& request) -> Verdict {
                  // A seat in the wrong room is given back.
                  if (reserves)
                      if (auto none = request.reserve("1")) return std::move(*none);
                  return guest;
              }},
              {.players_max = 2});
    CHECK(code_of(door.come()) == 4015);
    server::HostedRoom& second =
        door.server.gate().open_room({.number = server::RoomNumber{2}, .game = door.sample.game()}, door.server.now());
    CHECK(plays(door.come()));
    reserves = true;
    CHECK(plays(door.come()));
    CHECK(second.room().player_count() == 2);
    CHECK(code_of(door.come()) == 4002);
    guest.room = "";
    CHECK(plays(door.come()));
    CHECK(plays(door.come()));
    CHECK(door.server.gate().room().player_count() == 2);
    CHECK(code_of(door.come()) == 4002);
}

TEST_CASE("nobody is asked about who has no place, no Hello or no budget", "[gate][admission]") {
    int asked = 0;
    Door door({.authenticate = [&](const JoinRequest&) -> Verdict {
                  ++asked;
                  return Refusal{Refusal::Kind::Denied, "no"};
              }},
              {.players_max = 1, .admission = {.joins = {.per_second = 1, .burst = 3}}});
    door.server.connect({}, {}, &SampleSchema::other_version());
    door.server.run_for(200ms);
    CHECK(asked == 0);
    for (int i = 0; i < 3; ++i) CHECK(code_of(door.come({}, "2001:db8::1")) == 4016);
    CHECK(asked == 3);
    const VirtualClient& late = door.come({}, "2001:db8::2");
    CHECK(code_of(late) == 4017);
    CHECK(late.closed()->retry_after.value_or(0ms) > 0ms);
    CHECK(class_of(door.server.gate_events.back()) == server::RefusalClass::JoinRate);
    CHECK(asked == 3);
    CHECK(code_of(door.come({}, "203.0.113.9")) == 4016);
    door.server.run_for(1s);
    CHECK(code_of(door.come({}, "2001:db8::3")) == 4016);
    door.server.gate().room().join("a player", false);
    CHECK(asked == 5);
}

TEST_CASE("an authenticator that throws turns away one, and the room goes on", "[gate][admission]") {
    bool broken = true;
    Door door({.authenticate = [&](const JoinRequest&) -> Verdict {
        if (broken) throw std::runtime_error("the database says s3cret");
        return Identity{.subject = "s"};
    }});
    const VirtualClient& client = door.come();
    CHECK(code_of(client) == 1011);
    CHECK(client.closed()->reason.find("s3cret") == std::string::npos);
    broken = false;
    CHECK(plays(door.come()));
}

TEST_CASE("the authenticator is told of address, page, path, name and token", "[gate][admission]") {
    std::vector<std::string> asked;
    Door door({.authenticate = [&](const JoinRequest& request) -> Verdict {
                  for (const std::string_view text : {request.address, request.origin, request.path,
                                                      request.player_name, request.token, request.room})
                      asked.emplace_back(text);
                  CHECK(request.now == wall);
                  return Identity{};
              }},
              {.origins = {"https://game.example"}});
    SECTION("of a client of ours") {
        CHECK(plays(door.come_with("s3cret")));
        CHECK(asked == std::vector<std::string>{"203.0.113.7", "", "/", "Ann", "s3cret", ""});
    }
    SECTION("of a page, that offers its token as a subprotocol") {
        // A Hello without a token, behind a request that has it.
        VirtualServer& server = door.server;
        const TimePoint now = server.now();
        const auto id = server.gate().accept("198.51.100.4", now);
        REQUIRE(id);
        auto page = ws::Connection::client({.host = "game.example",
                                            .target = "/eu/west?mode=duel",
                                            .subprotocols = {"tidewire.v1", "tidewire.token.abc-_.def"},
                                            .origin = "https://game.example"},
                                           {}, {}, [](MutableByteSpan bytes) {
                                               for (std::byte& byte : bytes) byte = std::byte{0x5a};
                                           },
                                           now);
        const auto carry = [&] {
            Bytes up;
            for (auto parts = page.poll_transmit(); !parts.empty(); parts = page.poll_transmit()) {
                std::size_t count = 0;
                for (const ByteSpan part : parts) {
                    append(up, part);
                    count += part.size();
                }
                page.transmitted(count, now);
            }
            if (!up.empty()) server.gate().receive(*id, up, now);
            Bytes down;
            for (auto parts = server.gate().poll_transmit(*id); !parts.empty();
                 parts = server.gate().poll_transmit(*id)) {
                std::size_t count = 0;
                for (const ByteSpan part : parts) {
                    append(down, part);
                    count += part.size();
                }
                server.gate().transmitted(*id, count, now);
            }
            page.receive(down, now);
            while (page.poll_event(now)) {
            }
        };
        carry();
        REQUIRE(page.open());
        CHECK(page.subprotocol() == "tidewire.v1");
        const SchemaInfo& schema = SampleSchema::info();
        const Bytes hello = wire::encode(
            wire::Hello{.protocol = 1, .schema_hash = schema.hash, .schema_name = schema.name, .player_name = "Web"});
        REQUIRE(page.send(ws::MessageKind::Binary, hello));
        page.retain_unsent();
        carry();
        CHECK(asked == std::vector<std::string>{"198.51.100.4", "https://game.example", "/eu/west", "Web",
                                                "abc-_.def", ""});
        CHECK(door.guests.size() == 1);
    }
}
