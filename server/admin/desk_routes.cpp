// A table of paths, and a function for each.
#include "server/admin/desk_routes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/admin/json_members.h"
#include "server/gate/iso_time.h"

namespace tidewire::server {

namespace {

using Json = nlohmann::ordered_json;

/// All but ASCII is escaped: a terminal that shows a player's name obeys none of it.
DeskAnswer told(const Json& value, int status = 200) {
    return {.status = status, .body = value.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n"};
}

DeskAnswer no_answer() {
    return desk_refusal(503, "not all shards have answered in time; the server is overloaded, or stopping: try again");
}

Json to_json(const RoomReport& report) {
    return {{"room", static_cast<std::uint32_t>(report.room)},
            {"players", report.players},
            {"players_max", report.players_max},
            {"bots", report.bots},
            {"away", report.away},
            {"spectators", report.spectators},
            {"tick", report.tick},
            {"tick_rate", report.tick_rate},
            {"load", report.load},
            {"busy", std::round(report.busy * 1000) / 1000},
            {"memory_bytes", report.memory_bytes},
            {"ended", report.ended}};
}

double in_seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000; }

Json to_json(const PlayerReport& report) {
    Json json{{"room", static_cast<std::uint32_t>(report.room)}, {"player", report.player}, {"name", report.name}};
    if (report.bot) {
        json["bot"] = true;
        return json;
    }
    if (!report.subject.empty()) json["subject"] = report.subject;
    json["address"] = report.address;
    if (report.connection != ConnectionId{}) json["connection"] = static_cast<std::uint64_t>(report.connection);
    if (report.spectates) {
        json["spectates"] = true;
    } else {
        json["away"] = report.away;
        json["quiet_seconds"] = in_seconds(report.quiet_for);
        json["muted_seconds"] = in_seconds(report.muted_for);
    }
    if (report.rtt) json["rtt_ms"] = static_cast<double>(report.rtt->count()) / 1000;
    if (*report.rung != '\0') json["updates"] = report.rung;
    return json;
}

Json to_json(const ListedBan& ban) {
    Json json{{"ban", static_cast<std::uint64_t>(ban.id)}};
    if (!ban.subject.empty()) json["subject"] = ban.subject;
    if (!ban.address.empty()) json["address"] = ban.address;
    json["until"] = to_iso(ban.until);
    json["reason"] = ban.reason;
    return json;
}

template <class Report, class Wanted>
DeskAnswer list(const std::optional<std::vector<Report>>& reports, const Wanted& wanted) {
    if (!reports) return no_answer();
    Json all = Json::array();
    for (const Report& each : *reports)
        if (wanted(each)) all.push_back(to_json(each));
    return told(all);
}

std::optional<std::uint64_t> to_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// What a path's stars stand for.
using Numbers = std::array<std::uint64_t, 2>;

struct Asked {
    const Desk& desk;
    Numbers numbers;
    std::string_view body;

    RoomNumber room() const { return RoomNumber{static_cast<std::uint32_t>(numbers[0])}; }
    PlayerId player() const { return static_cast<PlayerId>(numbers[1]); }
};

DeskAnswer rooms(const Asked& asked) {
    return list(asked.desk.rooms(), [](const RoomReport&) { return true; });
}

DeskAnswer room(const Asked& asked) {
    const auto reports = asked.desk.rooms();
    if (!reports) return no_answer();
    for (const RoomReport& each : *reports)
        if (each.room == asked.room()) return told(to_json(each));
    return desk_refusal(404, "there is no such room; GET /rooms lists them");
}

DeskAnswer players(const Asked& asked) {
    return list(asked.desk.players(), [](const PlayerReport&) { return true; });
}

DeskAnswer players_of_room(const Asked& asked) {
    return list(asked.desk.players(), [&](const PlayerReport& each) { return each.room == asked.room(); });
}

DeskAnswer carry_out(const Asked& asked, JsonMembers& members, Order order) {
    if (const std::string problem = members.problem(); !problem.empty()) return desk_refusal(400, problem);
    order.player = asked.player();
    switch (asked.desk.order(asked.room(), std::move(order))) {
        case Desk::Done::Yes:
            return told({{"done", true}});
        case Desk::Done::NoPlayer:
            return desk_refusal(404, "there is no such human in this room, or one who only watches, whom nobody can mute; GET /players lists them");
        case Desk::Done::NoAnswer:
            break;
    }
    return no_answer();
}

DeskAnswer kick(const Asked& asked) {
    JsonMembers members(asked.body);
    Order order{.kind = Order::Kind::Kick, .reason = members.text("reason").value_or("")};
    return carry_out(asked, members, std::move(order));
}

DeskAnswer mute(const Asked& asked) {
    JsonMembers members(asked.body);
    const auto time = members.seconds("seconds", 0);
    if (!time) members.complain("seconds says for how long; 0 lets the player speak again");
    return carry_out(asked, members, {.kind = Order::Kind::Mute, .time = time.value_or(std::chrono::milliseconds(0))});
}

DeskAnswer ban_player(const Asked& asked) {
    JsonMembers members(asked.body);
    const auto time = members.seconds("seconds", 1);
    if (!time) members.complain("seconds says for how long");
    Order order{.kind = Order::Kind::Ban,
                .time = time.value_or(std::chrono::milliseconds(0)),
                .reason = members.text("reason").value_or("")};
    return carry_out(asked, members, std::move(order));
}

DeskAnswer bans(const Asked& asked) {
    Json all = Json::array();
    for (const ListedBan& ban : asked.desk.bans()) all.push_back(to_json(ban));
    return told(all);
}

DeskAnswer ban(const Asked& asked) {
    JsonMembers members(asked.body);
    Ban wanted{.subject = members.text("subject").value_or(""),
               .address = members.text("address").value_or(""),
               .reason = members.text("reason").value_or("")};
    const auto time = members.seconds("seconds", 1);
    const auto until = members.text("until");
    if (time.has_value() == until.has_value())
        members.complain("either seconds says for how long, or until does, as \"2027-01-31T18:00:00Z\"");
    else if (time)
        wanted.until = asked.desk.now() + std::chrono::ceil<std::chrono::seconds>(*time);
    else if (const auto instant = parse_iso(*until))
        wanted.until = *instant;
    else
        members.complain("until is an instant, as \"2027-01-31T18:00:00Z\"");
    if (const std::string problem = members.problem(); !problem.empty()) return desk_refusal(400, problem);
    const auto id = asked.desk.ban(std::move(wanted));
    if (!id) return desk_refusal(400, id.error().message);
    return told({{"ban", static_cast<std::uint64_t>(*id)}});
}

DeskAnswer lift_ban(const Asked& asked) {
    if (asked.desk.lift_ban(BanId{asked.numbers[0]})) return told({{"done", true}});
    return desk_refusal(404, "there is no such ban; GET /bans lists them");
}

DeskAnswer drain(const Asked& asked) {
    JsonMembers members(asked.body);
    if (const std::string problem = members.problem(); !problem.empty()) return desk_refusal(400, problem);
    if (asked.desk.drain()) return told({{"done", true}});
    return desk_refusal(409, "the server drains already; another SIGTERM ends it at once");
}

DeskAnswer log_level(const Asked& asked) { return told({{"level", asked.desk.log_level()}}); }

DeskAnswer set_log_level(const Asked& asked) {
    JsonMembers members(asked.body);
    const auto level = members.text("level");
    if (!level) members.complain("level says which: {\"level\": \"debug\"}");
    if (const std::string problem = members.problem(); !problem.empty()) return desk_refusal(400, problem);
    if (!asked.desk.set_log_level(*level))
        return desk_refusal(400, "level is one of trace, debug, info, warn and error");
    return log_level(asked);
}

struct Route {
    const char* method;
    std::string_view path;  ///< '*' stands for a number.
    DeskAnswer (*answer)(const Asked&);
};

constexpr Route routes[] = {
    {"GET", "/rooms", rooms},
    {"GET", "/rooms/*", room},
    {"GET", "/rooms/*/players", players_of_room},
    {"GET", "/players", players},
    {"POST", "/rooms/*/players/*/kick", kick},
    {"POST", "/rooms/*/players/*/mute", mute},
    {"POST", "/rooms/*/players/*/ban", ban_player},
    {"GET", "/bans", bans},
    {"POST", "/bans", ban},
    {"DELETE", "/bans/*", lift_ban},
    {"POST", "/drain", drain},
    {"GET", "/log-level", log_level},
    {"PUT", "/log-level", set_log_level},
};

/// The text up to the next slash, which both lose.
std::string_view take_segment(std::string_view& path) {
    const std::size_t slash = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash);
    return segment;
}

std::optional<Numbers> match(std::string_view pattern, std::string_view path) {
    Numbers numbers{};
    std::size_t count = 0;
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = take_segment(pattern);
        const std::string_view segment = take_segment(path);
        if (wanted != "/*") {
            if (segment != wanted) return std::nullopt;
            continue;
        }
        const auto number = to_number(segment.substr(1));
        // Rooms and players have 32 bits; what is beyond them is none.
        if (!number || *number > 0xffff'ffff) return std::nullopt;
        numbers[count++] = *number;
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return numbers;
}

}  // namespace

DeskAnswer desk_refusal(int status, std::string_view sentence) { return told({{"error", std::string(sentence)}}, status); }

DeskAnswer ask(const Desk& desk, std::string_view method, std::string_view target, std::string_view body) {
    std::string allowed;
    for (const Route& route : routes) {
        const auto numbers = match(route.path, target);
        if (!numbers) continue;
        if (route.method == method) return route.answer({desk, *numbers, body});
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
    if (!allowed.empty()) {
        DeskAnswer answer = desk_refusal(405, "this is for " + allowed);
        answer.headers.push_back({"Allow", allowed});
        return answer;
    }
    std::string paths;
    for (const Route& route : routes)
        paths += (paths.empty() ? "" : ", ") + std::string(route.method) + " " + std::string(route.path);
    return desk_refusal(404, "there is nothing here; there are: " + paths);
}

}  // namespace tidewire::server
