// Lines of the audit log: what they tell, floods, forgers, and files that move or fill up.
#include "server/main/audit_log.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;
using tidewire::test::Folder;

namespace {

constexpr TimePoint start{100s};

struct Audit {
    explicit Audit(AuditOptions options = {}) {
        options.file = folder / "audit.log";
        auto opened = AuditLog::open(
            options, [] { return SystemTime{1'800'000'000s}; }, [this](const Error& error) { failures.push_back(error.message); });
        REQUIRE(opened);
        log = std::move(*opened);
    }
    std::vector<nlohmann::json> lines(const std::string& name = "audit.log") const {
        std::vector<nlohmann::json> all;
        std::istringstream text(folder.read(name));
        for (std::string line; std::getline(text, line);) {
            INFO(line);
            all.push_back(nlohmann::json::parse(line, nullptr, false));
            REQUIRE(all.back().is_object());
        }
        return all;
    }

    Folder folder;
    std::vector<std::string> failures;
    std::unique_ptr<AuditLog> log;
};

GateEvent event_of(GateEvent::Kind kind, std::uint16_t code = 0, std::string reason = {}) {
    return {.kind = kind,
            .room = RoomNumber{2},
            .connection = ConnectionId{4},
            .peer_address = "192.0.2.1",
            .player = 7,
            .player_name = "Ada",
            .subject = "account-7",
            .close_code = code,
            .reason = std::move(reason)};
}

}  // namespace

TEST_CASE("each line says what, when, who and why, and ends are called by their codes", "[server][audit]") {
    using Kind = GateEvent::Kind;
    Audit audit;
    GateEvent joined = event_of(Kind::Joined);
    joined.token_id = "jti-1";
    audit.log->write(joined, start);
    audit.log->write(event_of(Kind::Lost, 1006, "reset"), start);
    audit.log->write(event_of(Kind::Resumed), start);
    for (const int code : {1000, 4040, 4041, 4042})
        audit.log->write(event_of(Kind::Left, static_cast<std::uint16_t>(code), "why"), start);
    audit.log->write(event_of(Kind::Moderated, 0, "muted for 60 s"), start);
    audit.log->write({.kind = Kind::Refused, .connection = ConnectionId{5}, .peer_address = "192.0.2.2", .close_code = 4041, .reason = "banned"}, start);
    audit.log->write({.kind = Kind::RoomClosed, .room = RoomNumber{2}, .reason = "over"}, start);
    audit.log->write_action({{"method", "POST"}, {"path", "/drain"}, {"status", 200}});
    audit.log->write({.kind = Kind::Load, .room = RoomNumber{2}, .reason = "normal"}, start);
    const auto lines = audit.lines();
    std::vector<std::string> events;
    for (const auto& line : lines) {
        CHECK(line.at("time") == "2027-01-15T08:00:00Z");
        events.push_back(line.at("event"));
    }
    CHECK(events == std::vector<std::string>{"joined", "lost", "resumed", "left", "kicked", "banned", "idle", "moderated",
                                             "refused", "room closed", "admin"});
    CHECK(lines[0].at("token") == "jti-1");
    CHECK(lines[0].at("subject") == "account-7");
    CHECK(lines[4].at("code") == 4040);
    CHECK(lines[4].at("reason") == "why");
    CHECK(lines[8].at("address") == "192.0.2.2");
    CHECK(lines[8].count("player") == 0);
    CHECK(lines[10].at("path") == "/drain");
}

TEST_CASE("who leaves by a word of his own has left, whatever code and reason he gives for it", "[server][audit]") {
    Audit audit;
    for (const int code : {4040, 4041, 4042}) {
        GateEvent event = event_of(GateEvent::Kind::Left, static_cast<std::uint16_t>(code), "cheating, by admin Bob");
        event.by_client = true;
        audit.log->write(event, start);
    }
    const auto lines = audit.lines();
    REQUIRE(lines.size() == 3);
    for (const auto& line : lines) {
        CHECK(line.at("event") == "left");
        CHECK(line.at("said") == "cheating, by admin Bob");
        CHECK(line.count("reason") == 0);
    }
}

TEST_CASE("who watches is marked as such, from the first line to the last", "[server][audit]") {
    Audit audit;
    for (const GateEvent::Kind kind : {GateEvent::Kind::Joined, GateEvent::Kind::Left}) {
        GateEvent event = event_of(kind, kind == GateEvent::Kind::Left ? 4040 : 0);
        audit.log->write(event, start);
        event.player = 0;
        event.spectates = true;
        audit.log->write(event, start);
    }
    const auto lines = audit.lines();
    REQUIRE(lines.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(lines[i].at("event") == (i < 2 ? "joined" : "kicked"));
        CHECK(lines[i].count("spectates") == i % 2);
        CHECK(lines[i].count("player") == 1 - i % 2);
    }
    CHECK(lines[1].at("spectates") == true);
}

TEST_CASE("a flood is cut short, and counted once a minute and at the end", "[server][audit]") {
    Audit audit({.stranger_lines_per_second = 1, .stranger_lines_burst = 10});
    std::size_t written = 0;
    for (int second = 0; second < 300; ++second)
        for (int i = 0; i < 100; ++i, ++written)
            audit.log->write(event_of(GateEvent::Kind::Refused, 4010, "no token"), start + second * 1s + i * 10ms);
    // Others are not left out for it.
    audit.log->write(event_of(GateEvent::Kind::Joined), start + 300s);
    audit.log.reset();
    std::size_t refused = 0;
    std::size_t left_out = 0;
    std::size_t told = 0;
    for (const auto& line : audit.lines()) {
        refused += line.at("event") == "refused" ? 1U : 0U;
        if (line.at("event") != "left out") continue;
        ++told;
        CHECK(line.at("of") == "refused");
        left_out += line.at("lines").get<std::size_t>();
    }
    CHECK(refused + left_out == written);
    CHECK(refused <= 312);
    CHECK(told <= 6);
    CHECK(audit.lines().back().at("event") == "left out");
}

TEST_CASE("whatever a stranger says is one value in one line of ASCII", "[server][audit][H25]") {
    Audit audit;
    GateEvent event = event_of(GateEvent::Kind::Refused, 4010, "\"}\n{\"event\":\"admin\"} \xff\xe2\x80\xae" + std::string(2000, 'x'));
    event.player_name = "\x1b[31m\r\n\",\"level\":\"";
    audit.log->write(event, start);
    const std::string text = audit.folder.read("audit.log");
    CHECK(text.size() < 1500);
    for (const char c : text.substr(0, text.size() - 1)) CHECK((c >= 0x20 && c < 0x7f));
    REQUIRE(audit.lines().size() == 1);
    CHECK(audit.lines()[0].at("event") == "refused");
    CHECK(audit.lines()[0].at("name") == event.player_name);
}

TEST_CASE("a file that was moved away is left to its new place by reopen()", "[server][audit]") {
    Audit audit;
    audit.log->write(event_of(GateEvent::Kind::Joined), start);
    std::filesystem::rename(audit.folder / "audit.log", audit.folder / "audit.log.1");
    audit.log->write(event_of(GateEvent::Kind::Lost), start);
    audit.log->reopen();
    audit.log->write(event_of(GateEvent::Kind::Resumed), start);
    CHECK(audit.lines("audit.log.1").size() == 2);
    REQUIRE(audit.lines().size() == 1);
    CHECK(audit.lines()[0].at("event") == "resumed");
    // What stands there is not overwritten.
    audit.log->reopen();
    audit.log->write(event_of(GateEvent::Kind::Lost), start);
    CHECK(audit.lines().size() == 2);
}

TEST_CASE("a file that cannot be opened is told at the start, and one that cannot be written once", "[server][audit]") {
    const Folder folder;
    const auto opened = AuditLog::open({.file = folder / "no/such/folder"}, [] { return SystemTime{}; }, {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("audit log (--audit-log): cannot open") == 0);
    int failures = 0;
    const auto full = AuditLog::open({.file = "/dev/full"}, [] { return SystemTime{}; }, [&](const Error&) { ++failures; });
    REQUIRE(full);
    for (int i = 0; i < 5; ++i) (*full)->write(event_of(GateEvent::Kind::Joined), start);
    CHECK(failures == 1);
}
