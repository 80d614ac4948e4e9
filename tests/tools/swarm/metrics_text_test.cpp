// What a server says of itself, in Prometheus' text format.
#include "tools/swarm/metrics_text.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tools/swarm/server_figures.h"

using namespace tidewire;
using namespace tidewire::swarm;

namespace {

MetricsText parsed(std::string_view text) {
    auto metrics = MetricsText::parse(text);
    INFO((metrics ? "" : metrics.error().message));
    REQUIRE(metrics);
    return *metrics;
}

}  // namespace

TEST_CASE("comments and empty lines are no samples; labels and times may stand beside a number", "[swarm][metrics]") {
    const MetricsText metrics = parsed(
        "# HELP up Whether it is.\n"
        "# TYPE up gauge\n"
        "\n"
        "up 1\r\n"
        "players{room=\"1\",name=\"a \\\"b\\\" \\\\ c\\nd\"} 12 1700000000000\n"
        "players{ room = \"2\", } 3.5e1\n"
        "empty{} +Inf\n"
        "nothing NaN");
    REQUIRE(metrics.samples().size() == 5);
    CHECK(metrics.samples()[1].labels.at("name") == "a \"b\" \\ c\nd");
    CHECK(metrics.sum("up") == 1.0);
    CHECK(metrics.sum("players") == 47.0);
    CHECK(std::isinf(*metrics.sum("empty")));
    CHECK(std::isnan(*metrics.sum("nothing")));
    CHECK_FALSE(metrics.sum("absent"));
}

TEST_CASE("a line that is no sample is named", "[swarm][metrics]") {
    for (const char* line : {"<html>", "up", "up one", "up{room=1} 2", "up{room=\"1} 2", "up{room=\"1\" 2", "{} 3"}) {
        INFO(line);
        const auto metrics = MetricsText::parse("fine 1\n" + std::string(line) + "\n");
        REQUIRE_FALSE(metrics);
        CHECK(metrics.error().blame == Blame::Peer);
        CHECK(metrics.error().message.find(line) != std::string::npos);
    }
    CHECK(MetricsText::parse("")->samples().empty());
}

TEST_CASE("quantiles between two readings are straight within a bucket", "[swarm][metrics]") {
    const double rest = std::numeric_limits<double>::infinity();
    const std::map<double, double> before{{0.01, 100}, {0.02, 100}, {rest, 100}};
    const std::map<double, double> after{{0.01, 150}, {0.02, 198}, {rest, 200}};
    CHECK(*quantile_between(before, after, 0.25) == Approx(0.005));
    CHECK(*quantile_between(before, after, 0.5) == Approx(0.01));
    CHECK(*quantile_between(before, after, 0.74) == Approx(0.015));
    // All that is known of the highest bucket is where it begins.
    CHECK(*quantile_between(before, after, 0.99) == Approx(0.02));
    CHECK_FALSE(quantile_between(after, after, 0.5));
    CHECK_FALSE(quantile_between({}, {}, 0.5));
}

TEST_CASE("a server's figures are what happened between two readings, in all its rooms", "[swarm][metrics]") {
    const MetricsText before = parsed(
        "tidewire_tick_seconds_bucket{room=\"1\",le=\"0.01\"} 10\n"
        "tidewire_tick_seconds_bucket{room=\"1\",le=\"0.1\"} 10\n"
        "tidewire_tick_seconds_bucket{room=\"1\",le=\"+Inf\"} 10\n"
        "tidewire_inputs_late_total{room=\"1\"} 5\n"
        "tidewire_ticks_dropped_total{room=\"1\"} 2\n"
        "process_resident_memory_bytes 10000000\n");
    const MetricsText after = parsed(
        "tidewire_tick_seconds_bucket{room=\"1\",le=\"0.01\"} 60\n"
        "tidewire_tick_seconds_bucket{room=\"1\",le=\"0.1\"} 60\n"
        "tidewire_tick_seconds_bucket{room=\"1\",le=\"+Inf\"} 60\n"
        "tidewire_tick_seconds_bucket{room=\"2\",le=\"0.01\"} 0\n"
        "tidewire_tick_seconds_bucket{room=\"2\",le=\"0.1\"} 50\n"
        "tidewire_tick_seconds_bucket{room=\"2\",le=\"+Inf\"} 50\n"
        "tidewire_send_seconds_bucket{room=\"1\",le=\"0.002\"} 4\n"
        "tidewire_send_seconds_bucket{room=\"1\",le=\"+Inf\"} 4\n"
        "tidewire_turn_seconds_bucket{room=\"1\",le=\"0.03\"} 0\n"
        "tidewire_turn_seconds_bucket{room=\"1\",le=\"0.05\"} 50\n"
        "tidewire_turn_seconds_bucket{room=\"1\",le=\"+Inf\"} 50\n"
        "tidewire_inputs_late_total{room=\"1\"} 8\n"
        "tidewire_inputs_late_total{room=\"2\"} 1\n"
        "process_resident_memory_bytes 12000000\n");
    const ServerFigures figures = figures_between(before, after);
    CHECK(*figures.tick_ms_p99 == Approx(10 + 90 * 0.98));
    CHECK(*figures.send_ms_p50 == Approx(1));
    CHECK(*figures.turn_ms_p99 == Approx(30 + 20 * 0.99));
    CHECK(*figures.late_inputs == 4);
    CHECK(*figures.rss_mb == 12);
    // What is not told is not known.
    CHECK_FALSE(figures.ticks_dropped);
}
