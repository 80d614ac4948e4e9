// What the client measures of its own play.
#include "samples/arena/client/meter.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace arena {

namespace {

using namespace std::chrono_literals;

/// Plays at 50 frames and 25 snapshots a second; each snapshot is 100 bytes, each input 20.
Meter played_for(std::chrono::milliseconds duration) {
    Meter meter;
    for (auto at = 0ms; at <= duration; at += 20ms) {
        const auto snapshots = static_cast<std::uint64_t>(at / 40ms);
        Sample sample{};
        sample.now = std::chrono::steady_clock::time_point(5s + at);
        sample.figures.tick = 1000 + static_cast<tidewire::Tick>(snapshots);
        sample.figures.snapshots = snapshots;
        sample.figures.keyframes = 1;
        sample.figures.bytes_received = 7000 + snapshots * 100;
        sample.figures.bytes_sent = 300 + snapshots * 20;
        sample.figures.entities = 41;
        sample.figures.snapshot_age = 3ms;
        sample.figures.interpolation_delay = 50ms;
        sample.figures.input_lead = 1.5;
        sample.figures.corrections = 4;
        sample.figures.ticks_replayed = 12;
        sample.latency.rtt_smoothed = 1500us;
        sample.latency.jitter = 250us;
        meter.frame(sample);
    }
    return meter;
}

}  // namespace

TEST_CASE("rates are those of the last second", "[arena][client]") {
    const Rates rates = played_for(4000ms).rates();
    CHECK(rates.bytes_in == Approx(2500));
    CHECK(rates.bytes_out == Approx(500));
    CHECK(rates.snapshots == Approx(25));
    CHECK(rates.frames == Approx(50));
}

TEST_CASE("before the second frame there are no rates, and the summary is whole", "[arena][client]") {
    const Meter none;
    CHECK(none.played() == 0);
    CHECK(none.rates().frames == 0);
    CHECK(nlohmann::json::parse(none.summary({})).at("fps") == 0);
    CHECK(played_for(0ms).rates().bytes_in == 0);
}

TEST_CASE("the summary is one line of JSON about the whole run", "[arena][client]") {
    const std::string line = played_for(4000ms).summary({.fighters = 21, .shots = 20});
    CHECK(line.find('\n') == std::string::npos);
    const auto json = nlohmann::json::parse(line);
    CHECK(json.at("seconds") == Approx(4));
    CHECK(json.at("rtt_ms") == Approx(1.5));
    CHECK(json.at("jitter_ms") == Approx(0.25));
    CHECK(json.at("tick") == 1100);
    CHECK(json.at("ticks") == 100);
    CHECK(json.at("snapshots") == 100);
    CHECK(json.at("keyframes") == 1);
    CHECK(json.at("bytes_per_second") == Approx(2500));
    CHECK(json.at("bytes_per_second_out") == Approx(500));
    CHECK(json.at("entities") == 41);
    CHECK(json.at("fighters") == 21);
    CHECK(json.at("shots") == 20);
    CHECK(json.at("snapshot_age_ms") == Approx(3));
    CHECK(json.at("interpolation_delay_ms") == Approx(50));
    CHECK(json.at("input_lead_ticks") == Approx(1.5));
    CHECK(json.at("corrections") == 4);
    CHECK(json.at("ticks_replayed") == 12);
    CHECK(json.at("fps") == Approx(50));
}

}  // namespace arena
