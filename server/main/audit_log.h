// The audit log: who came, left, was refused or sent away, and what the operator did, for those who look into it later. One JSON object a
// line in a file of its own. It knows no secrets; what strangers say is escaped and cut; a flood of one sort is counted instead.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "sdk/core/base/time.h"
#include "sdk/core/ws/token_bucket.h"
#include "server/gate/gate_event.h"
#include "server/main/append_file.h"
#include "server/main/log.h"
#include "tidewire/identity.h"

namespace tidewire::server {

struct AuditOptions {
    std::string file{};  ///< Empty: none.
    /// Lines of one sort that strangers cause, of which there are three. At 300 bytes a line, as most have, 26 MB a day of each sort, however
    /// many come; names and reasons that are all escapes make a line ten times as long.
    double stranger_lines_per_second = 1;
    double stranger_lines_burst = 100;
    /// Lines of one sort of players who were let in and of rooms that they open, of which there are ten: all of a crowd that comes at once, and
    /// 260 MB a day of each sort of one that comes and goes.
    double player_lines_per_second = 10;
    double player_lines_burst = 5000;
    Duration left_out_told_every = std::chrono::seconds(60);  ///< How many lines of each sort were left out.
};

/// Every call is safe from any thread.
class AuditLog {
public:
    using Failed = std::function<void(const Error&)>;

    /// `clock` is the world's. `failed` is told once of a file that cannot be written, until it can. Errors name the file.
    static Result<std::unique_ptr<AuditLog>> open(AuditOptions options, std::function<SystemTime()> clock, Failed failed);
    AuditLog(const AuditLog&) = delete;
    AuditLog& operator=(const AuditLog&) = delete;
    /// Tells of what was left out.
    ~AuditLog();

    void write(const GateEvent& event, TimePoint now);
    /// What the operator did. All of it.
    void write_action(std::initializer_list<LogField> fields);
    /// Somebody at the operator's port who was sent away.
    void write_stranger(const char* event, std::initializer_list<LogField> fields, TimePoint now);
    /// The file may have been moved away: from now on it is the one of that name.
    void reopen();

private:
    /// Of one sort.
    struct Sort {
        ws::TokenBucket lines;
        std::uint64_t left_out = 0;
        TimePoint told_at;
    };
    /// Server: what happens as often as there are rooms, when it stops and starts.
    enum class Cause : std::uint8_t { Stranger, Player, Server };

    AuditLog(AuditOptions options, std::function<SystemTime()> clock, Failed failed, AppendFile file);

    /// All of these with the lock.
    void write(const char* event, std::initializer_list<LogField> fields, Cause cause, TimePoint now);
    void tell_left_out(TimePoint now);
    void put(const char* event, std::initializer_list<LogField> fields);

    const AuditOptions options_;
    const std::function<SystemTime()> clock_;
    const Failed failed_;
    std::mutex mutex_;
    AppendFile file_;
    bool failing_ = false;
    std::uint64_t lost_ = 0;  // lines that could not be written
    std::map<std::string_view, Sort> sorts_;  // by event, of which there are a dozen
};

}  // namespace tidewire::server
