// sdk/SECURITY.md says what the code does: each default that it names is the struct's, and each file that it names is there.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "sdk/client/listed_rooms.h"
#include "sdk/core/session/client_session.h"
#include "sdk/core/session/incoming_events.h"
#include "sdk/core/session/request_log.h"
#include "sdk/core/session/server_session.h"
#include "sdk/core/ws/options.h"
#include "server/admin/admin_limits.h"
#include "server/gate/ban_book.h"
#include "server/gate/connection_census.h"
#include "server/gate/delivery_ladder.h"
#include "server/gate/embedded_directory.h"
#include "server/gate/join_budget.h"
#include "server/gate/key_set.h"
#include "server/gate/room_feed.h"
#include "server/gate/snapshot_window.h"
#include "server/main/audit_log.h"
#include "server/main/log.h"
#include "server/room/room.h"
#include "server/runtime/shard.h"
#include "server/save/save_format.h"
#include "tidewire/options.h"
#include "tidewire/server_options.h"

using namespace tidewire;

namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(std::string(TIDEWIRE_SOURCE_DIR) + "/" + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The cells of every line of a table.
std::vector<std::vector<std::string>> table_lines() {
    std::vector<std::vector<std::string>> rows;
    std::istringstream document(text_of("sdk/SECURITY.md"));
    for (std::string line; std::getline(document, line);) {
        if (line.rfind("| ", 0) != 0) continue;
        std::vector<std::string> cells;
        std::size_t at = 2;
        for (std::size_t bar = line.find(" |", at); bar != std::string::npos; bar = line.find(" |", at)) {
            cells.push_back(line.substr(at, bar - at));
            at = std::min(bar + 3, line.size());
        }
        rows.push_back(std::move(cells));
    }
    return rows;
}

std::string shown(double number) {
    std::ostringstream text;
    text << number;
    return text.str();
}
std::string bytes(double number) {
    if (number >= 1024 * 1024) return shown(number / 1024 / 1024) + " MiB";
    return number >= 1024 ? shown(number / 1024) + " KiB" : shown(number);
}
std::string time(Duration duration) {
    const auto milliseconds = duration.count() / 1000;
    if (milliseconds != 0 && milliseconds % 3'600'000 == 0) return std::to_string(milliseconds / 3'600'000) + " h";
    return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + " s" : std::to_string(milliseconds) + " ms";
}

std::map<std::string, std::string> defaults() {
    const ServerOptions server;
    const ClientOptions client;
    const ws::Limits limits;
    const ws::Timeouts timeouts;
    const wire::Limits wire;
    const session::ServerSessionOptions session;
    const server::ShardOptions shard;
    const server::RoomOptions room;
    const server::LogOptions log;
    const server::AuditOptions audit;
    const server::AdminLimits admin;
    const server::SnapshotWindowOptions window;
    return {
        {"ServerOptions::connections_max", shown(server.connections_max)},
        {"ServerOptions::connections_per_address_max", shown(server.connections_per_address_max)},
        {"CensusLimits::reserve", shown(server::CensusLimits{}.reserve)},
        {"ServerOptions::players_max", shown(server.players_max)},
        {"ServerOptions::spectators_max", shown(server.spectators_max)},
        {"ServerOptions::spectator_delay", time(server.spectator_delay)},
        {"ServerOptions::spectator_bytes_max", bytes(static_cast<double>(server.spectator_bytes_max))},
        {"ShardOptions::accepts_per_turn_max", shown(static_cast<double>(shard.accepts_per_turn_max))},
        {"ShardOptions::accept_pause", time(shard.accept_pause)},
        {"ws::Limits::head_bytes_max", bytes(static_cast<double>(limits.head_bytes_max))},
        {"ws::Limits::head_fields_max", shown(static_cast<double>(limits.head_fields_max))},
        {"ws::Timeouts::opening", time(timeouts.opening)},
        {"ws::Timeouts::closing", time(timeouts.closing)},
        {"ws::Timeouts::message", time(timeouts.message)},
        {"ws::Timeouts::ping_after_silence", time(timeouts.ping_after_silence)},
        {"ws::Timeouts::dead_after_silence", time(timeouts.dead_after_silence)},
        {"ws::Limits::message_bytes_max", bytes(static_cast<double>(limits.message_bytes_max))},
        {"ws::Limits::fragments_max", shown(static_cast<double>(limits.fragments_max))},
        {"ws::Limits::control_frames_per_second", shown(limits.control_frames_per_second)},
        {"ws::Limits::control_frames_burst", shown(limits.control_frames_burst)},
        {"wire::Limits::text_bytes_max", shown(static_cast<double>(wire.text_bytes_max))},
        {"wire::Limits::schema_prints_max", shown(static_cast<double>(wire.schema_prints_max))},
        {"wire::Limits::token_bytes_max", shown(static_cast<double>(wire.token_bytes_max))},
        {"wire::Limits::resources_max", shown(static_cast<double>(wire.resources_max))},
        {"wire::Limits::input_bytes_max", shown(static_cast<double>(wire.input_bytes_max))},
        {"wire::Limits::event_bytes_max", bytes(static_cast<double>(wire.event_bytes_max))},
        {"wire::Limits::inflated_total_max", bytes(static_cast<double>(wire.inflated_total_max))},
        {"wire::Limits::bodies_max", shown(static_cast<double>(wire.bodies_max))},
        {"wire::Limits::resource_bytes_max", bytes(static_cast<double>(wire.resource_bytes_max))},
        {"ServerSessionOptions::hello_timeout", time(session.hello_timeout)},
        {"ServerSessionOptions::wire.inflated_bytes_max", shown(static_cast<double>(session.wire.inflated_bytes_max))},
        {"MessageRates::inputs_per_tick", shown(session.rates.inputs_per_tick)},
        {"MessageRates::inputs_burst", time(session.rates.inputs_burst)},
        {"MessageRates::pings_per_second", shown(session.rates.pings_per_second)},
        {"MessageRates::pings_burst", shown(session.rates.pings_burst)},
        {"ServerSessionOptions::pings_unanswered_max", shown(static_cast<double>(session.pings_unanswered_max))},
        {"MessageRates::desyncs_per_second", shown(session.rates.desyncs_per_second)},
        {"MessageRates::desyncs_burst", shown(session.rates.desyncs_burst)},
        {"ServerOptions::client_events.per_second", shown(server.client_events.per_second)},
        {"ServerOptions::client_events.burst", shown(server.client_events.burst)},
        {"ServerOptions::client_events.bytes_per_second", bytes(server.client_events.bytes_per_second)},
        {"ServerOptions::client_events.bytes_burst", bytes(server.client_events.bytes_burst)},
        {"RoomOptions::inputs_ahead_max", shown(room.inputs_ahead_max)},
        {"RoomOptions::input_repeats_max", shown(room.input_repeats_max)},
        {"RewindOptions::depth", time(RewindOptions{}.depth)},
        {"RewindOptions::doubt", time(RewindOptions{}.doubt)},
        {"ServerOptions::entities_max", shown(server.entities_max)},
        {"SnapshotWindowOptions::ticks_max", shown(static_cast<double>(window.ticks_max))},
        {"SnapshotWindowOptions::bytes_max", bytes(static_cast<double>(window.bytes_max))},
        {"DeliveryLadderOptions::suspend_after", time(server::DeliveryLadderOptions{}.suspend_after)},
        {"ServerOptions::unread_timeout", time(server.unread_timeout)},
        {"ServerOptions::events_unsent_max", shown(static_cast<double>(server.events_unsent_max))},
        {"ServerOptions::event_bytes_unsent_max", bytes(static_cast<double>(server.event_bytes_unsent_max))},
        {"ServerOptions::transmit_bytes_max", bytes(static_cast<double>(server.transmit_bytes_max))},
        {"ServerOptions::bulk_bytes_max", bytes(static_cast<double>(server.bulk_bytes_max))},
        {"ServerOptions::keyframe_bytes_max", bytes(static_cast<double>(server.keyframe_bytes_max))},
        {"ServerOptions::ticks_held_for_joins_max", shown(static_cast<double>(server.ticks_held_for_joins_max))},
        {"ServerOptions::resume_within", time(server.resume_within)},
        {"ServerOptions::retry_after", time(server.retry_after)},
        {"SaveLimits::content_bytes_max", bytes(static_cast<double>(server::SaveLimits{}.content_bytes_max))},
        {"wire::Limits::session_token_bytes_max", shown(static_cast<double>(wire.session_token_bytes_max))},
        {"wire::Limits::resumed_groups_max", shown(static_cast<double>(wire.resumed_groups_max))},
        {"AdmissionOptions::joins.per_second", shown(server.admission.joins.per_second)},
        {"AdmissionOptions::joins.burst", shown(server.admission.joins.burst)},
        {"RoomTextLimits::bytes_max", shown(static_cast<double>(RoomTextLimits{}.bytes_max))},
        {"RoomTextLimits::properties_max", shown(static_cast<double>(RoomTextLimits{}.properties_max))},
        {"ClientRoomOptions::rooms_max", shown(server.client_rooms.rooms_max)},
        {"ClientRoomOptions::empty_for", time(server.client_rooms.empty_for)},
        {"ClientRoomOptions::creations.per_second", shown(server.client_rooms.creations.per_second)},
        {"ClientRoomOptions::creations.burst", shown(server.client_rooms.creations.burst)},
        {"ClientRoomOptions::watchers_max", shown(server.client_rooms.watchers_max)},
        {"DirectoryLimits::rooms_max", shown(server::DirectoryLimits{}.rooms_max)},
        {"DirectoryLimits::reservations_max", shown(static_cast<double>(server::DirectoryLimits{}.reservations_max))},
        {"watched_rooms_max", shown(static_cast<double>(server::watched_rooms_max))},
        {"rooms_told_every", time(server::rooms_told_every)},
        {"wire::Limits::listed_rooms_max", shown(static_cast<double>(wire.listed_rooms_max))},
        {"JoinBudget::addresses_max", shown(static_cast<double>(server::JoinBudget::addresses_max))},
        {"TicketOptions::spent_max", shown(static_cast<double>(server.admission.tickets.spent_max))},
        {"JwtOptions::spent_max", shown(static_cast<double>(server.admission.jwt.spent_max))},
        {"key_file_bytes_max", bytes(static_cast<double>(server::key_file_bytes_max))},
        {"keys_max", shown(static_cast<double>(server::keys_max))},
        {"ShardOptions::letters_max", shown(static_cast<double>(shard.letters_max))},
        {"events_unacknowledged_max", shown(static_cast<double>(session::events_unacknowledged_max))},
        {"RequestLog::requests_max", shown(static_cast<double>(session::RequestLog::requests_max))},
        {"IncomingEventLimits::predicted_max", shown(static_cast<double>(session::IncomingEventLimits{}.predicted_max))},
        {"retry_after_max", time(session::retry_after_max)},
        {"ListedRooms::rooms_max", shown(static_cast<double>(ListedRooms::rooms_max))},
        {"ReconnectOptions::first_within", time(client.reconnect.first_within)},
        {"ReconnectOptions::delay_min", time(client.reconnect.delay_min)},
        {"ReconnectOptions::delay_max", time(client.reconnect.delay_max)},
        {"ReconnectOptions::early", time(client.reconnect.early)},
        {"ReconnectOptions::early_delay_max", time(client.reconnect.early_delay_max)},
        {"ReconnectOptions::attempt_timeout", time(client.reconnect.attempt_timeout)},
        {"ReconnectOptions::give_up_after", time(client.reconnect.give_up_after)},
        {"LinkLimits::read_bytes_max", bytes(static_cast<double>(shard.links.read_bytes_max))},
        {"ServerOptions::catch_up_ticks_max", shown(server.catch_up_ticks_max)},
        {"ServerOptions::drain_max", time(server.drain_max)},
        {"LogOptions::stranger_lines_per_second", shown(log.stranger_lines_per_second)},
        {"LogOptions::player_lines_per_second", shown(log.player_lines_per_second)},
        {"AuditOptions::stranger_lines_per_second", shown(audit.stranger_lines_per_second)},
        {"AuditOptions::stranger_lines_burst", shown(audit.stranger_lines_burst)},
        {"AuditOptions::player_lines_per_second", shown(audit.player_lines_per_second)},
        {"AuditOptions::player_lines_burst", shown(audit.player_lines_burst)},
        {"AuditOptions::left_out_told_every", time(audit.left_out_told_every)},
        {"AdminLimits::connections_max", shown(static_cast<double>(admin.connections_max))},
        {"AdminLimits::accept_pause", time(admin.accept_pause)},
        {"AdminLimits::body_bytes_max", bytes(static_cast<double>(admin.body_bytes_max))},
        {"AdminLimits::request_within", time(admin.request_within)},
        {"AdminLimits::answer_within", time(admin.answer_within)},
        {"BanLimits::bans_max", shown(static_cast<double>(server::BanLimits{}.bans_max))},
        {"IdleOptions::after", time(server.idle.after)},
        {"IdleOptions::kick_after", time(server.idle.kick_after)},
        {"IdleOptions::hidden_kick_after", time(server.idle.hidden_kick_after)},
        {"ClientOptions::connect_timeout", time(client.connect_timeout)},
        {"ClientOptions::message_bytes_max", bytes(static_cast<double>(client.message_bytes_max))},
        {"ClientOptions::keyframe_bytes_max", bytes(static_cast<double>(client.keyframe_bytes_max))},
        {"ClientOptions::bulk_bytes_max", bytes(static_cast<double>(client.bulk_bytes_max))},
        {"ClientOptions::event_bytes_held_max", bytes(static_cast<double>(client.event_bytes_held_max))},
        {"ClientOptions::event_bytes_unsent_max", bytes(static_cast<double>(client.event_bytes_unsent_max))},
        {"ClientOptions::request_timeout", time(client.request_timeout)},
    };
}

}  // namespace

TEST_CASE("each limit in sdk/SECURITY.md has the default that the code has, and none is left out", "[security]") {
    auto expected = defaults();
    for (const auto& row : table_lines()) {
        if (row.size() != 3 || row[0].front() != '`') continue;
        const std::string name = row[0].substr(1, row[0].size() - 2);
        CAPTURE(name);
        REQUIRE(expected.count(name) == 1);
        CHECK(row[1] == expected[name]);
        CHECK_FALSE(row[2].empty());
        expected.erase(name);
    }
    for (const auto& [name, value] : expected) FAIL_CHECK(name << " (" << value << ") is not in the document");
}

TEST_CASE("each hostile input in sdk/SECURITY.md has a test of its name and a defence that is there", "[security]") {
    const std::regex name("H[0-3][0-9]");
    std::set<std::string> found;
    for (const auto& row : table_lines()) {
        if (row.size() != 5 || !std::regex_match(row[0], name)) continue;
        CAPTURE(row[0]);
        CHECK(found.insert(row[0]).second);
        const std::string where = row[3].substr(1, row[3].size() - 2);
        const std::string test = row[4].substr(1, row[4].size() - 2);
        CHECK(std::filesystem::exists(std::string(TIDEWIRE_SOURCE_DIR) + "/" + where));
        CHECK(text_of(test).find("[" + row[0] + "]") != std::string::npos);
    }
    CHECK(found.size() == 31);
    // And the other way: no test carries a name that the document does not explain.
    for (const auto& entry : std::filesystem::directory_iterator(std::string(TIDEWIRE_SOURCE_DIR) + "/tests/hostile")) {
        const std::string text = text_of("tests/hostile/" + entry.path().filename().string());
        const std::regex tag("\\[(H[0-3][0-9])\\]");
        for (auto it = std::sregex_iterator(text.begin(), text.end(), tag); it != std::sregex_iterator(); ++it) {
            CAPTURE(entry.path().filename().string(), std::string((*it)[1]));
            CHECK(found.count((*it)[1]) == 1);
        }
    }
}
