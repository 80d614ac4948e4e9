// H31: rooms as a means of attack: opened without end, guessed at, named to harm who lists them.
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "server/main/audit_log.h"
#include "server/main/log.h"
#include "tests/hostile/balls.h"
#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

ServerOptions with_rooms(ClientRoomOptions rooms) {
    ServerOptions options;
    options.connections_per_address_max = 0;
    options.client_rooms = rooms;
    options.client_rooms.allowed = true;
    return options;
}

/// Says Hello with this wish. 0: it plays, or waits still.
std::uint16_t wish(Stage& stage, RoomWish room, std::string_view address, RawPeer** said = nullptr) {
    RawPeer& peer = stage.open(address);
    if (said != nullptr) *said = &peer;
    wire::Hello hello = hello_for(stage.schema(), "mallory");
    hello.room = std::move(room);
    stage.say_message(peer, wire::encode(hello));
    stage.run_tick();
    return peer.close_code;
}

}  // namespace

TEST_CASE("H31: rooms are opened at a rate for each address, up to a number in all, and are gone when nobody is in them", "[H31]") {
    Balls balls;
    Stage stage(balls.game(), with_rooms({.rooms_max = 20, .empty_for = 1s}), seeded(1));
    stage.keeps_events = false;
    RawPeer& other = stage.join("other");
    const auto playing = play(stage, other, wander(1));
    std::size_t opened = 0;
    std::size_t too_many = 0;
    for (int i = 0; i < 60; ++i) {
        RawPeer* peer = nullptr;
        const std::uint16_t code = wish(stage, {.choice = RoomChoice::Create}, "203.0.113.9", &peer);
        opened += code == 0 ? 1U : 0U;
        too_many += code == 4036 ? 1U : 0U;
        if (code == 0) stage.reset(*peer);
    }
    CHECK(opened <= 8 + 1);
    CHECK(opened + too_many == 60);
    // From many addresses the number in all holds.
    for (int i = 0; i < 60; ++i) {
        const std::uint16_t code = wish(stage, {.choice = RoomChoice::Create}, "203.0.113." + std::to_string(100 + i));
        CHECK((code == 0 || code == 4036));
    }
    CHECK(stage.gate().room_count() <= 21);
    stage.sweep();
    const auto before = Stage::heap_bytes();
    for (const auto& peer : stage.peers())
        if (peer.get() != &other && !peer->over) stage.reset(*peer);
    // Their players may come back for half a minute.
    stage.run_for(40s);
    stage.sweep();
    CHECK(stage.gate().room_count() == 1);
    CHECK(stage.gate().site().directory.size() == 1);
    CHECK(Stage::heap_bytes() < before);
    CHECK(playing->newest == stage.room().tick_number());
    CHECK(other.close_code == 0);
    print_figure("H31", std::to_string(opened) + " of 60 rooms that one address wanted at once were opened");
}

TEST_CASE("H31: codes and reservations are guessed at the rate of joins, and a near one is no better than another", "[H31]") {
    Balls balls;
    Stage stage(balls.game(), with_rooms({}), seeded(2));
    stage.keeps_events = false;
    auto& directory = stage.gate().site().directory;
    REQUIRE(std::holds_alternative<server::RoomPlace>(
        directory.order({.room = {.name = "ours", .seats = 4, .code = "K7MXQ2ZV"}})));
    REQUIRE(std::holds_alternative<std::string>(directory.reserve("ours", stage.now() + 1h)));
    stage.run_tick();
    int wrong = 0;
    int too_many = 0;
    const std::string letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    for (int i = 0; i < 300; ++i) {
        std::string guess = "K7MXQ2Z";
        guess += letters[static_cast<std::size_t>(i) % letters.size()];
        if (guess.back() == 'V') guess = "K7MXQ2ZV ";
        const bool reserves = i % 2 == 0;
        const std::uint16_t code = wish(stage, reserves ? RoomWish{.reservation = guess} : RoomWish{.code = guess}, "203.0.113.9");
        wrong += code == 4031 ? 1 : 0;
        too_many += code == 4017 ? 1 : 0;
    }
    CHECK(wrong + too_many == 300);
    CHECK(wrong <= 128 + 2 * 11);
    // A friend of another address comes in meanwhile.
    CHECK(wish(stage, {.code = "K7MXQ2ZV"}, "203.0.113.10") == 0);
    // 40 bits at two a second.
    print_figure("H31", std::to_string(wrong) + " of 300 guesses of one address were looked at in 10 s");
}

TEST_CASE("H31: a room's name is nobody else's, and neither name nor list can be made long", "[H31]") {
    Balls balls;
    Stage stage(balls.game(), with_rooms({.rooms_max = 64, .creations = {.per_second = 0, .burst = 1}, .watchers_max = 2}), seeded(3));
    CHECK(wish(stage, {.name = "1", .choice = RoomChoice::Create}, "203.0.113.9") == 4034);
    // Wishes that the codec of ours would not write.
    const auto say = [&](const std::string& text, std::size_t properties) {
        RawPeer& peer = stage.open("203.0.113.9");
        wire::Hello hello = hello_for(stage.schema(), "mallory");
        hello.room.name = text;
        for (std::size_t i = 0; i < properties; ++i) hello.room.properties["p" + std::to_string(i)] = "";
        stage.say_message(peer, wire::encode(hello));
        stage.run_tick();
        return peer.close_code;
    };
    CHECK(say("\x1b[2J\nINFO joined", 0) == 1007);
    CHECK(say("quiet", 8) == 4030);
    // All rooms that there can be, each as large as it may be, are a list that a watcher can take.
    RoomProperties large;
    for (char name = 'a'; name < 'i'; ++name) large[std::string(1, name)] = std::string(62, 'v');
    for (int i = 0; i < 64; ++i)
        CHECK(wish(stage, {.name = std::string(60, 'n') + std::to_string(i), .properties = large, .choice = RoomChoice::Create},
                   "203.0.113." + std::to_string(10 + i)) == 0);
    wire::Hello watching{.protocol = 1, .lists_rooms = true};
    RawPeer& watcher = stage.open("203.0.113.200");
    std::size_t told = 0;
    watcher.on_message = [&](ByteSpan message) {
        const auto parsed = wire::parse_message(message, wire::Limits{});
        REQUIRE(parsed);
        if (const auto* const list = std::get_if<wire::RoomList>(&*parsed)) told += list->rooms.size();
    };
    stage.say_message(watcher, wire::encode(watching));
    stage.run_for(1s);
    CHECK(told == 65);
    CHECK(watcher.close_code == 0);
    // One that reads nothing is told nothing more, however much changes.
    RawPeer& mute = stage.open("203.0.113.201");
    mute.room = 100;
    stage.say_message(mute, wire::encode(watching));
    stage.run_for(2s);
    const std::size_t queued = stage.queued(mute);
    for (int i = 0; i < 20; ++i) {
        CHECK(wish(stage, {.name = "1"}, "203.0.113." + std::to_string(10 + i)) == 0);
        stage.run_for(300ms);
    }
    constexpr std::size_t ping = 16;  // of the WebSocket, at most
    CHECK(stage.queued(mute) <= queued + ping);
    // And whoever watches says nothing that counts, and takes nobody's place.
    RawPeer& third = stage.open("203.0.113.202");
    stage.say_message(third, wire::encode(watching));
    stage.run_tick();
    CHECK(third.close_code == 1013);
    stage.say_message(watcher, wire::encode(wire::Ping{.id = 1, .sent_us = 1}));
    stage.run_tick();
    CHECK(watcher.close_code == 4003);
}

TEST_CASE("H31: rooms that come and go do not fill the audit log", "[H31][H25]") {
    Balls balls;
    Stage stage(balls.game(), with_rooms({.rooms_max = 64, .empty_for = 100ms, .creations = {.per_second = 0}}), seeded(4));
    // As many strangers as it takes, from as many addresses, each with a room of its own for a moment.
    const TimePoint began = stage.now();
    for (int i = 0; i < 400; ++i) {
        RawPeer* peer = nullptr;
        REQUIRE(wish(stage, {.choice = RoomChoice::Create}, "203.0.113." + std::to_string(i % 250), &peer) == 0);
        stage.say_message(*peer, wire::encode(wire::Goodbye{.close_code = 1000, .reason = {}}));
        if (i % 20 == 19) stage.run_for(200ms);
        if (i % 20 == 19) stage.sweep();
    }
    CHECK(stage.count(server::GateEvent::Kind::RoomOpened) == 400);
    CHECK(stage.count(server::GateEvent::Kind::RoomClosed) == 400);
    const tidewire::test::Folder folder;
    auto audit = server::AuditLog::open({.file = folder / "audit", .player_lines_per_second = 1, .player_lines_burst = 20},
                                        [] { return SystemTime{}; }, {});
    REQUIRE(audit);
    std::ostringstream stream;
    server::Log log({.stranger_lines_per_second = 5, .player_lines_per_second = 5}, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream));
    // As if all had come as fast as they can, and rooms had failed as well.
    for (server::GateEvent event : stage.events) {
        (*audit)->write(event, began);
        log.write(event, began);
        if (event.kind != server::GateEvent::Kind::RoomClosed) continue;
        event.kind = server::GateEvent::Kind::RoomFailed;
        (*audit)->write(event, began);
        log.write(event, began);
    }
    audit->reset();
    log.write_left_out();
    std::istringstream lines(folder.read("audit"));
    std::map<std::string, int> written;
    std::map<std::string, int> left_out;
    for (std::string line; std::getline(lines, line);) {
        const auto object = nlohmann::json::parse(line, nullptr, false);
        REQUIRE(object.is_object());
        const std::string event = object.at("event");
        if (event == "left out")
            left_out[object.at("of")] += object.at("lines").get<int>();
        else
            ++written[event];
    }
    for (const char* const sort : {"room opened", "room closed", "room failed"}) {
        CAPTURE(sort);
        CHECK(written[sort] == 20);
        CHECK(left_out[sort] == 380);
        // Each line of the log as well, and one that counts the rest.
        std::istringstream text(stream.str());
        int told = 0;
        for (std::string line; std::getline(text, line);) told += line.find(std::string(" ") + sort + " ") != std::string::npos ? 1 : 0;
        CHECK(told == 6);
    }
}
