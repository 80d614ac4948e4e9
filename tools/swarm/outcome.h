// All that a run has measured.
#pragma once

#include <cstddef>
#include <optional>

#include "tools/swarm/server_figures.h"
#include "tools/swarm/tally.h"

namespace tidewire::swarm {

struct Outcome {
    Tally tally{};
    std::size_t clients = 0;
    double seconds = 0;        ///< From the first join on, as it was.
    double rss_mb = 0;         ///< At the end, of this process.
    double rss_before_mb = 0;  ///< When there was no client yet.
    std::optional<ServerFigures> server{};
};

}  // namespace tidewire::swarm
