// What a run is to achieve: a figure, below or above a number.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidewire/result.h"
#include "tools/swarm/figures.h"

namespace tidewire::swarm {

struct Objective {
    std::string text;  ///< As it was given: "late_input_pct<0.1".
    const Figure* figure;
    bool below;  ///< Otherwise above.
    double limit;
};

/// "NAME<NUMBER,NAME>NUMBER". Errors say what is wrong with which, and what is known. `with_metrics`: the server's figures are, too.
Result<std::vector<Objective>> parse_objectives(std::string_view text, bool with_metrics);

struct Verdict {
    Objective objective;
    std::optional<double> value;
    bool met;  ///< What was not measured is not met.
};

std::vector<Verdict> judge(const std::vector<Objective>& objectives, const Outcome& outcome);
bool all_met(const std::vector<Verdict>& verdicts);

}  // namespace tidewire::swarm
