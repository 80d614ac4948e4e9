// Counters only rise, so what happened is their difference.
#include "tools/swarm/server_figures.h"

namespace tidewire::swarm {

namespace {

std::optional<double> rise(const MetricsText& before, const MetricsText& after, std::string_view name) {
    const std::optional<double> now = after.sum(name);
    if (!now) return std::nullopt;
    return *now - before.sum(name).value_or(0);
}

std::optional<double> quantile_ms(const MetricsText& before, const MetricsText& after, std::string_view histogram,
                                  double q) {
    const std::optional<double> seconds = quantile_between(before.buckets(histogram), after.buckets(histogram), q);
    if (!seconds) return std::nullopt;
    return *seconds * 1000;
}

}  // namespace

ServerFigures figures_between(const MetricsText& before, const MetricsText& after) {
    ServerFigures figures{.tick_ms_p99 = quantile_ms(before, after, "tidewire_tick_seconds", 0.99),
                          .send_ms_p50 = quantile_ms(before, after, "tidewire_send_seconds", 0.5),
                          .turn_ms_p99 = quantile_ms(before, after, "tidewire_turn_seconds", 0.99),
                          .rss_mb = after.sum("process_resident_memory_bytes"),
                          .ticks_dropped = rise(before, after, "tidewire_ticks_dropped_total"),
                          .late_inputs = rise(before, after, "tidewire_inputs_late_total")};
    if (figures.rss_mb) *figures.rss_mb /= 1e6;
    return figures;
}

}  // namespace tidewire::swarm
