// Lines are made and written under one lock: each is a system call that the page cache answers.
#include "server/main/audit_log.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "sdk/core/ws/close_code.h"
#include "server/gate/iso_time.h"
#include "server/main/log_text.h"

namespace tidewire::server {

namespace {

/// How the player's end is called, which its code tells where it is the server's.
const char* name_of_end(const GateEvent& event) {
    if (event.by_client) return "left";
    switch (static_cast<ws::CloseCode>(event.close_code)) {
        case ws::CloseCode::Kicked:
            return "kicked";
        case ws::CloseCode::Banned:
            return "banned";
        case ws::CloseCode::Idle:
            return "idle";
        default:
            return "left";
    }
}

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(AuditOptions options, std::function<SystemTime()> clock, Failed failed) {
    auto file = AppendFile::open(options.file);
    if (!file) return unexpected(Blame::Machine, "audit log (--audit-log): " + file.error().message);
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(options), std::move(clock), std::move(failed), std::move(*file)));
}

AuditLog::AuditLog(AuditOptions options, std::function<SystemTime()> clock, Failed failed, AppendFile file)
    : options_(std::move(options)), clock_(std::move(clock)), failed_(std::move(failed)), file_(std::move(file)) {}

AuditLog::~AuditLog() { tell_left_out(never); }

void AuditLog::write(const GateEvent& event, TimePoint now) {
    const auto room = static_cast<std::uint32_t>(event.room);
    const auto connection = static_cast<std::uint64_t>(event.connection);
    const LogField where[] = {{"room", room}, {"player", event.player}, {"name", event.player_name}};
    const LogField spectates("spectates", event.spectates);
    const LogField reason(event.by_client ? "said" : "reason", event.reason);
    const std::lock_guard lock(mutex_);
    switch (event.kind) {
        case GateEvent::Kind::Joined:
            return write("joined",
                         {where[0], where[1], where[2], spectates, {"subject", event.subject}, {"token", event.token_id},
                          {"connection", connection}, {"address", event.peer_address}},
                         Cause::Player, now);
        case GateEvent::Kind::Resumed:
            return write("resumed",
                         {where[0], where[1], where[2], {"subject", event.subject}, {"connection", connection},
                          {"address", event.peer_address}},
                         Cause::Player, now);
        case GateEvent::Kind::Lost:
        case GateEvent::Kind::Left:
            return write(event.kind == GateEvent::Kind::Lost ? "lost" : name_of_end(event),
                         {where[0], where[1], where[2], spectates, {"subject", event.subject}, {"connection", connection},
                          {"address", event.peer_address}, {"code", event.close_code}, reason},
                         Cause::Player, now);
        case GateEvent::Kind::Moderated:
            return write("moderated",
                         {where[0], where[1], where[2], {"subject", event.subject}, {"address", event.peer_address},
                          {"done", event.reason}},
                         Cause::Player, now);
        case GateEvent::Kind::Desync:
            return write("desync",
                         {where[0], where[1], where[2], {"subject", event.subject}, {"connection", connection},
                          {"difference", event.reason}},
                         Cause::Stranger, now);
        case GateEvent::Kind::Refused:
            return write("refused",
                         {{"connection", connection}, {"address", event.peer_address}, {"name", event.player_name},
                          {"status", event.http_status}, {"code", event.close_code}, reason},
                         Cause::Stranger, now);
        case GateEvent::Kind::RoomOpened:
            return write("room opened", {where[0], {"called", event.room_name}}, Cause::Player, now);
        case GateEvent::Kind::RoomClosed:
            return write("room closed", {where[0], {"reason", event.reason}}, Cause::Player, now);
        case GateEvent::Kind::RoomSaved:
            return write("room saved", {where[0], {"reason", event.reason}}, Cause::Server, now);
        case GateEvent::Kind::RoomRestored:
            return write("room restored", {where[0], {"reason", event.reason}}, Cause::Server, now);
        case GateEvent::Kind::SaveFailed:
            return write("save failed", {where[0], {"reason", event.reason}}, Cause::Server, now);
        case GateEvent::Kind::RoomFailed:
            return write("room failed", {where[0], {"reason", event.reason}}, Cause::Player, now);
        case GateEvent::Kind::Load:
            return;
    }
}

void AuditLog::write_action(std::initializer_list<LogField> fields) {
    const std::lock_guard lock(mutex_);
    put("admin", fields);
}

void AuditLog::write_stranger(const char* event, std::initializer_list<LogField> fields, TimePoint now) {
    const std::lock_guard lock(mutex_);
    write(event, fields, Cause::Stranger, now);
}

void AuditLog::reopen() {
    const std::lock_guard lock(mutex_);
    auto file = AppendFile::open(file_.path());
    // The old one goes on being written, wherever it is now.
    if (!file) {
        if (failed_) failed_(file.error());
        return;
    }
    file_ = std::move(*file);
    failing_ = false;
}

void AuditLog::write(const char* event, std::initializer_list<LogField> fields, Cause cause, TimePoint now) {
    tell_left_out(now);
    if (cause == Cause::Server) return put(event, fields);
    const bool stranger = cause == Cause::Stranger;
    const double per_second = stranger ? options_.stranger_lines_per_second : options_.player_lines_per_second;
    const double burst = stranger ? options_.stranger_lines_burst : options_.player_lines_burst;
    Sort& sort =
        sorts_.try_emplace(event, Sort{.lines = ws::TokenBucket(burst, now), .told_at = now}).first->second;
    if (sort.lines.take(per_second, burst, now)) return put(event, fields);
    // Its time begins with the first.
    if (sort.left_out++ == 0) sort.told_at = now;
}

void AuditLog::tell_left_out(TimePoint now) {
    for (auto& [event, sort] : sorts_) {
        if (sort.left_out == 0 || now - sort.told_at < options_.left_out_told_every) continue;
        put("left out", {{"of", event}, {"lines", std::exchange(sort.left_out, 0)}});
    }
}

void AuditLog::put(const char* event, std::initializer_list<LogField> fields) {
    nlohmann::ordered_json object;
    object["time"] = to_iso(clock_());
    object["event"] = event;
    if (lost_ > 0) object["lines_lost"] = lost_;
    for (const LogField& field : fields) {
        if (const auto* const text = std::get_if<std::string>(&field.value)) {
            if (!text->empty()) object[field.name] = cut(*text);
        } else if (const auto* const number = std::get_if<std::int64_t>(&field.value)) {
            if (*number != 0) object[field.name] = *number;
        } else if (const auto* const flag = std::get_if<bool>(&field.value)) {
            if (*flag) object[field.name] = true;
        } else if (const std::uint64_t count = std::get<std::uint64_t>(field.value); count != 0) {
            object[field.name] = count;
        }
    }
    // All but ASCII is escaped: a terminal that shows the line obeys none of it.
    const auto written = file_.write_line(object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace));
    if (written) {
        failing_ = false;
        lost_ = 0;
        return;
    }
    ++lost_;
    if (!std::exchange(failing_, true) && failed_) failed_(written.error());
}

}  // namespace tidewire::server
