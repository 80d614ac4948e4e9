// What a run comes to, as numbers with names: the report shows them, objectives are about them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tools/swarm/outcome.h"

namespace tidewire::swarm {

struct Figure {
    const char* name;
    const char* meaning;
    bool of_server;  ///< By its metrics.
    /// Empty where there was nothing to measure.
    std::optional<double> (*value)(const Outcome& outcome);
};

/// In the order of the report.
std::span<const Figure> figures();
/// By its name, where "rtt_p99_ms" counts as "rtt_ms_p99"; null when there is none.
const Figure* find_figure(std::string_view name);
/// "joins, joins_succeeded, …", for sentences.
std::string figure_names();

/// Above this share of a processor its busiest thread is the swarm's own limit, and what it measures is at best a bound.
inline constexpr double busy_share_max = 0.9;
inline bool overloaded(const Outcome& outcome) { return outcome.tally.busiest_share > busy_share_max; }
/// Beyond this much at the 99th percentile the swarm's own lateness shows in its latencies: half a tick at 30 Hz.
inline constexpr double lag_ms_max = 16;
inline bool late_itself(const Outcome& outcome) { return outcome.tally.lag.quantile_ms(0.99).value_or(0) > lag_ms_max; }

}  // namespace tidewire::swarm
