// One table: name, meaning, and how it is computed.
#include "tools/swarm/figures.h"

#include <array>

namespace tidewire::swarm {

namespace {

using Value = std::optional<double>;

double number(std::uint64_t count) { return static_cast<double>(count); }

/// Per client and second of those that have settled.
Value rate(const Outcome& outcome, std::uint64_t count) {
    if (!(outcome.tally.client_seconds > 0)) return std::nullopt;
    return number(count) / outcome.tally.client_seconds;
}

Value late_pct(const Outcome& outcome) {
    const session::ClientCounters& settled = outcome.tally.settled;
    if (settled.inputs == 0) return std::nullopt;
    return 100 * number(settled.inputs_late) / number(settled.inputs);
}

Value of_server(const Outcome& outcome, Value ServerFigures::*figure) {
    return outcome.server ? (*outcome.server).*figure : std::nullopt;
}

constexpr std::array table{
    Figure{"joins", "Joins that were tried", false, [](const Outcome& o) -> Value { return number(o.tally.joins); }},
    Figure{"joins_succeeded", "Joins that got as far as the first state", false,
           [](const Outcome& o) -> Value { return number(o.tally.joins_succeeded); }},
    Figure{"joins_failed", "Joins that did not; the report counts them by reason", false,
           [](const Outcome& o) -> Value { return number(o.tally.join_failures.total()); }},
    Figure{"join_ms_p50", "From the first packet of a connection to the first state", false,
           [](const Outcome& o) { return o.tally.join.quantile_ms(0.5); }},
    Figure{"join_ms_p99", "The same, of the slowest in a hundred", false,
           [](const Outcome& o) { return o.tally.join.quantile_ms(0.99); }},
    Figure{"join_ms_max", "The same, of the slowest", false, [](const Outcome& o) { return o.tally.join.max_ms(); }},
    Figure{"disconnects", "Clients that were in the game and lost it; the report counts them by reason", false,
           [](const Outcome& o) -> Value { return number(o.tally.disconnects.total()); }},
    Figure{"leaves", "Clients that left by their own will before the end (churn)", false,
           [](const Outcome& o) -> Value { return number(o.tally.leaves); }},
    Figure{"inputs", "Inputs sent", false, [](const Outcome& o) -> Value { return number(o.tally.settled.inputs); }},
    Figure{"late_inputs", "Inputs that the server says came when their tick had run", false,
           [](const Outcome& o) -> Value { return number(o.tally.settled.inputs_late); }},
    Figure{"late_input_pct", "The same, in per cent of the inputs sent", false, late_pct},
    Figure{"state_age_ms_p50", "How old the newest state was when something arrived, by the estimated server clock",
           false, [](const Outcome& o) { return o.tally.state_age.quantile_ms(0.5); }},
    Figure{"state_age_ms_p99", "The same, of the oldest in a hundred", false,
           [](const Outcome& o) { return o.tally.state_age.quantile_ms(0.99); }},
    Figure{"rtt_ms_p50", "Round trips, without the time that the server held them", false,
           [](const Outcome& o) { return o.tally.rtt.quantile_ms(0.5); }},
    Figure{"rtt_ms_p99", "The same, of the slowest in a hundred", false,
           [](const Outcome& o) { return o.tally.rtt.quantile_ms(0.99); }},
    Figure{"ticks_per_second", "Ticks that a client received in a second", false,
           [](const Outcome& o) { return rate(o, o.tally.settled.ticks); }},
    Figure{"bytes_in_per_second", "Bytes of messages that a client received in a second", false,
           [](const Outcome& o) { return rate(o, o.tally.settled.bytes_received); }},
    Figure{"bytes_out_per_second", "Bytes of messages that a client sent in a second", false,
           [](const Outcome& o) { return rate(o, o.tally.settled.bytes_sent); }},
    Figure{"keyframes", "Keyframes of groups that all clients received", false,
           [](const Outcome& o) -> Value { return number(o.tally.keyframes); }},
    Figure{"desyncs", "Times that a client's state was not what the server's hash says", false,
           [](const Outcome& o) -> Value { return number(o.tally.desyncs); }},
    Figure{"client_cpu", "Share of a processor that the swarm's busiest thread used; above 0.9 figures are bounds",
           false, [](const Outcome& o) -> Value { return o.tally.busiest_share; }},
    Figure{"client_cpu_seconds", "Processor time of all the swarm's threads", false,
           [](const Outcome& o) -> Value { return o.tally.cpu_seconds; }},
    Figure{"client_rss_mb", "Memory of the swarm at its end, in 10^6 bytes", false,
           [](const Outcome& o) -> Value { return o.rss_mb; }},
    Figure{"client_rss_kb_each", "What it grew by, for each client, in 10^3 bytes", false,
           [](const Outcome& o) -> Value {
               if (o.clients == 0) return std::nullopt;
               return (o.rss_mb - o.rss_before_mb) * 1000 / static_cast<double>(o.clients);
           }},
    Figure{"lag_ms_p99", "How late the swarm itself was with what it had to do", false,
           [](const Outcome& o) { return o.tally.lag.quantile_ms(0.99); }},
    Figure{"server_tick_ms_p99", "How long the server's ticks took (--metrics)", true,
           [](const Outcome& o) { return of_server(o, &ServerFigures::tick_ms_p99); }},
    Figure{"server_send_ms_p50", "How long it took the server to write a tick to all (--metrics)", true,
           [](const Outcome& o) { return of_server(o, &ServerFigures::send_ms_p50); }},
    Figure{"server_turn_ms_p99", "How long the server's ticks took with their writing (--metrics)", true,
           [](const Outcome& o) { return of_server(o, &ServerFigures::turn_ms_p99); }},
    Figure{"server_rss_mb", "Memory of the server at the end, in 10^6 bytes (--metrics)", true,
           [](const Outcome& o) { return of_server(o, &ServerFigures::rss_mb); }},
    Figure{"server_ticks_dropped", "Ticks that the server left out because it was late (--metrics)", true,
           [](const Outcome& o) { return of_server(o, &ServerFigures::ticks_dropped); }},
    Figure{"server_late_inputs", "Inputs that were late by the server's own count (--metrics)", true,
           [](const Outcome& o) { return of_server(o, &ServerFigures::late_inputs); }},
};

/// "state_age_p99_ms" → "state_age_ms_p99": which of both comes last is a matter of taste.
std::string unit_first(std::string_view name) {
    constexpr std::string_view unit = "_ms";
    if (name.size() <= unit.size() || name.substr(name.size() - unit.size()) != unit) return std::string(name);
    const std::string_view stem = name.substr(0, name.size() - unit.size());
    const std::size_t last = stem.rfind('_');
    if (last == std::string_view::npos) return std::string(name);
    return std::string(stem.substr(0, last)) + "_ms" + std::string(stem.substr(last));
}

}  // namespace

std::span<const Figure> figures() { return table; }

const Figure* find_figure(std::string_view name) {
    const std::string other = unit_first(name);
    for (const Figure& figure : table)
        if (figure.name == name || figure.name == other) return &figure;
    return nullptr;
}

std::string figure_names() {
    std::string text;
    for (const Figure& figure : table) text += (text.empty() ? "" : ", ") + std::string(figure.name);
    return text;
}

}  // namespace tidewire::swarm
