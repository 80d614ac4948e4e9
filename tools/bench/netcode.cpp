// netcode: what players feel on bad links, in virtual time and by seed. Each scenario is a test as well, held to its bounds.
#include "tools/bench/bench.h"
#include "tools/bench/netcode/clock.h"
#include "tools/bench/netcode/lanes.h"
#include "tools/bench/netcode/rate_drop.h"
#include "tools/bench/netcode/sweep.h"

namespace tidewire::bench {

namespace {

using Json = nlohmann::ordered_json;

/// Figures of a scenario, and how many of its bounds do not hold.
struct Outcome {
    Json figures;
    int failed = 0;
};

Outcome sweep(std::uint64_t seed) {
    Outcome outcome;
    Json failures = Json::array();
    int runs = 0;
    for (const int rtt : {0, 1, 20, 80, 200, 400})
        for (const int rate : {15, 20, 30, 60, 128})
            for (const Weather weather :
                 {Weather::Steady, Weather::Jitter, Weather::StepUp, Weather::StepDown, Weather::Stalls})
                for (const int frame_ms : {0, 100}) {
                    ++runs;
                    const SweepFigures figures = run_sweep({.rtt = std::chrono::milliseconds(rtt),
                                                            .tick_rate = rate,
                                                            .weather = weather,
                                                            .frame = std::chrono::milliseconds(frame_ms),
                                                            .seed = seed});
                    if (!figures.failed) continue;
                    ++outcome.failed;
                    failures.push_back({{"rtt_ms", rtt},
                                        {"tick_rate", rate},
                                        {"weather", name_of(weather)},
                                        {"frame_ms", frame_ms},
                                        {"inputs", figures.inputs},
                                        {"late", figures.late},
                                        {"lead_ms", figures.lead_ms_mean},
                                        {"lead_ms_end", figures.lead_ms_mean_end},
                                        {"sign_changes", figures.sign_changes},
                                        {"why", figures.why}});
                }
    outcome.figures = {{"scenario", "sweep"}, {"runs", runs}, {"failures", failures}};
    return outcome;
}

Outcome rate_drop(std::uint64_t seed) {
    Outcome outcome;
    outcome.figures = {{"scenario", "rate-drop"}};
    for (const int seconds : {5, 120}) {
        const RateDropFigures figures = run_rate_drop({.drop = std::chrono::seconds(seconds), .seed = seed});
        const std::string suffix = seconds == 5 ? "" : "_" + std::to_string(seconds) + "s";
        outcome.figures["age_ms_max" + suffix] = figures.age_ms_max;
        outcome.figures["naive_age_ms_max" + suffix] = figures.naive_age_ms_max;
        outcome.figures["ticks_per_second" + suffix] = figures.ticks_per_second;
        outcome.figures["tick_bytes_mean" + suffix] = figures.tick_bytes_mean;
        outcome.failed += figures.age_ms_max <= 250 && figures.playing ? 0 : 1;
    }
    return outcome;
}

Outcome clock(std::uint64_t seed) {
    using std::chrono::milliseconds;
    Outcome outcome;
    const ClockFigures symmetric = run_clock(
        {.latency_up = milliseconds(30), .latency_down = milliseconds(30), .jitter = milliseconds(20), .seed = seed});
    const ClockFigures asymmetric =
        run_clock({.latency_up = milliseconds(10), .latency_down = milliseconds(120), .seed = seed});
    outcome.figures = {{"scenario", "clock"},
                       {"offset_error_ms_max", symmetric.offset_error_ms_max},
                       {"asymmetric_offset_error_ms_max", asymmetric.offset_error_ms_max},
                       {"asymmetric_error_bound_ms", asymmetric.error_bound_ms}};
    outcome.failed += symmetric.offset_error_ms_max < 2 ? 0 : 1;
    outcome.failed += asymmetric.offset_error_ms_max <= asymmetric.error_bound_ms ? 0 : 1;
    for (const int hz : {10, 30, 144}) {
        const ClockFigures figures = run_clock({.frame = Duration(1'000'000 / hz), .seed = seed});
        outcome.figures["rtt_error_ms_max_" + std::to_string(hz) + "_fps"] = figures.rtt_error_ms_max;
        outcome.failed += figures.rtt_error_ms_max <= 1 ? 0 : 1;
    }
    return outcome;
}

Outcome lanes(std::uint64_t seed) {
    Outcome outcome;
    LanesOptions thin{.bulk_bytes = 200 * 1024, .seed = seed};
    const LanesFigures figures = run_lanes(thin);
    thin.naive = true;
    thin.bulk_bytes = 0;
    const LanesFigures naive = run_lanes(thin);
    outcome.figures = {{"scenario", "lanes"},
                       {"link_delay_ms", to_milliseconds(thin.latency)},
                       {"event_delay_ms_max", figures.event_delay_ms_max},
                       {"naive_event_delay_ms_max", naive.event_delay_ms_max},
                       {"join_ms", figures.join_ms},
                       {"naive_join_ms", naive.join_ms},
                       {"bulk_event_delay_ms_max", figures.bulk_event_delay_ms_max},
                       {"bulk_ticks_per_second", figures.bulk_ticks_per_second},
                       {"bulk_ms", figures.bulk_ms}};
    const auto within = [&](double value, double most) { outcome.failed += value <= most ? 0 : 1; };
    within(figures.event_delay_ms_max, 150);
    within(figures.bulk_event_delay_ms_max, 150);
    outcome.failed += figures.playing && figures.events > 0 ? 0 : 1;
    struct Link {
        const char* name;
        Duration latency;
        std::size_t bytes_per_second;
    };
    for (const Link& link : {Link{"lan", std::chrono::microseconds(500), 12'500'000},
                             Link{"cable", std::chrono::milliseconds(20), 6'250'000}}) {
        LanesOptions fast{.latency = link.latency, .bytes_per_second = link.bytes_per_second, .seed = seed};
        const double join_ms = run_lanes(fast).join_ms;
        fast.naive = true;
        const double naive_join_ms = run_lanes(fast).join_ms;
        outcome.figures[std::string(link.name) + "_join_ms"] = join_ms;
        outcome.figures[std::string(link.name) + "_naive_join_ms"] = naive_join_ms;
        within(join_ms, 1.3 * naive_join_ms);
    }
    return outcome;
}

struct Scenario {
    const char* name;
    const char* help;
    Outcome (*run)(std::uint64_t seed);
};

constexpr Scenario scenarios[] = {
    {"sweep", "Inputs at every round trip, tick rate and kind of link: how many are late", sweep},
    {"rate-drop", "A link that drops from 3 to 0.5 Mbit/s under 60 ticks of 1500 bytes a second", rate_drop},
    {"clock", "The offset of the server's clock, and the round trip at 10, 30 and 144 frames a second", clock},
    {"lanes", "A Pong behind a join of 200 KiB at 1 Mbit/s, and what the parts cost on fast links", lanes},
};

}  // namespace

void add_netcode(CLI::App& app, int& exit_code) {
    static std::uint64_t seed = 1;
    static bool all = false;
    CLI::App* const netcode = app.add_subcommand("netcode", "What players feel on bad links, in virtual time");
    netcode->add_flag("--all", all, "Every scenario");
    netcode->add_option("--seed", seed, "Of links and games")->capture_default_str();
    netcode->require_subcommand(0, 1);
    for (const Scenario& scenario : scenarios) netcode->add_subcommand(scenario.name, scenario.help)->fallthrough();
    netcode->callback([netcode, &exit_code] {
        int failed = 0;
        int run = 0;
        for (const Scenario& scenario : scenarios) {
            if (!all && !netcode->got_subcommand(scenario.name)) continue;
            Outcome outcome = scenario.run(seed);
            if (!all) outcome.figures["failed"] = outcome.failed;
            print(outcome.figures);
            failed += outcome.failed;
            ++run;
        }
        if (run == 0) throw CLI::RequiredError("a scenario, or --all");
        if (all) print({{"scenarios", run}, {"failed", failed}});
        if (failed > 0) exit_code = 1;
    });
}

}  // namespace tidewire::bench
