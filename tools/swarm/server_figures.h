// What happened in a server between two readings of its metrics.
#pragma once

#include <optional>

#include "tools/swarm/metrics_text.h"

namespace tidewire::swarm {

/// Of all its rooms together. Empty: the server does not tell, or nothing of it happened.
struct ServerFigures {
    std::optional<double> tick_ms_p99{};
    std::optional<double> send_ms_p50{};
    std::optional<double> turn_ms_p99{};
    std::optional<double> rss_mb{};  ///< At the second reading.
    std::optional<double> ticks_dropped{};
    std::optional<double> late_inputs{};
};

ServerFigures figures_between(const MetricsText& before, const MetricsText& after);

}  // namespace tidewire::swarm
