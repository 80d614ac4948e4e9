// spdlog puts the time and the level around each line, and one lock; what stands in a line is made here.
#include "server/main/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "server/main/line_limit.h"
#include "server/main/log_text.h"

namespace tidewire::server {

namespace {

constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::Trace:
            return spdlog::level::trace;
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warn:
            return spdlog::level::warn;
        case LogLevel::Error:
            break;
    }
    return spdlog::level::err;
}

std::string to_text(const LogField& field) {
    if (const auto* text = std::get_if<std::string>(&field.value))
        return field.kind == LogField::Kind::Word ? *text : server::quoted(*text);
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&field.value)) return *flag ? "true" : "false";
    return std::to_string(std::get<std::uint64_t>(field.value));
}

std::string to_text(const char* event, std::span<const LogField> fields) {
    std::string line = event;
    for (const LogField& field : fields) line += std::string(" ") + field.name + "=" + to_text(field);
    return line;
}

/// The members of the object that the pattern begins. All but ASCII is escaped: a terminal that shows the line obeys none of it.
std::string to_json(const char* event, std::span<const LogField> fields) {
    nlohmann::ordered_json object;
    object["event"] = event;
    for (const LogField& field : fields) {
        if (const auto* text = std::get_if<std::string>(&field.value))
            object[field.name] = cut(*text);
        else if (const auto* number = std::get_if<std::int64_t>(&field.value))
            object[field.name] = *number;
        else if (const auto* flag = std::get_if<bool>(&field.value))
            object[field.name] = *flag;
        else
            object[field.name] = std::get<std::uint64_t>(field.value);
    }
    const std::string text = object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    return text.substr(1, text.size() - 2);
}

std::uint64_t number(ConnectionId connection) { return static_cast<std::uint64_t>(connection); }
std::uint32_t number(RoomNumber room) { return static_cast<std::uint32_t>(room); }

}  // namespace

struct Log::State {
    State(LogOptions log_options, std::shared_ptr<spdlog::sinks::sink> sink)
        : options(log_options), logger("server", std::move(sink)) {
        logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
            options.format == LogFormat::Json ? json_pattern : text_pattern, spdlog::pattern_time_type::utc));
        logger.set_level(to_spdlog(options.level));
        logger.flush_on(spdlog::level::trace);
    }

    void write(LogLevel level, const char* event, std::span<const LogField> fields) {
        if (!logger.should_log(to_spdlog(level))) return;
        const std::string line = options.format == LogFormat::Json ? to_json(event, fields) : to_text(event, fields);
        // As an argument: braces in it are no places for others.
        logger.log(to_spdlog(level), "{}", line);
    }

    struct Flood {
        const char* event;
        std::uint64_t lines;
    };
    void write(const std::vector<Flood>& floods) {
        for (const Flood& flood : floods) {
            const LogField left_out("left_out", flood.lines);
            write(LogLevel::Warn, flood.event, {&left_out, 1});
        }
    }

    /// Everything of the limits that is over, `now`.
    std::vector<Flood> take_left_out(TimePoint now) {
        std::vector<Flood> floods;
        for (auto& [event, limit] : limits)
            if (const std::uint64_t lines = limit.second.take_left_out(now); lines > 0)
                floods.push_back({limit.first, lines});
        return floods;
    }

    LogOptions options;
    std::atomic<LogLevel> least = options.level;
    spdlog::logger logger;
    std::mutex mutex;                                                      // of the limits
    std::map<std::string_view, std::pair<const char*, LineLimit>> limits;  // by event
};

Log::Log(LogOptions options) : Log(options, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

Log::Log(LogOptions options, std::shared_ptr<spdlog::sinks::sink> sink)
    : state_(std::make_unique<State>(options, std::move(sink))) {}

Log::~Log() = default;

void Log::write(LogLevel level, const char* event, std::initializer_list<LogField> fields) {
    state_->write(level, event, {fields.begin(), fields.size()});
}

void Log::write_at_most(std::uint32_t lines_per_second, TimePoint now, LogLevel level, const char* event,
                        std::initializer_list<LogField> fields) {
    State& state = *state_;
    std::vector<State::Flood> floods;
    bool taken = false;
    {
        const std::lock_guard lock(state.mutex);
        floods = state.take_left_out(now);
        auto& limit =
            state.limits.try_emplace(std::string_view(event), event, LineLimit(lines_per_second)).first->second;
        taken = limit.second.take(now);
    }
    state.write(floods);
    if (taken) state.write(level, event, {fields.begin(), fields.size()});
}

void Log::write(const GateEvent& event, TimePoint now) {
    const LogOptions& options = state_->options;
    const std::uint64_t connection = number(event.connection);
    const std::uint32_t room = number(event.room);
    const LogField address("address", event.peer_address, LogField::Kind::Word);
    const LogField reason(event.by_client ? "said" : "reason", event.reason);
    switch (event.kind) {
        case GateEvent::Kind::Joined:
            if (event.spectates)
                write_at_most(options.player_lines_per_second, now, LogLevel::Info, "spectates",
                              {{"room", room},
                               {"name", event.player_name},
                               {"subject", event.subject},
                               {"connection", connection},
                               address});
            else if (event.subject.empty())
                write_at_most(options.player_lines_per_second, now, LogLevel::Info, "joined",
                              {{"room", room},
                               {"player", event.player},
                               {"name", event.player_name},
                               {"connection", connection},
                               address});
            else
                write_at_most(options.player_lines_per_second, now, LogLevel::Info, "joined",
                              {{"room", room},
                               {"player", event.player},
                               {"name", event.player_name},
                               {"subject", event.subject},
                               {"token", event.token_id},
                               {"connection", connection},
                               address});
            break;
        case GateEvent::Kind::Resumed:
            write_at_most(options.player_lines_per_second, now, LogLevel::Info, "resumed",
                          {{"room", room},
                           {"player", event.player},
                           {"name", event.player_name},
                           {"connection", connection},
                           address});
            break;
        case GateEvent::Kind::Lost:
        case GateEvent::Kind::Left:
            write_at_most(options.player_lines_per_second, now, LogLevel::Info,
                          event.kind == GateEvent::Kind::Lost ? "lost"
                          : event.spectates                   ? "spectates no more"
                                                              : "left",
                          {{"room", room},
                           {"player", event.player},
                           {"name", event.player_name},
                           {"connection", connection},
                           {"code", event.close_code},
                           reason});
            break;
        case GateEvent::Kind::Moderated:
            write_at_most(options.player_lines_per_second, now, LogLevel::Info, "moderated",
                          {{"room", room},
                           {"player", event.player},
                           {"name", event.player_name},
                           {"subject", event.subject},
                           {"done", event.reason}});
            break;
        case GateEvent::Kind::Desync:
            write_at_most(options.stranger_lines_per_second, now, LogLevel::Error, "desync",
                          {{"room", room},
                           {"player", event.player},
                           {"name", event.player_name},
                           {"connection", connection},
                           {"difference", event.reason}});
            break;
        case GateEvent::Kind::Refused: {
            // How far the connection came decides what is known of it.
            if (event.connection == ConnectionId{})
                write_at_most(options.stranger_lines_per_second, now, LogLevel::Warn, "refused", {address, reason});
            else if (event.http_status != 0)
                write_at_most(options.stranger_lines_per_second, now, LogLevel::Warn, "refused",
                              {{"connection", connection}, address, {"status", event.http_status}, reason});
            else if (event.close_code != 0)
                write_at_most(options.stranger_lines_per_second, now, LogLevel::Warn, "refused",
                              {{"connection", connection},
                               address,
                               {"name", event.player_name},
                               {"code", event.close_code},
                               reason});
            else
                write_at_most(options.stranger_lines_per_second, now, LogLevel::Warn, "refused",
                              {{"connection", connection}, address, reason});
            break;
        }
        case GateEvent::Kind::RoomOpened:
            write_at_most(options.stranger_lines_per_second, now, LogLevel::Info, "room opened",
                          {{"room", room}, {"name", event.room_name}});
            break;
        case GateEvent::Kind::RoomClosed:
            write_at_most(options.player_lines_per_second, now, LogLevel::Info, "room closed",
                          {{"room", room}, {"reason", event.reason}});
            break;
        case GateEvent::Kind::RoomSaved:
            write(LogLevel::Info, "room saved", {{"room", room}, {"reason", event.reason}});
            break;
        case GateEvent::Kind::RoomRestored:
            write(LogLevel::Info, "room restored", {{"room", room}, {"from", event.reason}});
            break;
        case GateEvent::Kind::SaveFailed:
            write(LogLevel::Error, "save failed", {{"room", room}, {"reason", event.reason}});
            break;
        case GateEvent::Kind::RoomFailed:
            write_at_most(options.player_lines_per_second, now, LogLevel::Error, "room failed",
                          {{"room", room}, {"reason", event.reason}});
            break;
        case GateEvent::Kind::Load:
            write_at_most(options.player_lines_per_second, now, LogLevel::Warn, "load",
                          {{"room", room}, {"level", event.reason, LogField::Kind::Word}});
            break;
    }
}

void Log::set_level(LogLevel level) {
    state_->least = level;
    state_->logger.set_level(to_spdlog(level));
}

LogLevel Log::level() const { return state_->least; }

void Log::write_left_out() {
    std::vector<State::Flood> floods;
    {
        const std::lock_guard lock(state_->mutex);
        floods = state_->take_left_out(TimePoint::max());
    }
    state_->write(floods);
}

}  // namespace tidewire::server
