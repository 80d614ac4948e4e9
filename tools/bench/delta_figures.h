// A replay's figures under the names that all delta benches print.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tools/bench/delta_replay.h"

namespace tidewire::bench {

/// a / b; 0 when there is nothing to divide by.
inline double ratio(double a, double b) { return b == 0 ? 0 : a / b; }

/// What bodies were coded with.
inline std::string tables_name(std::uint64_t train_seed) {
    return train_seed == 0 ? "built in" : "trained on seed " + std::to_string(train_seed);
}

/// Body, bound and prefix code.
void append_delta(nlohmann::ordered_json& figures, const ReplayFigures& replayed);
/// Keyframes beside bit packing, catch-ups beside fresh deltas.
void append_late(nlohmann::ordered_json& figures, const ReplayFigures& replayed, std::size_t bitpack_full_bytes);
/// Processor time, what the server keeps for each client and group, and a hash of all bodies: the same on every machine.
void append_costs(nlohmann::ordered_json& figures, const ReplayFigures& replayed, const ReplayTimes& times);

}  // namespace tidewire::bench
