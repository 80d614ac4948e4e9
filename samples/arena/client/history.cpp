// The course of the link's figures over the last seconds.
#include "samples/arena/client/history.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace arena {

namespace {

double milliseconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1000; }

}  // namespace

double History::Trace::top() const {
    double largest = 0;
    for (const double value : values) largest = std::max(largest, value);
    double top = top_min;
    for (int i = 0; top < largest; ++i) top *= i % 3 == 1 ? 2.5 : 2;
    return top;
}

std::string History::Trace::text(double value) const {
    std::array<char, 64> written{};
    std::snprintf(written.data(), written.size(), format, value);
    return written.data();
}

History::History()
    : traces_{{
          {.number = 0, .name = "RTT", .format = "%.0f ms", .top_min = 10, .values = {}},
          {.number = 1, .name = "lateness", .format = "%.0f ms", .top_min = 10, .values = {}},
          {.number = 2, .name = "delay", .format = "%.0f ms", .top_min = 50, .values = {}},
          {.number = 3, .name = "lead", .format = "%.1f ticks", .top_min = 2, .values = {}},
          {.number = 4, .name = "window", .format = "%.0f", .top_min = 5, .values = {}},
          {.number = 5, .name = "corrections", .format = "%.1f /s", .top_min = 5, .values = {}},
          {.number = 6, .name = "bytes in", .format = "%.1f kB/s", .top_min = 5, .values = {}},
      }} {}

void History::frame(const Sample& sample) {
    if (second_.empty()) second_.push_back(sample);
    const auto& now = sample.figures;
    const std::array<double, trace_count> values{milliseconds(sample.latency.rtt_last),
                                                 milliseconds(now.lateness),
                                                 milliseconds(now.interpolation_delay),
                                                 now.input_lead,
                                                 static_cast<double>(now.unacknowledged),
                                                 0,
                                                 0};
    for (std::size_t i = 0; i < trace_count; ++i) largest_[i] = std::max(largest_[i], values[i]);
    if (sample.now - second_.back().now < step) return;

    while (second_.size() > 1 && sample.now - second_.front().now > std::chrono::seconds(1)) second_.pop_front();
    const auto& then = second_.front().figures;
    const double seconds = std::chrono::duration<double>(sample.now - second_.front().now).count();
    largest_[5] = static_cast<double>(now.corrections - then.corrections) / seconds;
    largest_[6] = static_cast<double>(now.bytes_received - then.bytes_received) / seconds / 1000;
    for (std::size_t i = 0; i < trace_count; ++i) {
        traces_[i].values.push_back(largest_[i]);
        if (traces_[i].values.size() > length) traces_[i].values.pop_front();
    }
    largest_.fill(0);
    second_.push_back(sample);
}

}  // namespace arena
