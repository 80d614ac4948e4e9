// What Prometheus reads of a server: every line by the rules of its text format, every name by its conventions.
#include "server/gate/metrics.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "server/gate/hosted_room.h"
#include "server/gate/peer.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

struct Scrape {
    std::map<std::string, std::string> types;  // by family
    std::map<std::string, std::string> helps;
    std::map<std::string, double> samples;  // by name and labels, as they are written

    bool has(const std::string& sample) const { return samples.count(sample) == 1; }
    double at(const std::string& sample) const {
        INFO(sample);
        REQUIRE(has(sample));
        return samples.at(sample);
    }
};

/// The family that a sample's name belongs to: histograms have three names.
std::string family_of(const std::string& name, const Scrape& scrape) {
    for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
        if (name.size() <= suffix.size() || name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0)
            continue;
        const std::string family = name.substr(0, name.size() - suffix.size());
        const auto type = scrape.types.find(family);
        if (type != scrape.types.end() && type->second == "histogram") return family;
    }
    return name;
}

/// Fails at any line that is not as the text format, version 0.0.4, has it.
Scrape parse(const std::string& text) {
    static const std::regex help("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
    static const std::regex type("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)");
    static const std::string label = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\"";
    static const std::regex sample("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{" + label + "(?:," + label +
                                   ")*\\})? ([-+.0-9eE]+|NaN|\\+Inf)");
    REQUIRE_FALSE(text.empty());
    CHECK(text.back() == '\n');
    Scrape scrape;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        std::smatch match;
        if (std::regex_match(line, match, help)) {
            CHECK(scrape.helps.emplace(match[1], match[2]).second);
        } else if (std::regex_match(line, match, type)) {
            CHECK(scrape.types.emplace(match[1], match[2]).second);
        } else {
            REQUIRE(std::regex_match(line, match, sample));
            const std::string family = family_of(match[1], scrape);
            CHECK(scrape.types.count(family) == 1);  // said before the first sample
            CHECK(scrape.samples.emplace(std::string(match[1]) + std::string(match[2]), std::stod(match[3])).second);
        }
    }
    return scrape;
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

TEST_CASE("every line of the metrics parses, and every name keeps Prometheus's conventions", "[metrics]") {
    Metrics metrics;
    metrics.room(1).note({});
    metrics.room(1).note_turn(5ms, 1ms);
    metrics.shard(0).note({});
    metrics.shard(0).note_loop_delay(0ms);
    const Scrape scrape = parse(metrics.text());
    CHECK(scrape.types.size() > 25);
    for (const auto& [name, type] : scrape.types) {
        INFO(name);
        CHECK((name.rfind("tidewire_", 0) == 0 || name.rfind("process_", 0) == 0));
        CHECK(scrape.helps.count(name) == 1);
        CHECK(ends_with(name, "_total") == (type == "counter"));
        // Base units only.
        for (const char* unit : {"_ms", "_milliseconds", "_kb", "_percent"})
            CHECK(name.find(unit) == std::string::npos);
        if (type == "histogram") CHECK(ends_with(name, "_seconds"));
    }
    for (const char* name : {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
                             "process_max_fds", "process_start_time_seconds"})
        CHECK(scrape.at(name) > 0);
    CHECK(scrape.at("tidewire_build_info{version=\"" + std::string(version) + "\"}") == 1);
}

TEST_CASE("a label's value may be anything, and stays one value", "[metrics]") {
    Metrics metrics("1.0 \"beta\"\\\nforged 1");
    CHECK(parse(metrics.text()).at("tidewire_build_info{version=\"1.0 \\\"beta\\\"\\\\\\nforged 1\"}") == 1);
}

TEST_CASE("a room's totals are counted, and what it is now is told", "[metrics]") {
    Metrics metrics;
    RoomMetrics& room = metrics.room(7);
    CHECK(&room == &metrics.room(7));
    RoomFigures figures{.ticks = 10, .inputs = 300, .bytes_sent = 1'000'000};
    figures.players = 12;
    figures.spectators = 5;
    figures.clients_on_rung = {8, 2, 1, 1};
    figures.load_level = 2;
    figures.memory_bytes = 4096;
    figures.status = RoomStatus::Draining;
    room.note(figures);
    figures.ticks = 11;
    figures.inputs_late = 3;
    figures.clients_on_rung = {9, 2, 1, 0};
    room.note(figures);
    const Scrape scrape = parse(metrics.text());
    CHECK(scrape.at("tidewire_ticks_total{room=\"7\"}") == 11);
    CHECK(scrape.at("tidewire_inputs_total{room=\"7\"}") == 300);
    CHECK(scrape.at("tidewire_inputs_late_total{room=\"7\"}") == 3);
    CHECK(scrape.at("tidewire_sent_bytes_total{room=\"7\"}") == 1'000'000);
    CHECK(scrape.at("tidewire_players{room=\"7\"}") == 12);
    CHECK(scrape.at("tidewire_spectators{room=\"7\"}") == 5);
    CHECK(scrape.at("tidewire_clients{room=\"7\",rung=\"full\"}") == 9);
    CHECK(scrape.at("tidewire_clients{room=\"7\",rung=\"suspended\"}") == 0);
    CHECK(scrape.at("tidewire_room_load_level{room=\"7\"}") == 2);
    CHECK(scrape.at("tidewire_room_memory_bytes{room=\"7\"}") == 4096);
    CHECK(scrape.at("tidewire_room_status{room=\"7\",status=\"open\"}") == 0);
    CHECK(scrape.at("tidewire_room_status{room=\"7\",status=\"draining\"}") == 1);
}

TEST_CASE("each field of a room's totals has a counter of its own", "[metrics]") {
    Metrics metrics;
    const RoomFigures figures{.ticks = 1,
                              .ticks_dropped = 2,
                              .inputs = 3,
                              .inputs_repeated = 4,
                              .inputs_neutral = 5,
                              .inputs_late = 6,
                              .inputs_early = 7,
                              .bytes_sent = 8,
                              .bytes_received = 9,
                              .tick_messages = 10,
                              .ticks_left_out = 11,
                              .keyframes = 12,
                              .events_sent = 13};
    metrics.room(1).note(figures);
    const Scrape scrape = parse(metrics.text());
    double expected = 0;
    for (const char* name :
         {"ticks", "ticks_dropped", "inputs", "inputs_repeated", "inputs_neutral", "inputs_late", "inputs_early",
          "sent_bytes", "received_bytes", "tick_messages", "ticks_left_out", "keyframes", "events_sent"})
        CHECK(scrape.at("tidewire_" + std::string(name) + "_total{room=\"1\"}") == ++expected);
}

TEST_CASE("a room that begins anew counts on, and never falls", "[metrics]") {
    Metrics metrics;
    metrics.room(1).note({.ticks = 100});
    metrics.room(1).note({.ticks = 5});
    CHECK(parse(metrics.text()).at("tidewire_ticks_total{room=\"1\"}") == 105);
}

TEST_CASE("a closed room disappears, and the others stay", "[metrics]") {
    Metrics metrics;
    metrics.room(1).note({.ticks = 1});
    metrics.room(2).note({.ticks = 2});
    metrics.close_room(1);
    const std::string text = metrics.text();
    CHECK(text.find("room=\"1\"") == std::string::npos);
    CHECK(parse(text).at("tidewire_ticks_total{room=\"2\"}") == 2);
    // Its number may come again.
    metrics.room(1).note({.ticks = 3});
    CHECK(parse(metrics.text()).at("tidewire_ticks_total{room=\"1\"}") == 3);
    metrics.close_room(9);  // never there
}

TEST_CASE("the tick's histogram tells a tick that holds 30 or 60 Hz from one that does not", "[metrics]") {
    Metrics metrics;
    for (const Duration spent :
         {Duration(4900), Duration(15'900), Duration(16'100), Duration(32'900), Duration(33'100), Duration(2'000'000)})
        metrics.room(1).note_turn(spent, Duration(0));
    const Scrape scrape = parse(metrics.text());
    const auto bucket = [&](const std::string& le) {
        return scrape.at("tidewire_tick_seconds_bucket{room=\"1\",le=\"" + le + "\"}");
    };
    CHECK(bucket("0.005") == 1);
    CHECK(bucket("0.016") == 2);
    CHECK(bucket("0.018") == 3);
    CHECK(bucket("0.033") == 4);
    CHECK(bucket("0.036") == 5);
    CHECK(bucket("0.5") == 5);
    CHECK(bucket("+Inf") == 6);
    CHECK(scrape.at("tidewire_tick_seconds_count{room=\"1\"}") == 6);
    CHECK(scrape.at("tidewire_tick_seconds_sum{room=\"1\"}") == Approx(2.1029));
}

TEST_CASE("a turn is its tick and the writing of it together", "[metrics]") {
    Metrics metrics;
    metrics.room(1).note_turn(20ms, 12ms);
    metrics.room(1).note_turn(20ms, 14ms);
    const Scrape scrape = parse(metrics.text());
    CHECK(scrape.at("tidewire_turn_seconds_bucket{room=\"1\",le=\"0.033\"}") == 1);
    CHECK(scrape.at("tidewire_turn_seconds_bucket{room=\"1\",le=\"0.036\"}") == 2);
    CHECK(scrape.at("tidewire_turn_seconds_sum{room=\"1\"}") == Approx(0.066));
    CHECK(scrape.at("tidewire_tick_seconds_sum{room=\"1\"}") == Approx(0.040));
    CHECK(scrape.at("tidewire_send_seconds_sum{room=\"1\"}") == Approx(0.026));
}

TEST_CASE("shards have their own figures", "[metrics]") {
    Metrics metrics;
    metrics.shard(0).note({.connections = 100, .rooms = 2, .memory_bytes = 1000});
    metrics.shard(1).note({.connections = 50, .rooms = 1, .memory_bytes = 500});
    metrics.shard(1).note_loop_delay(10ms);
    metrics.shard(1).note_loop_delay(-1ms);
    const Scrape scrape = parse(metrics.text());
    CHECK(scrape.at("tidewire_shard_connections{shard=\"0\"}") == 100);
    CHECK(scrape.at("tidewire_shard_rooms{shard=\"1\"}") == 1);
    CHECK(scrape.at("tidewire_shard_memory_bytes{shard=\"1\"}") == 500);
    CHECK(scrape.at("tidewire_loop_delay_seconds_count{shard=\"1\"}") == 2);
    CHECK(scrape.at("tidewire_loop_delay_seconds_sum{shard=\"1\"}") == Approx(0.01));
}

TEST_CASE("who was refused is counted by the class of the reason", "[metrics]") {
    using Kind = GateEvent::Kind;
    const ConnectionId some{5};
    CHECK(class_of({.kind = Kind::Refused, .peer_address = "192.0.2.1"}) == RefusalClass::NoConnection);
    CHECK(class_of({.kind = Kind::Refused}) == RefusalClass::NoDescriptor);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .http_status = 503}) == RefusalClass::NoConnection);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .http_status = 403}) == RefusalClass::Origin);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .http_status = 400}) == RefusalClass::Request);
    CHECK(class_of({.kind = Kind::Refused, .connection = some}) == RefusalClass::Stream);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = 4002}) == RefusalClass::ServerFull);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = 4000}) == RefusalClass::Version);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = 1002}) == RefusalClass::Protocol);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = 1006}) == RefusalClass::Left);
    for (std::uint16_t code = 4010; code <= 4016; ++code)
        CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = code}) == RefusalClass::Authentication);
    CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = 4017}) == RefusalClass::JoinRate);
    for (std::uint16_t code = 4030; code <= 4036; ++code)
        CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = code}) == RefusalClass::Room);
    for (const int code : {0, 1000, 1008, 4002, 4010, 4017, 4030, 4041})
        CHECK(class_of({.kind = Kind::Refused, .connection = some, .close_code = static_cast<std::uint16_t>(code), .by_client = true}) ==
              RefusalClass::Left);

    Metrics metrics;
    metrics.count_refused(RefusalClass::ServerFull);
    metrics.count_refused(RefusalClass::NoDescriptor, 3);
    const Scrape scrape = parse(metrics.text());
    CHECK(scrape.at("tidewire_connections_refused_total{reason=\"server_full\"}") == 1);
    CHECK(scrape.at("tidewire_connections_refused_total{reason=\"no_descriptor\"}") == 3);
    // Those that have not happened yet are there, at zero: a rate needs the first one.
    std::set<std::string> names;
    for (std::size_t i = 0; i < refusal_class_count; ++i) names.insert(name_of(static_cast<RefusalClass>(i)));
    CHECK(names.size() == refusal_class_count);
    for (const std::string& name : names)
        CHECK(scrape.has("tidewire_connections_refused_total{reason=\"" + name + "\"}"));
}

TEST_CASE("two rooms' threads note while a third reads, and rooms come and go", "[metrics]") {
    Metrics metrics;
    constexpr std::uint64_t ticks = 2000;
    std::atomic<int> noting = 2;
    const auto note = [&](std::uint32_t number) {
        RoomMetrics& room = metrics.room(number);
        for (std::uint64_t tick = 1; tick <= ticks; ++tick) {
            room.note({.ticks = tick, .bytes_sent = tick * 100});
            room.note_turn(Duration(100), Duration(50));
            if (tick % 100 == 0) {
                metrics.room(number + 10).note({.ticks = 1});
                metrics.close_room(number + 10);
            }
        }
        --noting;
    };
    std::thread first(note, 1);
    std::thread second(note, 2);
    double last = 0;
    while (noting > 0) {
        const std::string text = metrics.text();
        const std::size_t at = text.find("tidewire_ticks_total{room=\"1\"} ");
        if (at == std::string::npos) continue;
        const double now = std::stod(text.substr(text.find(' ', at)));
        CHECK(now >= last);
        last = now;
    }
    first.join();
    second.join();
    const Scrape scrape = parse(metrics.text());
    CHECK(scrape.at("tidewire_ticks_total{room=\"1\"}") == ticks);
    CHECK(scrape.at("tidewire_ticks_total{room=\"2\"}") == ticks);
    CHECK(scrape.at("tidewire_tick_seconds_count{room=\"2\"}") == ticks);
    CHECK_FALSE(scrape.has("tidewire_ticks_total{room=\"11\"}"));
}

TEST_CASE("a room that is not restored has no figures", "[metrics][save]") {
    sim::SampleGame sample(1);
    Game game = sample.game();
    bool takes = false;
    game.on_restore = [&](ServerSim&, std::span<const std::byte>) -> Result<void> {
        if (!takes) return unexpected(Blame::Caller, "not this game's");
        return {};
    };
    Site site(*game.schema, {}, {});
    SavedGame saved{.number = 7};
    server::Room room(game, site.layout, {});
    room.tick();
    saved.room = room.save();
    const auto restore = [&](std::string name) {
        return HostedRoom::restore(site, {.number = RoomNumber{7}, .room = {.name = std::move(name)}, .game = game}, saved, 0, {});
    };
    const auto has_figures = [&] { return site.metrics.text().find("room=\"7\"") != std::string::npos; };
    CHECK_FALSE(restore("harbour"));
    CHECK_FALSE(has_figures());
    takes = true;
    REQUIRE(site.directory.open({.room = RoomNumber{1}}, {.name = "harbour", .seats = 2}, 0));
    CHECK_FALSE(restore("harbour"));
    CHECK_FALSE(has_figures());
    saved.room.interest.cells = 9;
    CHECK_FALSE(restore("hall"));
    CHECK_FALSE(has_figures());
    saved.room.interest.cells = 0;
    const auto restored = restore("hall");
    REQUIRE(restored);
    CHECK(has_figures());
}
