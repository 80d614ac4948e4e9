// Both forms show the same; only JSON keeps what there is none of.
#include "tools/swarm/report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace tidewire::swarm {

namespace {

using Json = nlohmann::ordered_json;

/// To a thousandth: nothing here is measured more exactly.
double rounded(double value) { return std::round(value * 1000) / 1000; }

Json number(const std::optional<double>& value) {
    if (!value) return nullptr;
    const double shown = rounded(*value);
    constexpr double exact_max = 1e15;
    // Counts look like counts.
    if (shown == std::trunc(shown) && std::abs(shown) < exact_max) return static_cast<std::int64_t>(shown);
    return shown;
}

Json object(const Reasons& reasons) {
    Json all = Json::object();
    for (const auto& [reason, times] : reasons.by_text()) all[reason] = times;
    return all;
}

std::vector<std::string> notes(const Outcome& outcome) {
    std::vector<std::string> sentences;
    if (overloaded(outcome))
        sentences.push_back(
            "the swarm itself is overloaded (client_cpu above 0.9): its figures are bounds, the server may do better; "
            "give "
            "it more --threads and processors, fewer --clients, or --probes");
    if (late_itself(outcome) && !overloaded(outcome))
        sentences.push_back(
            "the swarm itself came late (lag_ms_p99 above 16): others had its processors, or many were due at once; "
            "what it "
            "measures is no better than that");
    if (outcome.tally.joins_succeeded > 0 && outcome.tally.settled.ticks == 0)
        sentences.push_back(
            "no client stayed for longer than --settle, so latencies, inputs and rates are not measured");
    return sentences;
}

std::string text_of(const std::optional<double>& value) {
    if (!value) return "-";
    char text[64];
    std::snprintf(text, sizeof text, "%.10g", rounded(*value));
    return text;
}

std::string line(const std::string& name, const std::string& value) {
    constexpr std::size_t width = 24;
    return name + std::string(name.size() < width ? width - name.size() : 1, ' ') + value + "\n";
}

}  // namespace

std::string json_report(const SwarmOptions& options, const Outcome& outcome, const std::vector<Verdict>& verdicts) {
    Json report;
    report["url"] = options.url;
    report["behaviour"] = name_of(options.behaviour);
    report["clients"] = options.clients;
    report["threads"] = options.threads;
    report["probes"] = std::min(options.probes.value_or(options.clients), options.clients);
    report["seed"] = options.seed;
    report["seconds"] = rounded(outcome.seconds);
    for (const Figure& figure : figures()) report[figure.name] = number(figure.value(outcome));
    report["join_failures"] = object(outcome.tally.join_failures);
    report["disconnect_reasons"] = object(outcome.tally.disconnects);
    report["overloaded"] = overloaded(outcome);
    report["notes"] = notes(outcome);
    report["objectives"] = Json::array();
    for (const Verdict& verdict : verdicts)
        report["objectives"].push_back({{"objective", verdict.objective.text},
                                        {"figure", verdict.objective.figure->name},
                                        {"value", number(verdict.value)},
                                        {"met", verdict.met}});
    report["met"] = all_met(verdicts);
    constexpr int indent = 2;
    return report.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_report(const SwarmOptions& options, const Outcome& outcome, const std::vector<Verdict>& verdicts) {
    std::string text = std::to_string(options.clients) + " clients, behaviour " +
                       std::string(name_of(options.behaviour)) + ", " + text_of(outcome.seconds) + " s, " +
                       options.url + "\n";
    for (const Figure& figure : figures())
        if (const auto value = figure.value(outcome)) text += line(figure.name, text_of(value));
    for (const auto& [reason, times] : outcome.tally.join_failures.by_text())
        text += line("join failed " + std::to_string(times) + "x", reason);
    for (const auto& [reason, times] : outcome.tally.disconnects.by_text())
        text += line("disconnected " + std::to_string(times) + "x", reason);
    for (const std::string& note : notes(outcome)) text += line("note", note);
    for (const Verdict& verdict : verdicts)
        text += line(verdict.met ? "met" : "MISSED", verdict.objective.text + " (is " + text_of(verdict.value) + ")");
    return text;
}

}  // namespace tidewire::swarm
