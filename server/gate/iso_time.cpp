// The calendar is the library's.
#include "server/gate/iso_time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>

namespace tidewire::server {

namespace {

constexpr std::string_view form = "0000-00-00T00:00:00Z";
constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

}  // namespace

std::string to_iso(SystemTime time) {
    const auto seconds = static_cast<std::time_t>(std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, last_second));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::string text(form.size() + 1, '\0');
    text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
    return text;
}

std::optional<SystemTime> parse_iso(std::string_view text) {
    if (text.size() != form.size()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = 0;
        for (const char c : text.substr(at, count)) value = value * 10 + (c - '0');
        return value;
    };
    std::tm parts{};
    parts.tm_year = number(0, 4) - 1900;
    parts.tm_mon = number(5, 2) - 1;
    parts.tm_mday = number(8, 2);
    parts.tm_hour = number(11, 2);
    parts.tm_min = number(14, 2);
    parts.tm_sec = number(17, 2);
    const SystemTime time{std::chrono::seconds(timegm(&parts))};
    // Days that the calendar does not have come out as others.
    if (to_iso(time) != text) return std::nullopt;
    return time;
}

}  // namespace tidewire::server
