// What the graphs draw.
#include "samples/arena/client/history.h"

#include <catch2/catch.hpp>

namespace arena {

namespace {

using namespace std::chrono_literals;

/// At 50 frames a second; 20 bytes a frame, and a round trip of 300 ms once in a second, otherwise 80.
History played_for(std::chrono::milliseconds duration) {
    History history;
    for (auto at = 0ms; at <= duration; at += 20ms) {
        Sample sample{};
        sample.now = std::chrono::steady_clock::time_point(5s + at);
        sample.latency.rtt_last = at % 1000ms == 540ms ? 300ms : 80ms;
        sample.figures.bytes_received = 700 + static_cast<std::uint64_t>(at / 20ms) * 20;
        sample.figures.corrections = static_cast<std::uint64_t>(at / 500ms);
        sample.figures.unacknowledged = 4;
        history.frame(sample);
    }
    return history;
}

}  // namespace

TEST_CASE("a graph has ten values a second, of the last seconds, and no peak is lost", "[arena][history]") {
    const History history = played_for(3s);
    const auto& rtt = history.trace(0).values;
    CHECK(rtt.size() == 30);
    CHECK(std::count(rtt.begin(), rtt.end(), 300) == 3);
    CHECK(std::count(rtt.begin(), rtt.end(), 80) == 27);
    CHECK(history.trace(4).values.back() == 4);
    CHECK(played_for(60s).trace(0).values.size() == History::length);
}

TEST_CASE("a graph of a rate shows that of the last second", "[arena][history]") {
    const History history = played_for(5s);
    CHECK(history.trace(5).values.back() == Approx(2));
    CHECK(history.trace(6).values.back() == Approx(1));  // kB/s
}

TEST_CASE("a graph is as high as its largest value asks, in round steps", "[arena][history]") {
    History::Trace trace{.number = 0, .name = "RTT", .format = "%.0f ms", .top_min = 10, .values = {}};
    CHECK(trace.top() == 10);
    CHECK(trace.text(trace.top()) == "10 ms");
    for (const auto& [value, top] : {std::pair(9.0, 10.0), {11.0, 20.0}, {21.0, 50.0}, {51.0, 100.0}, {300.0, 500.0}}) {
        trace.values.push_back(value);
        CHECK(trace.top() == top);
    }
}

}  // namespace arena
