// One client whose link carries less than the state takes, with ticks of one known size: how old its newest snapshot becomes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::bench {

struct ThinLinkOptions {
    std::size_t state_bytes = 600;  ///< Of each tick, beside its head.
    std::size_t bytes_per_second = 8 * 1024;
    Duration latency = std::chrono::milliseconds(20);  ///< Each way.
    Duration length = std::chrono::minutes(10);
    std::uint64_t seed = 1;
};

struct ThinLinkFigures {
    double age_ms_max = 0;  ///< From fifteen seconds on, when the server knows the link.
    /// Known before the run: promised_age_ms(), and a rung's second where the link is too thin for more.
    double age_ms_allowed = 0;
    double tick_bytes_max = 0;
    double ticks_per_second = 0;
    double link_percent = 0;  ///< Of what the link can carry, used.
    bool playing = false;     ///< At the end.
};

ThinLinkFigures run_thin_link(const ThinLinkOptions& options);

}  // namespace tidewire::bench
