// Connections that move from the gate where they were accepted to the one where their room lives.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sdk/core/session/client_peer.h"
#include "server/gate/gate.h"
#include "server/gate/peer.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using server::ConnectionId;
using server::Gate;

namespace {

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

/// Two gates of one server, with a room at the second, and one client whose bytes go to whichever has it.
struct TwoGates {
    TimePoint now{1s};
    SampleGame sample;
    server::Site site;
    Gate first{site, 0, now};
    Gate second{site, 1, now};
    std::string kept;  // the text of a place in the room, of a client that has one
    session::ClientPeer client;
    Gate* here = &first;
    ConnectionId id = *first.accept("10.0.0.1", now);

    enum class Place { Any, Kept };

    explicit TwoGates(RoomWish wish = {}, Authenticator authenticator = anonymous(), Place place = Place::Any)
        : site(SampleSchema::info(),
               ServerOptions{.rooms = 1, .shards = 2, .players_max = 2, .client_rooms = {.allowed = true}}, {},
               {.authenticator = std::move(authenticator)}, seeded(8)),
          kept(prepare(place)),
          client(SampleSchema::info(), {.room = with_place(std::move(wish))}, "virtual", "/", seeded(7), now) {}

    std::string prepare(Place place) {
        site.directory.set_shards(2);
        site.make_game = [this](server::RoomNumber, const RoomDescription&) { return sample.game(); };
        site.wake = [this](std::uint32_t shard) { woken.push_back(shard); };
        second.open_room({.number = server::RoomNumber{1}, .game = sample.game()}, now);
        return place == Place::Kept ? std::get<std::string>(site.directory.reserve("1", now + 15s)) : std::string();
    }
    RoomWish with_place(RoomWish wish) const {
        wish.reservation = kept;
        return wish;
    }

    /// One byte after another, so that the move falls between any two of them.
    void up() {
        Bytes bytes;
        for (auto parts = client.poll_transmit(); !parts.empty(); parts = client.poll_transmit()) {
            std::size_t count = 0;
            for (const ByteSpan part : parts) {
                append(bytes, part);
                count += part.size();
            }
            client.transmitted(count, now);
        }
        for (std::byte& byte : bytes) {
            here->receive(id, MutableByteSpan(&byte, 1), now);
            if (moves) move();
        }
    }
    void down() {
        for (auto parts = here->poll_transmit(id); !parts.empty(); parts = here->poll_transmit(id)) {
            Bytes bytes;
            for (const ByteSpan part : parts) append(bytes, part);
            here->transmitted(id, bytes.size(), now);
            client.receive(bytes, now);
        }
    }
    void move() {
        const auto departure = here->poll_departure();
        if (!departure) return;
        REQUIRE(here == &first);
        CHECK(departure->connection == id);
        CHECK(departure->shard == 1);
        auto peer = first.take(id);
        REQUIRE(peer);
        second.adopt(id, std::move(peer), now);
        here = &second;
    }
    void run_for(Duration length) {
        for (const TimePoint end = now + length; now < end; now += 5ms) {
            up();
            down();
            for (Gate* const gate : {&first, &second})
                if (gate->poll_timeout() <= now) gate->handle_timeout(now);
            down();
            if (client.poll_timeout() <= now) client.handle_timeout(now);
        }
    }
    /// The stream breaks, which the server hears of if `told`; the client comes back at the first gate.
    void reset(bool told) {
        if (told) {
            here->abort(id, "reset", now);
            here->forget(id);
        }
        client.abort("reset", now);
        while (!client.wants_stream(now)) {
            now += 5ms;
            for (Gate* const gate : {&first, &second})
                if (gate->poll_timeout() <= now) gate->handle_timeout(now);
        }
        here = &first;
        id = *first.accept("10.0.0.1", now);
        client.attempt(now);
    }
    bool moves = true;
    std::vector<std::uint32_t> woken;
};

}  // namespace

TEST_CASE("who says Hello moves to the gate of its room, keeps its id and plays there", "[gate][rooms]") {
    TwoGates gates;
    gates.run_for(1s);
    CHECK(gates.here == &gates.second);
    CHECK(gates.client.session().state() == session::ClientState::Playing);
    CHECK(gates.client.session().counters().ticks > 20);
    CHECK(gates.first.connection_count() == 0);
    CHECK(gates.second.connection_count() == 1);
    CHECK(gates.second.room().player_count() == 1);
    const auto joined = gates.second.poll_event();
    REQUIRE(joined);
    CHECK(joined->kind == server::GateEvent::Kind::Joined);
    CHECK(joined->connection == gates.id);
    CHECK(joined->room == server::RoomNumber{1});
    CHECK_FALSE(gates.first.poll_event());
}

TEST_CASE("what a connection says before it was taken in is not lost", "[gate][rooms]") {
    TwoGates gates;
    gates.moves = false;
    gates.run_for(200ms);
    CHECK(gates.client.session().state() != session::ClientState::Playing);
    CHECK(gates.first.connection_count() == 1);
    gates.moves = true;
    gates.move();
    gates.run_for(1s);
    CHECK(gates.client.session().state() == session::ClientState::Playing);
}

TEST_CASE("the seat of one who is lost on the way is free again", "[gate][rooms]") {
    TwoGates gates;
    gates.moves = false;
    gates.run_for(200ms);
    const auto departure = gates.first.poll_departure();
    REQUIRE(departure);
    gates.first.take(departure->connection);
    const auto one = gates.site.directory.take_seat();
    const auto other = gates.site.directory.take_seat();
    CHECK(one);
    CHECK(other);
    CHECK_FALSE(gates.site.directory.take_seat());
    CHECK(gates.site.census.connections() == 0);
}

TEST_CASE("whoever comes to a room that has ended meanwhile is told so", "[gate][rooms]") {
    TwoGates gates;
    gates.moves = false;
    gates.run_for(200ms);
    gates.second.drain("an update", 0ms, gates.now);
    gates.moves = true;
    gates.move();
    gates.run_for(1s);
    CHECK(gates.client.session().state() == session::ClientState::Closed);
    std::optional<server::GateEvent> last;
    while (auto event = gates.second.poll_event()) last = std::move(event);
    REQUIRE(last);
    CHECK(last->kind == server::GateEvent::Kind::Refused);
    CHECK(last->close_code == 1001);
    CHECK(last->reason == "an update");
}

TEST_CASE("who comes back where the room is not moves to it with its token, and goes on", "[gate][rooms][resume]") {
    const bool told = GENERATE(true, false);
    CAPTURE(told);
    TwoGates gates;
    gates.run_for(1s);
    const auto ticks = gates.client.session().counters().ticks;
    gates.reset(told);
    gates.run_for(1s);
    CHECK(gates.here == &gates.second);
    CHECK(gates.client.session().state() == session::ClientState::Playing);
    CHECK(gates.client.session().counters().ticks > ticks + 20);
    CHECK(gates.client.session().counters().keyframes <= 2);
    CHECK(gates.first.connection_count() == 0);
    CHECK(gates.second.room().player_count() == 1);
    std::vector<server::GateEvent::Kind> kinds;
    while (auto event = gates.second.poll_event()) kinds.push_back(event->kind);
    using Kind = server::GateEvent::Kind;
    CHECK(kinds == (told ? std::vector<Kind>{Kind::Joined, Kind::Lost, Kind::Resumed} : std::vector<Kind>{Kind::Joined, Kind::Resumed}));
    // The place is one.
    CHECK(gates.site.directory.take_seat());
    CHECK(gates.site.sessions.size() == 1);
}

TEST_CASE("who is lost on the way back keeps the place, and may come again", "[gate][rooms][resume]") {
    TwoGates gates;
    gates.run_for(1s);
    gates.moves = false;
    gates.reset(true);
    gates.run_for(50ms);
    const auto departure = gates.first.poll_departure();
    REQUIRE(departure);
    gates.first.take(departure->connection);
    gates.client.abort("reset", gates.now);
    while (!gates.client.wants_stream(gates.now)) gates.now += 5ms;
    gates.id = *gates.first.accept("10.0.0.1", gates.now);
    gates.client.attempt(gates.now);
    gates.moves = true;
    gates.run_for(1s);
    CHECK(gates.client.session().state() == session::ClientState::Playing);
    CHECK(gates.second.room().player_count() == 1);
}

TEST_CASE("a room that is opened for who came to another gate is opened where it will live", "[gate][rooms]") {
    // The first gate has none: it gets the new one.
    TwoGates gates({.name = "ours", .choice = RoomChoice::Create});
    gates.run_for(500ms);
    CHECK(gates.here == &gates.first);
    CHECK(gates.client.session().state() == session::ClientState::Playing);
    CHECK(gates.first.room_count() == 1);
    // And of two with one each the first, which is not where the next has come.
    const server::NewRoom next{.room = {.name = "next", .seats = 2}};
    const auto placed = gates.site.directory.order(next);
    REQUIRE(std::holds_alternative<server::RoomPlace>(placed));
    const std::uint32_t shard = std::get<server::RoomPlace>(placed).shard;
    Gate& home = shard == 0 ? gates.first : gates.second;
    const std::size_t before = home.room_count();
    home.handle_timeout(gates.now);
    CHECK(home.room_count() == before + 1);
}

TEST_CASE("who opens a room at another gate wakes it, and finds the room there", "[gate][rooms]") {
    TwoGates gates({.name = "ours", .choice = RoomChoice::Create});
    gates.first.open_room({.number = server::RoomNumber{5}, .game = gates.sample.game()}, gates.now);
    gates.first.open_room({.number = server::RoomNumber{6}, .game = gates.sample.game()}, gates.now);
    gates.run_for(500ms);
    CHECK(gates.here == &gates.second);
    CHECK(gates.woken == std::vector<std::uint32_t>{1});
    CHECK(gates.client.session().state() == session::ClientState::Playing);
    CHECK(gates.client.session().room().name == "ours");
    CHECK(gates.second.room_count() == 2);
}

TEST_CASE("a ticket that did not come as far as into a room is good as before", "[gate][rooms][admission]") {
    int used = 0;
    int given_back = 0;
    const Authenticator once{.authenticate = [&](const JoinRequest& request) -> Verdict {
                                 if (auto none = request.reserve("")) return std::move(*none);
                                 ++used;
                                 return Identity{.subject = "account-7"};
                             },
                             .give_back = [&](const Identity& identity) {
                                 CHECK(identity.subject == "account-7");
                                 ++given_back;
                             }};
    TwoGates gates({}, once);
    gates.moves = false;
    gates.run_for(200ms);
    CHECK(used == 1);
    CHECK(given_back == 0);
    SECTION("its connection is lost on the way") {
        const auto departure = gates.first.poll_departure();
        REQUIRE(departure);
        gates.first.take(departure->connection);
    }
    SECTION("the room has ended when it comes") {
        REQUIRE(gates.site.directory.order_end("1", "the match is over"));
        gates.second.handle_timeout(gates.now + 50ms);
        gates.moves = true;
        gates.move();
        gates.run_for(1s);
        REQUIRE(gates.client.session().wants_close());
        CHECK(gates.client.session().wants_close()->close_code == 4033);
    }
    SECTION("the room ends while it is asked") {
        gates.second.find_room(server::RoomNumber{1})->end({.failed = true, .reason = "broken"});
        gates.moves = true;
        gates.move();
        gates.run_for(1s);
    }
    CHECK(given_back == 1);
    CHECK(used == 1);
}

TEST_CASE("a ticket whose player plays is not given back, when it leaves either", "[gate][rooms][admission]") {
    int given_back = 0;
    TwoGates gates({}, {.authenticate = [](const JoinRequest&) -> Verdict { return Identity{.subject = "account-7"}; },
                        .give_back = [&](const Identity&) { ++given_back; }});
    gates.run_for(500ms);
    CHECK(gates.client.session().state() == session::ClientState::Playing);
    gates.client.close("bye", gates.now);
    gates.run_for(500ms);
    CHECK(gates.second.room().player_count() == 0);
    CHECK(given_back == 0);
}

TEST_CASE("who is banned on the way to another gate is turned away there", "[gate][rooms][bans]") {
    int given_back = 0;
    TwoGates gates({}, {.authenticate = [](const JoinRequest&) -> Verdict { return Identity{.subject = "account-7"}; },
                        .give_back = [&](const Identity&) { ++given_back; }});
    gates.moves = false;
    gates.run_for(200ms);
    const bool by_subject = GENERATE(true, false);
    CAPTURE(by_subject);
    REQUIRE(gates.site.bans.add({.subject = by_subject ? "account-7" : "",
                                 .address = by_subject ? "" : "10.0.0.1",
                                 .until = gates.site.bans.now() + 3600s,
                                 .reason = "cheating"}));
    // The rooms of the second look into the book, and do not find it among theirs.
    gates.run_for(200ms);
    gates.moves = true;
    gates.move();
    gates.run_for(1s);
    REQUIRE(gates.client.session().wants_close());
    CHECK(gates.client.session().wants_close()->close_code == 4041);
    CHECK(gates.second.room().player_count() == 0);
    CHECK(given_back == 1);
    const auto one = gates.site.directory.take_seat();
    const auto other = gates.site.directory.take_seat();
    CHECK(one);
    CHECK(other);
}

TEST_CASE("a reservation that did not come as far as into a room is good as before", "[gate][rooms][admission]") {
    bool full = false;
    const Authenticator once{.authenticate = [&](const JoinRequest& request) -> Verdict {
        if (auto none = request.reserve("")) return std::move(*none);
        if (full) return Refusal{Refusal::Kind::Full, "as many as it can remember"};
        return Identity{.subject = "account-7"};
    }};
    TwoGates gates({}, once, TwoGates::Place::Kept);
    const auto come = [&] { return gates.site.directory.take_seat(server::SeatWish{.room = {.reservation = gates.kept}}, gates.now); };
    const auto refused_with = [&](int code) {
        gates.run_for(500ms);
        REQUIRE(gates.client.session().wants_close());
        CHECK(gates.client.session().wants_close()->close_code == code);
    };
    SECTION("the book of its ticket is full") {
        full = true;
        refused_with(1013);
    }
    SECTION("its player was banned before") {
        REQUIRE(gates.site.bans.add({.subject = "account-7", .until = gates.site.bans.now() + 3600s}));
        refused_with(4041);
    }
    SECTION("its connection is lost on the way") {
        gates.moves = false;
        gates.run_for(200ms);
        CHECK(std::holds_alternative<Refusal>(come()));
        const auto departure = gates.first.poll_departure();
        REQUIRE(departure);
        gates.first.take(departure->connection);
    }
    SECTION("its player is banned on the way") {
        gates.moves = false;
        gates.run_for(200ms);
        REQUIRE(gates.site.bans.add({.subject = "account-7", .until = gates.site.bans.now() + 3600s}));
        gates.moves = true;
        gates.move();
        refused_with(4041);
    }
    CHECK(gates.second.room().player_count() == 0);
    CHECK(std::holds_alternative<server::Seat>(come()));
    CHECK(std::holds_alternative<server::Seat>(come()));
    // Its time is what it was.
    gates.site.directory.handle_timeout(gates.now + 15s);
    CHECK(std::holds_alternative<Refusal>(come()));
    CHECK(gates.site.directory.taken(server::RoomNumber{1}) == 0);
}

TEST_CASE("a reservation serves whoever asks for the seat twice, and is used up by who plays", "[gate][rooms][admission]") {
    const bool elsewhere_first = GENERATE(true, false);
    CAPTURE(elsewhere_first);
    TwoGates gates({}, {.authenticate = [&](const JoinRequest& request) -> Verdict {
                        // In the room of the ticket's book, and then in that of the player's own.
                        if (elsewhere_first) CHECK(request.reserve("2"));
                        if (auto none = request.reserve("")) return std::move(*none);
                        return Identity{.subject = "account-7", .room = "1"};
                    }},
                   TwoGates::Place::Kept);
    gates.run_for(500ms);
    REQUIRE(gates.client.session().state() == session::ClientState::Playing);
    CHECK(gates.second.room().player_count() == 1);
    CHECK(gates.site.directory.taken(server::RoomNumber{1}) == 1);
    gates.client.close("bye", gates.now);
    gates.run_for(500ms);
    CHECK(gates.site.directory.taken(server::RoomNumber{1}) == 0);
    CHECK(std::holds_alternative<Refusal>(
        gates.site.directory.take_seat(server::SeatWish{.room = {.reservation = gates.kept}}, gates.now)));
}
