// netcode: what players feel on bad links, in virtual time and by seed. Each scenario is a test as well, held to its bounds.
#include "tools/bench/bench.h"
#include "tools/bench/netcode/clock.h"
#include "tools/bench/netcode/lanes.h"
#include "tools/bench/netcode/prediction.h"
#include "tools/bench/netcode/rate_drop.h"
#include "tools/bench/netcode/rewind.h"
#include "tools/bench/netcode/rewind_cost.h"
#include "tools/bench/netcode/slow_peer.h"
#include "tools/bench/netcode/sockets.h"
#include "tools/bench/netcode/sweep.h"
#include "tools/bench/netcode/thin_link.h"
#include "tools/bench/netcode/walkers_game.h"

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

/// What the world's own coming and going makes of a hundredth of this server's memory.
constexpr double server_heap_growth_kib_allowed = 64;

Outcome slow_peer(std::uint64_t seed) {
    Outcome outcome;
    const SlowPeerFigures without = run_slow_peer({.kind = SlowPeer::Absent, .seed = seed});
    outcome.figures = {{"scenario", "slow-peer"},
                       {"others_bytes", without.others_bytes},
                       {"others_ticks_per_second", without.others_ticks_per_second},
                       {"server_heap_kib_absent", without.server_heap_kib},
                       {"server_heap_growth_kib_absent", without.server_heap_growth_kib}};
    outcome.failed += without.server_heap_growth_kib <= server_heap_growth_kib_allowed ? 0 : 1;
    for (const SlowPeer kind : {SlowPeer::Throttled, SlowPeer::Silent, SlowPeer::Napping}) {
        const SlowPeerFigures figures = run_slow_peer({.kind = kind, .seed = seed});
        const bool identical =
            figures.others_hash == without.others_hash && figures.others_bytes == without.others_bytes;
        const std::string suffix = std::string("_") + name_of(kind);
        outcome.figures["others_identical" + suffix] = identical;
        outcome.figures["faults" + suffix] = figures.faults;
        outcome.figures["slow_playing" + suffix] = figures.slow_playing;
        outcome.figures["slow_ticks_per_second" + suffix] = figures.slow_ticks_per_second;
        if (kind == SlowPeer::Throttled) {
            outcome.figures["slow_age_ms_max" + suffix] = figures.slow_age_ms_max;
            outcome.figures["slow_age_ms_beyond_max" + suffix] = figures.slow_age_ms_beyond_max;
            outcome.figures["slow_age_ms_allowed_mean" + suffix] = figures.slow_age_ms_allowed_mean;
        }
        outcome.figures["server_heap_kib" + suffix] = figures.server_heap_kib;
        outcome.figures["server_heap_growth_kib" + suffix] = figures.server_heap_growth_kib;
        outcome.figures["server_heap_kib_max" + suffix] = figures.server_heap_kib_max;
        // Who never reads is closed; the others stay.
        const bool right = identical && figures.faults == 0 && figures.slow_age_ms_beyond_max <= 0 &&
                           figures.slow_playing == (kind != SlowPeer::Silent) &&
                           figures.server_heap_growth_kib <= server_heap_growth_kib_allowed;
        outcome.failed += right ? 0 : 1;
    }
    for (const std::size_t state_bytes : {200U, 400U, 1500U}) {
        const ThinLinkFigures figures = run_thin_link({.state_bytes = state_bytes, .seed = seed});
        outcome.figures["thin_link_" + std::to_string(state_bytes)] = {{"age_ms_max", figures.age_ms_max},
                                                                       {"age_ms_allowed", figures.age_ms_allowed},
                                                                       {"tick_bytes_max", figures.tick_bytes_max},
                                                                       {"ticks_per_second", figures.ticks_per_second},
                                                                       {"link_percent", figures.link_percent}};
        outcome.failed += figures.playing && figures.age_ms_max <= figures.age_ms_allowed ? 0 : 1;
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

Outcome prediction(std::uint64_t seed) {
    using std::chrono::milliseconds;
    Outcome outcome;
    outcome.figures = {{"scenario", "prediction"}};
    for (const Trouble trouble : {Trouble::None, Trouble::Jitter, Trouble::Stalls})
        for (const int rtt : {0, 20, 80, 200, 400}) {
            const PredictionFigures figures = run_prediction(
                {.rtt = milliseconds(rtt), .trouble = trouble, .duration = std::chrono::seconds(60), .seed = seed});
            outcome.figures[std::string(name_of(trouble)) + "_rtt_" + std::to_string(rtt)] = {
                {"predicted", figures.predicted}, {"corrections", figures.corrections}, {"late", figures.late}};
            const std::uint64_t allowed = trouble == Trouble::Stalls ? figures.late : 0;
            outcome.failed += figures.corrections <= allowed && figures.predicted > 1700 ? 0 : 1;
        }
    for (const int fps : {60, 144})
        for (const int rtt : {0, 20, 80, 200, 400}) {
            PredictionFigures all;
            for (std::uint64_t i = 0; i < 5; ++i) {
                const PredictionFigures figures = run_prediction({.rtt = milliseconds(rtt),
                                                                  .contention = true,
                                                                  .frames_per_second = fps,
                                                                  .duration = std::chrono::seconds(60),
                                                                  .seed = seed + i});
                all.corrections += figures.corrections;
                all.jump_max = std::max(all.jump_max, figures.jump_max);
                all.error_max = std::max(all.error_max, figures.error_max);
                all.beyond_bound_max = std::max(all.beyond_bound_max, figures.beyond_bound_max);
            }
            outcome.figures["contention_rtt_" + std::to_string(rtt) + "_" + std::to_string(fps) + "_fps"] = {
                {"corrections", all.corrections},
                {"jump_max", all.jump_max},
                {"walk", static_cast<double>(walk_speed) / fps},
                {"error_max", all.error_max},
                {"beyond_bound_max", all.beyond_bound_max}};
            outcome.failed += all.corrections > 50 && all.beyond_bound_max <= 0 ? 0 : 1;
        }
    return outcome;
}

Json json_of(const RewindFigures& figures) {
    return {{"shots", figures.shots},
            {"hit_percent", 100.0 * static_cast<double>(figures.hits) / static_cast<double>(figures.meant_to_hit)},
            {"hits_beside", figures.hits_beside},
            {"error_quanta_max", figures.error_quanta_max},
            {"error_quanta_mean", figures.error_quanta_mean},
            {"rewind_ms_mean", figures.rewind_ms_mean},
            {"rewind_ms_max", figures.rewind_ms_max},
            {"clamped", figures.clamped},
            {"forged", figures.forged}};
}

Outcome rewind(std::uint64_t seed) {
    using std::chrono::milliseconds;
    Outcome outcome;
    outcome.figures = {{"scenario", "rewind"}};
    for (const int rtt : {20, 100, 150})
        for (const int jitter : {0, 10}) {
            const RewindFigures figures =
                run_rewind({.rtt = milliseconds(rtt), .jitter = milliseconds(jitter), .seed = seed});
            const std::string name = "rtt_" + std::to_string(rtt) + (jitter > 0 ? "_jitter" : "");
            outcome.figures[name] = json_of(figures);
            const bool exact = figures.shots > 200 && figures.hits == figures.meant_to_hit && figures.hits_beside == 0;
            outcome.failed += exact && figures.error_quanta_max < 1 && figures.forged == 0 ? 0 : 1;
        }
    const RewindFigures far = run_rewind({.rtt = milliseconds(300), .seed = seed});
    outcome.figures["rtt_300"] = json_of(far);
    outcome.figures["limit_ms"] = far.limit_ms;
    outcome.failed += far.clamped == far.shots && far.rewind_ms_max <= far.limit_ms + 0.01 ? 0 : 1;
    outcome.figures["half_rate"] = json_of(run_rewind({.half_rate = true, .seed = seed}));

    double forged_ms_max = 0;
    for (const Lie lie : {Lie::Future, Lie::FarPast, Lie::Zero, Lie::Jumps, Lie::Fraction, Lie::Steady}) {
        const RewindFigures figures = run_rewind({.rtt = milliseconds(20), .lie = lie, .seed = seed});
        forged_ms_max = std::max(forged_ms_max, figures.rewind_ms_max);
        outcome.figures[std::string("forged_") + name_of(lie)] = {
            {"rewind_ms_max", figures.rewind_ms_max}, {"clamped", figures.clamped}, {"forged", figures.forged}};
    }
    for (const Tick late : {1U, 2U, 3U, 4U, 5U, 6U})
        forged_ms_max = std::max(
            forged_ms_max, run_rewind({.rtt = milliseconds(20), .lie = Lie::Steady, .steady_ticks = late, .seed = seed})
                               .rewind_ms_max);
    outcome.figures["forged_rewind_ms_max"] = forged_ms_max;
    outcome.failed += forged_ms_max <= far.limit_ms + 0.01 ? 0 : 1;

    const RewindCost cost = run_rewind_cost({});
    outcome.figures["us_per_shot_at_8000"] = {{"view", cost.us_per_shot_view},
                                              {"view_of_one_instant", cost.us_per_shot_same_view},
                                              {"find_20", cost.us_per_shot_find}};
    return outcome;
}

Outcome lanes(std::uint64_t seed) {
    Outcome outcome;
    LanesOptions thin{.bulk_bytes = 1024 * 1024, .seed = seed};
    const LanesFigures figures = run_lanes(thin);
    thin.event_every = 20;
    const LanesFigures sparse = run_lanes(thin);
    thin.event_every = 1;
    thin.naive = true;
    const LanesFigures naive = run_lanes(thin);
    outcome.figures = {{"scenario", "lanes"},
                       {"link_delay_ms", to_milliseconds(thin.latency)},
                       {"event_delay_ms_max", figures.join.event_ms_max},
                       {"naive_event_delay_ms_max", naive.join.event_ms_max},
                       {"events", figures.join.events},
                       {"sparse_event_delay_ms_max", sparse.join.event_ms_max},
                       {"pong_delay_ms_max", figures.join.pong_ms_max},
                       {"join_ms", figures.join_ms},
                       {"naive_join_ms", naive.join_ms},
                       {"bulk_event_delay_ms_max", figures.bulk.event_ms_max},
                       {"naive_bulk_event_delay_ms_max", naive.bulk.event_ms_max},
                       {"bulk_events", figures.bulk.events},
                       {"bulk_ticks_per_second", figures.bulk_ticks_per_second},
                       {"bulk_ms", figures.bulk_ms},
                       {"naive_bulk_ms", naive.bulk_ms}};
    const auto within = [&](double value, double most) { outcome.failed += value <= most ? 0 : 1; };
    for (const LanesFigures* each : {&figures, &sparse})
        for (const LaneDelays* delays : {&each->join, &each->bulk}) {
            within(delays->event_ms_max, 150);
            within(delays->pong_ms_max, 150);
            outcome.failed += each->playing && delays->events > 0 ? 0 : 1;
        }
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
    {"slow-peer", "One client among 100 that is throttled to 8 KiB/s, or does not read", slow_peer},
    {"clock", "The offset of the server's clock, and the round trip at 10, 30 and 144 frames a second", clock},
    {"prediction", "Own entities: corrections without and with contention, and how far the picture jumps", prediction},
    {"rewind", "Shots at moving targets: what the screen showed, at every round trip, and what liars gain", rewind},
    {"lanes", "Events behind a join of 200 KiB and a transfer of 1 MiB at 1 Mbit/s; what the parts cost on fast links",
     lanes},
};

/// In real time, over sockets: figures vary, and a busy machine shows in them.
int run_sockets(std::uint64_t seed) {
    int failed = 0;
    Json figures{{"scenario", "sockets"}};
    for (const auto& [suffix, rate] : {std::pair{"_throttled", 8 * 1024U}, std::pair{"_silent", 0U}}) {
        const auto pairs = run_slow_peer_pairs({.slow = {.bytes_per_second = rate}, .seed = seed});
        if (!pairs) return fail(pairs.error());
        figures[std::string("cpu_ratio") + suffix] = pairs->cpu_ratio;
        figures[std::string("p99_ratio") + suffix] = pairs->p99_ratio;
        figures[std::string("cpu_percent_without") + suffix] = pairs->cpu_percent;
        figures[std::string("p99_ms_without") + suffix] = pairs->p99_ms;
        failed += pairs->cpu_ratio <= 1.05 && pairs->p99_ratio <= 1.25 ? 0 : 1;
    }
    const auto drop = run_rate_drop_sockets({.seed = seed});
    if (!drop) return fail(drop.error());
    figures["rate_drop_age_ms_max"] = drop->age_ms_max;
    figures["rate_drop_ticks_per_second"] = drop->ticks_per_second;
    figures["rate_drop_recovered_hz"] = drop->recovered_hz;
    failed += drop->age_ms_max <= 250 && drop->playing ? 0 : 1;
    figures["failed"] = failed;
    print(figures);
    return failed > 0 ? 1 : 0;
}

}  // namespace

void add_netcode(CLI::App& app, int& exit_code) {
    static std::uint64_t seed = 1;
    static bool all = false;
    CLI::App* const netcode = app.add_subcommand("netcode", "What players feel on bad links, in virtual time");
    netcode->add_flag("--all", all, "Every scenario");
    netcode->add_option("--seed", seed, "Of links and games")->capture_default_str();
    netcode->require_subcommand(0, 1);
    for (const Scenario& scenario : scenarios) netcode->add_subcommand(scenario.name, scenario.help)->fallthrough();
    CLI::App* const sockets = netcode->add_subcommand(
        "sockets", "slow-peer and rate-drop with real sockets and the proxy of tidewire-badnet; not part of --all");
    sockets->fallthrough();
    netcode->callback([netcode, sockets, &exit_code] {
        if (sockets->parsed()) {
            exit_code = run_sockets(seed);
            return;
        }
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
