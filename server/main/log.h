// The log of a dedicated server: lines of named values on standard error, as text or as JSON. A flood of lines of one kind is cut short
// and counted; what strangers say is escaped, so that no name can forge a line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "sdk/core/base/time.h"
#include "server/gate/gate_event.h"

namespace spdlog::sinks {
class sink;
}

namespace tidewire::server {

enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warn, Error };

/// "trace", "debug", "info", "warn", "error", in their order.
inline constexpr const char* log_level_names[] = {"trace", "debug", "info", "warn", "error"};

enum class LogFormat : std::uint8_t {
    Text,  ///< 2026-11-29T18:00:00.000Z info joined player=1 name="Ada"
    Json,  ///< {"time":"2026-11-29T18:00:00.000Z","level":"info","event":"joined","player":1,"name":"Ada"}
};

struct LogOptions {
    LogLevel level = LogLevel::Info;  ///< And what is graver.
    LogFormat format = LogFormat::Text;
    /// Of each kind that strangers cause: everyone can have himself refused, as often as he likes.
    std::uint32_t stranger_lines_per_second = 10;
    /// Of those who join and who leave each: a whole crowd is told of, one that comes and goes all day long is not.
    std::uint32_t player_lines_per_second = 200;
};

/// A named value in a line.
struct LogField {
    enum class Kind : std::uint8_t {
        Text,  ///< Anybody's: quoted, escaped and cut.
        Word,  ///< Our own, without spaces: an address, a level.
    };

    LogField(const char* field, std::string_view text, Kind is = Kind::Text)
        : name(field), value(std::string(text)), kind(is) {}
    LogField(const char* field, const char* text, Kind is = Kind::Text) : LogField(field, std::string_view(text), is) {}
    template <class Integer>
    requires std::is_integral_v<Integer> LogField(const char* field, Integer number)
        : name(field), value(to_number(number)) {}

    const char* name;
    std::variant<std::string, std::uint64_t, std::int64_t, bool> value;
    Kind kind = Kind::Word;

private:
    template <class Integer>
    static std::variant<std::string, std::uint64_t, std::int64_t, bool> to_number(Integer number) {
        if constexpr (std::is_same_v<Integer, bool>)
            return number;
        else if constexpr (std::is_signed_v<Integer>)
            return std::int64_t{number};
        else
            return std::uint64_t{number};
    }
};

/// Every call is safe from any thread.
class Log {
public:
    /// To standard error.
    explicit Log(LogOptions options);
    /// To `sink`, which must be safe from any thread.
    Log(LogOptions options, std::shared_ptr<spdlog::sinks::sink> sink);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// `event` says what has happened, in a word or a few; both ends of a line's life are our own words.
    void write(LogLevel level, const char* event, std::initializer_list<LogField> fields);
    /// The same of what may come in floods: at most so many lines of this `event` in a second.
    void write_at_most(std::uint32_t lines_per_second, TimePoint now, LogLevel level, const char* event,
                       std::initializer_list<LogField> fields);
    /// What the gate tells.
    void write(const GateEvent& event, TimePoint now);
    /// From now on, for all threads.
    void set_level(LogLevel level);
    LogLevel level() const;
    /// Counts of lines that were left out and not told of yet. Also told by the first line that comes after their second.
    void write_left_out();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::server
