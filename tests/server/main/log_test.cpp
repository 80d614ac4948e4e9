// Lines of the server's log: both formats, floods, and what strangers try to write.
#include "server/main/log.h"

#include <spdlog/sinks/ostream_sink.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

/// A log whose lines a test reads.
struct Written {
    explicit Written(LogOptions options) : log(options, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream)) {}

    /// Those so far.
    std::vector<std::string> lines() const {
        std::vector<std::string> found;
        std::istringstream text(stream.str());
        for (std::string line; std::getline(text, line);) found.push_back(line);
        return found;
    }
    /// Without the time.
    std::vector<std::string> texts() const {
        std::vector<std::string> found;
        for (const std::string& line : lines()) {
            REQUIRE(std::regex_search(line, std::regex("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ")));
            found.push_back(line.substr(line.find(' ') + 1));
        }
        return found;
    }
    std::vector<nlohmann::json> objects() const {
        std::vector<nlohmann::json> found;
        for (const std::string& line : lines()) {
            INFO(line);
            found.push_back(nlohmann::json::parse(line, nullptr, false));
            REQUIRE(found.back().is_object());
        }
        return found;
    }

    std::ostringstream stream;
    Log log;
};

GateEvent joined(std::string name) {
    return {.kind = GateEvent::Kind::Joined,
            .room = RoomNumber{2},
            .connection = ConnectionId{4},
            .peer_address = "192.0.2.1",
            .player = 7,
            .player_name = std::move(name)};
}

GateEvent refused(std::string reason) {
    return {.kind = GateEvent::Kind::Refused,
            .connection = ConnectionId{4},
            .peer_address = "192.0.2.1",
            .reason = std::move(reason)};
}

constexpr TimePoint start{100s};

}  // namespace

TEST_CASE("a line of text has time, level, event and named values", "[server][log]") {
    Written written({});
    written.log.write(LogLevel::Info, "listening",
                      {{"url", "ws://127.0.0.1:7777", LogField::Kind::Word}, {"bots", 3U}, {"drift", -2}});
    written.log.write(joined("Ada"), start);
    GateEvent event = joined("Ada");
    event.kind = GateEvent::Kind::Left;
    event.close_code = 1000;
    event.reason = "bye";
    written.log.write(event, start);
    event.by_client = true;
    written.log.write(event, start);
    event.kind = GateEvent::Kind::Desync;
    event.reason = "tick 9: Pos.x";
    written.log.write(event, start);
    CHECK(written.texts() == std::vector<std::string>{
                                 "info listening url=ws://127.0.0.1:7777 bots=3 drift=-2",
                                 "info joined room=2 player=7 name=\"Ada\" connection=4 address=192.0.2.1",
                                 "info left room=2 player=7 name=\"Ada\" connection=4 code=1000 reason=\"bye\"",
                                 "info left room=2 player=7 name=\"Ada\" connection=4 code=1000 said=\"bye\"",
                                 "error desync room=2 player=7 name=\"Ada\" connection=4 difference=\"tick 9: Pos.x\"",
                             });
}

TEST_CASE("who is known by more than a name is told of with it, and none of it is more than a value", "[server][log]") {
    Written written({});
    GateEvent event = joined("Ada");
    event.subject = "account-7\n level=error";
    event.token_id = "\"id\"";
    written.log.write(event, start);
    CHECK(written.texts() ==
          std::vector<std::string>{"info joined room=2 player=7 name=\"Ada\" subject=\"account-7\\x0a level=error\" "
                                   "token=\"\\\"id\\\"\" connection=4 address=192.0.2.1"});
}

TEST_CASE("who watches is told of as such", "[server][log]") {
    Written written({});
    GateEvent event = joined("Eve");
    event.player = 0;
    event.spectates = true;
    event.subject = "account-9";
    written.log.write(event, start);
    event.kind = GateEvent::Kind::Left;
    event.close_code = 1000;
    event.reason = "bye";
    written.log.write(event, start);
    CHECK(written.texts() ==
          std::vector<std::string>{
              "info spectates room=2 name=\"Eve\" subject=\"account-9\" connection=4 address=192.0.2.1",
              "info spectates no more room=2 player=0 name=\"Eve\" connection=4 code=1000 reason=\"bye\"",
          });
}

TEST_CASE("what becomes of a room is told", "[server][log]") {
    Written written({});
    GateEvent event{.kind = GateEvent::Kind::Load, .room = RoomNumber{3}, .reason = "half_rate"};
    written.log.write(event, start);
    event.kind = GateEvent::Kind::RoomClosed;
    event.reason = "the match is over";
    written.log.write(event, start);
    event.kind = GateEvent::Kind::RoomFailed;
    event.reason = "bad \"cast\"";
    written.log.write(event, start);
    event = {.kind = GateEvent::Kind::RoomSaved, .room = RoomNumber{3}, .reason = "the server is stopping"};
    written.log.write(event, start);
    event = {.kind = GateEvent::Kind::RoomRestored, .room = RoomNumber{3}, .reason = "saves/room-3.twsv, tick 7"};
    written.log.write(event, start);
    event = {.kind = GateEvent::Kind::SaveFailed, .room = RoomNumber{3}, .reason = "it is no saved room"};
    written.log.write(event, start);
    CHECK(written.texts() == std::vector<std::string>{
                                 "warning load room=3 level=half_rate",
                                 "info room closed room=3 reason=\"the match is over\"",
                                 "error room failed room=3 reason=\"bad \\\"cast\\\"\"",
                                 "info room saved room=3 reason=\"the server is stopping\"",
                                 "info room restored room=3 from=\"saves/room-3.twsv, tick 7\"",
                                 "error save failed room=3 reason=\"it is no saved room\"",
                             });
}

TEST_CASE("who was refused is told as far as he came", "[server][log]") {
    Written written({});
    GateEvent event = refused("why");
    written.log.write(event, start);
    event.http_status = 403;
    written.log.write(event, start);
    event.http_status = 0;
    event.close_code = 4002;
    event.player_name = "Bob";
    written.log.write(event, start);
    written.log.write({.kind = GateEvent::Kind::Refused, .peer_address = "192.0.2.1", .reason = "why"}, start);
    CHECK(written.texts() == std::vector<std::string>{
                                 "warning refused connection=4 address=192.0.2.1 reason=\"why\"",
                                 "warning refused connection=4 address=192.0.2.1 status=403 reason=\"why\"",
                                 "warning refused connection=4 address=192.0.2.1 name=\"Bob\" code=4002 reason=\"why\"",
                                 "warning refused address=192.0.2.1 reason=\"why\"",
                             });
}

TEST_CASE("a line of JSON is an object with the same values", "[server][log]") {
    Written written({.format = LogFormat::Json});
    written.log.write(joined("Ada"), start);
    const nlohmann::json line = written.objects().at(0);
    CHECK(line.at("level") == "info");
    CHECK(line.at("event") == "joined");
    CHECK(line.at("player") == 7);
    CHECK(line.at("name") == "Ada");
    CHECK(line.at("address") == "192.0.2.1");
    CHECK(std::regex_match(line.at("time").get<std::string>(),
                           std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z")));
}

TEST_CASE("whatever a stranger is called, his line is one line and his name one value", "[server][log]") {
    const std::string names[] = {"a\"b\\c",
                                 "x\n2026-01-01T00:00:00.000Z info joined player=1",
                                 "\",\"level\":\"error",
                                 "\x1b[31mred",
                                 "{} {0} %v %%",
                                 std::string("nul\0l", 5),
                                 "\xff\xc3(",
                                 "\xe2\x80\xae"
                                 "desrever",
                                 "\xc2\x9b"
                                 "1m",
                                 std::string(1000, 'n'),
                                 std::string(255, 'n') + "\xc3\xa9\xc3\xa9"};
    for (const LogFormat format : {LogFormat::Text, LogFormat::Json}) {
        Written written({.format = format});
        for (const std::string& name : names) written.log.write(joined(name), start);
        const std::vector<std::string> lines = written.lines();
        REQUIRE(lines.size() == std::size(names));
        for (const std::string& line : lines) {
            CHECK(line.size() < 1500);
            for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
            CHECK(line.find("\xc2\x9b") == std::string::npos);
            CHECK(line.find("\xe2\x80\xae") == std::string::npos);
        }
        if (format == LogFormat::Text) continue;
        const std::vector<nlohmann::json> objects = written.objects();
        for (std::size_t i = 0; i < objects.size(); ++i) {
            CHECK(objects[i].at("level") == "info");
            CHECK(objects[i].size() == 8);
        }
        CHECK(objects[0].at("name") == names[0]);
        CHECK(objects[4].at("name") == names[4]);
        CHECK(objects[9].at("name") == std::string(256, 'n') + "...");
        CHECK(objects[10].at("name") == std::string(255, 'n') + "...");
    }
}

TEST_CASE("a flood of one kind of line is cut short and counted, and other kinds are not", "[server][log]") {
    Written written({.stranger_lines_per_second = 3, .player_lines_per_second = 2});
    for (int i = 0; i < 10; ++i) written.log.write(refused("flood"), start);
    for (int i = 0; i < 5; ++i) written.log.write(joined("Ada"), start);
    CHECK(written.lines().size() == 5);
    // Their second is over: the next line tells of all.
    written.log.write(refused("again"), start + 1s);
    const std::vector<std::string> texts = written.texts();
    REQUIRE(texts.size() == 8);
    CHECK(texts[5] == "warning joined left_out=3");
    CHECK(texts[6] == "warning refused left_out=7");
    CHECK(texts[7].find("again") != std::string::npos);
    for (int i = 0; i < 4; ++i) written.log.write(refused("more"), start + 1s);
    written.log.write_left_out();
    CHECK(written.texts().back() == "warning refused left_out=2");
    written.log.write_left_out();
    CHECK(written.lines().size() == 11);
}

TEST_CASE("lines below the level are not written", "[server][log]") {
    Written written({.level = LogLevel::Warn});
    written.log.write(LogLevel::Info, "quiet", {});
    written.log.write(LogLevel::Debug, "quieter", {});
    written.log.write(LogLevel::Warn, "loud", {});
    CHECK(written.texts() == std::vector<std::string>{"warning loud"});
}

TEST_CASE("shards write to one log at once, line by line", "[server][log]") {
    Written written({.format = LogFormat::Json, .player_lines_per_second = 100'000});
    constexpr int each = 500;
    std::vector<std::thread> shards;
    for (int shard = 0; shard < 3; ++shard)
        shards.emplace_back([&written, shard] {
            for (int i = 0; i < each; ++i) written.log.write(joined("shard " + std::to_string(shard)), start);
        });
    for (std::thread& shard : shards) shard.join();
    CHECK(written.objects().size() == 3 * each);
}
