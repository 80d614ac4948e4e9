// A comma list, and a comparison.
#include "tools/swarm/objective.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sdk/core/base/printable.h"

namespace tidewire::swarm {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

Unexpected wrong(std::string_view text, const std::string& what) {
    return unexpected(Blame::Caller, "the objective \"" + printable(text) + "\" " + what);
}

Result<Objective> parse_objective(std::string_view text, bool with_metrics) {
    const std::size_t relation = text.find_first_of("<>");
    if (relation == std::string_view::npos)
        return wrong(text, "compares nothing; write NAME<NUMBER or NAME>NUMBER, as late_input_pct<0.1");
    const std::string_view name = trimmed(text.substr(0, relation));
    const std::string number(trimmed(text.substr(relation + 1)));
    const Figure* const figure = find_figure(name);
    if (figure == nullptr)
        return wrong(text, "is about \"" + printable(name) + "\", which is no figure; known are " + figure_names());
    if (figure->of_server && !with_metrics)
        return wrong(text, "is about a figure of the server's, which only --metrics asks it for");
    char* end = nullptr;
    const double limit = std::strtod(number.c_str(), &end);
    if (number.empty() || end != number.c_str() + number.size() || !std::isfinite(limit))
        return wrong(text, "compares with \"" + printable(number) + "\", which is no number");
    return Objective{.text = std::string(text), .figure = figure, .below = text[relation] == '<', .limit = limit};
}

}  // namespace

Result<std::vector<Objective>> parse_objectives(std::string_view text, bool with_metrics) {
    std::vector<Objective> objectives;
    if (trimmed(text).empty()) return objectives;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        auto objective = parse_objective(trimmed(text.substr(begin, end - begin)), with_metrics);
        if (!objective) return Unexpected{objective.error()};
        objectives.push_back(std::move(*objective));
        begin = end + 1;
    }
    return objectives;
}

std::vector<Verdict> judge(const std::vector<Objective>& objectives, const Outcome& outcome) {
    std::vector<Verdict> verdicts;
    for (const Objective& objective : objectives) {
        const std::optional<double> value = objective.figure->value(outcome);
        const bool met = value && (objective.below ? *value < objective.limit : *value > objective.limit);
        verdicts.push_back({.objective = objective, .value = value, .met = met});
    }
    return verdicts;
}

bool all_met(const std::vector<Verdict>& verdicts) {
    return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.met; });
}

}  // namespace tidewire::swarm
