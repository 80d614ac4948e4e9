// What happened in a storm, as far as somebody who looks for the cause of a fault wants to know, and the first promise that was broken.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "sdk/core/base/time.h"

namespace tidewire::sim {

class Journal {
public:
    /// Lines that are kept: a minute or so.
    static constexpr std::size_t lines_max = 600;

    void set_time(TimePoint now) { now_ = now; }
    void note(const std::string& text);
    /// A promise is broken: the first one counts, and the storm ends.
    void fail(const std::string& what);
    const std::optional<std::string>& broken() const { return broken_; }

    const std::deque<std::string>& lines() const { return lines_; }
    /// Of all lines ever: the same for the same storm.
    std::uint64_t digest() const { return digest_; }
    std::function<void(const std::string& line)> on_line;

private:
    TimePoint now_{};
    std::deque<std::string> lines_;
    std::uint64_t digest_ = 0;
    std::optional<std::string> broken_;
};

}  // namespace tidewire::sim
