// Measures what the overlay and the summary show.
#include "samples/arena/client/meter.h"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace arena {

namespace {

double seconds_between(const Sample& from, const Sample& to) {
    return std::chrono::duration<double>(to.now - from.now).count();
}

double milliseconds(std::chrono::microseconds duration) { return static_cast<double>(duration.count()) / 1000; }

double per_second(std::uint64_t from, std::uint64_t to, double seconds) {
    return seconds > 0 ? static_cast<double>(to - from) / seconds : 0;
}

}  // namespace

void Meter::frame(const Sample& sample) {
    if (!first_) first_ = sample;
    last_ = sample;
    ++frames_;
    snapshot_age_sum_ms_ += milliseconds(sample.figures.snapshot_age);
    second_.push_back(sample);
    while (seconds_between(second_.front(), sample) > 1) second_.pop_front();
}

Rates Meter::rates() const {
    if (second_.size() < 2) return {};
    const Sample& from = second_.front();
    const double seconds = seconds_between(from, last_);
    return {
        .bytes_in = per_second(from.figures.bytes_received, last_.figures.bytes_received, seconds),
        .bytes_out = per_second(from.figures.bytes_sent, last_.figures.bytes_sent, seconds),
        .snapshots = per_second(from.figures.snapshots, last_.figures.snapshots, seconds),
        .frames = per_second(0, second_.size() - 1, seconds),
    };
}

double Meter::played() const { return first_ ? seconds_between(*first_, last_) : 0; }

std::string Meter::summary(const Counts& seen) const {
    const double seconds = played();
    const Sample first = first_.value_or(Sample{});
    const auto& figures = last_.figures;
    std::array<char, 1024> line{};
    std::snprintf(
        line.data(), line.size(),
        "{\"seconds\": %.2f, \"rtt_ms\": %.3f, \"rtt_min_ms\": %.3f, \"jitter_ms\": %.3f, \"tick\": %" PRIu32
        ", \"ticks\": %" PRIu32 ", \"snapshots\": %" PRIu64 ", \"keyframes\": %" PRIu64
        ", \"bytes_per_second\": %.0f, \"bytes_per_second_out\": %.0f, \"entities\": %" PRIu32
        ", \"fighters\": %zu, \"shots\": %zu, \"snapshot_age_ms\": %.2f, \"interpolation_delay_ms\": %.2f, "
        "\"input_lead_ticks\": %.2f, \"corrections\": %" PRIu64 ", \"ticks_replayed\": %" PRIu64 ", \"fps\": %.1f}",
        seconds, milliseconds(last_.latency.rtt_smoothed), milliseconds(last_.latency.rtt_min),
        milliseconds(last_.latency.jitter), figures.tick, figures.tick - first.figures.tick, figures.snapshots,
        figures.keyframes, per_second(first.figures.bytes_received, figures.bytes_received, seconds),
        per_second(first.figures.bytes_sent, figures.bytes_sent, seconds), figures.entities, seen.fighters, seen.shots,
        frames_ > 0 ? snapshot_age_sum_ms_ / static_cast<double>(frames_) : 0,
        milliseconds(figures.interpolation_delay), figures.input_lead, figures.corrections, figures.ticks_replayed,
        per_second(1, frames_, seconds));
    return line.data();
}

}  // namespace arena
