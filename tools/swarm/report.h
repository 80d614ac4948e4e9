// What a run tells its operator, or the operator's scripts.
#pragma once

#include <string>
#include <vector>

#include "tools/swarm/objective.h"
#include "tools/swarm/options.h"

namespace tidewire::swarm {

/// One JSON object: what was asked for, every figure by its name (null where there was nothing to measure), reasons with their counts,
/// objectives with their values, and "notes", sentences on what to think of the figures.
std::string json_report(const SwarmOptions& options, const Outcome& outcome, const std::vector<Verdict>& verdicts);
/// The same for people: a line for each.
std::string text_report(const SwarmOptions& options, const Outcome& outcome, const std::vector<Verdict>& verdicts);

}  // namespace tidewire::swarm
