// The course of the link's figures over the last seconds: what the graphs draw.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "samples/arena/client/meter.h"

namespace arena {

class History {
public:
    /// Ten values a second, of the last eleven seconds: what a graph shows in two pixels each.
    static constexpr std::size_t length = 112;
    static constexpr std::chrono::milliseconds step{100};
    static constexpr std::size_t trace_count = 7;

    struct Trace {
        std::size_t number = 0;
        std::string_view name;
        const char* format = "";  ///< Of printf, for one double.
        double top_min = 1;       ///< The graph's height is at least this.
        std::deque<double> values;

        /// The least of 1, 2, 5, 10, 20, … times top_min that holds all values.
        double top() const;
        std::string text(double value) const;
    };

    History();

    /// Once a frame while playing. A value is the largest of the frames of its step; a rate is that of the last second.
    void frame(const Sample& sample);
    /// Round trip, lateness, interpolation delay, input lead, window, corrections, bytes.
    const Trace& trace(std::size_t number) const { return traces_[number]; }

private:
    std::array<Trace, trace_count> traces_;
    std::array<double, trace_count> largest_{};  // of the step that runs
    std::deque<Sample> second_;                  // where the steps of the last second began
};

}  // namespace arena
