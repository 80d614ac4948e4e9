// tidewire-sim: whole systems in storms, by seed, in virtual time. One seed prints what it came to; many say which of them failed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tools/sim/storm/storm.h"

namespace tidewire::sim {

namespace {

struct SimOptions {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    double minutes = 1;
    unsigned jobs = 1;
    std::size_t lines = 200;
    bool verbose = false;
    bool progress = false;
};

nlohmann::ordered_json figures_of(const StormReport& report) {
    const SceneCounters& counters = report.counters;
    const GuestCounters& guests = counters.guests;
    return {{"seconds", std::chrono::duration<double>(report.length).count()},
            {"servers", counters.servers},
            {"rooms", counters.rooms},
            {"joins", counters.joins},
            {"refusals", counters.refusals},
            {"intruders", counters.intruders},
            {"moves", counters.moves},
            {"lost", counters.lost},
            {"resumed", counters.resumed},
            {"snapshots", guests.snapshots},
            {"snapshots_compared", guests.compared},
            {"events_down", guests.events_down},
            {"events_up", guests.events_up},
            {"replies", guests.replies},
            {"bulks", guests.bulks},
            {"connection_bytes_max", report.connection_bytes_max},
            {"room_bytes_max", report.room_bytes_max}};
}

/// Sums, but for what is a most.
void add(nlohmann::ordered_json& sum, const nlohmann::ordered_json& each) {
    for (const auto& [name, value] : each.items()) {
        auto& total = sum[name];
        const bool most = name.size() > 4 && name.compare(name.size() - 4, 4, "_max") == 0;
        if (total.is_null())
            total = value;
        else if (value.is_number_float())
            total = total.get<double>() + value.get<double>();
        else
            total = most ? std::max(total.get<std::uint64_t>(), value.get<std::uint64_t>()) : total.get<std::uint64_t>() + value.get<std::uint64_t>();
    }
}

void print_broken(const StormReport& report, const SimOptions& options) {
    std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(report.seed), report.broken->c_str());
    const std::size_t skipped = report.last_lines.size() - std::min(report.last_lines.size(), options.lines);
    if (!options.verbose)
        for (std::size_t i = skipped; i < report.last_lines.size(); ++i) std::fprintf(stderr, "%s\n", report.last_lines[i].c_str());
    std::fprintf(stderr, "again: tidewire-sim --seed %llu --minutes %.17g --verbose\n", static_cast<unsigned long long>(report.seed), options.minutes);
}

int run(const SimOptions& options) {
    std::atomic<std::uint64_t> next = 0;
    std::mutex mutex;
    nlohmann::ordered_json sum;
    nlohmann::ordered_json happened;
    std::vector<std::uint64_t> failed;
    std::uint64_t done = 0;
    const auto work = [&] {
        for (std::uint64_t i = next++; i < options.seeds; i = next++) {
            StormOptions storm{.seed = options.seed + i, .length = Duration(std::llround(options.minutes * 60e6)), .on_line = {}};
            if (options.verbose) storm.on_line = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
            const StormReport report = run_storm(storm);
            const std::lock_guard lock(mutex);
            add(sum, figures_of(report));
            for (const auto& [name, count] : report.actions) {
                auto& total = happened[name];
                total = (total.is_null() ? 0 : total.get<std::uint64_t>()) + count;
            }
            if (report.broken) {
                failed.push_back(report.seed);
                print_broken(report, options);
            }
            if (++done % 100 == 0 && options.progress)
                std::fprintf(stderr, "%llu of %llu\n", static_cast<unsigned long long>(done), static_cast<unsigned long long>(options.seeds));
        }
    };
    std::vector<std::thread> threads;
    for (unsigned job = 1; job < options.jobs; ++job) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    nlohmann::ordered_json result{{"seed", options.seed}, {"seeds", options.seeds}, {"storm_seconds", options.minutes * 60}, {"broken", failed.size()}};
    if (!failed.empty()) result["broken_seeds"] = failed;
    result["figures"] = sum;
    result["actions"] = happened;
    std::cout << result.dump() << std::endl;
    return failed.empty() ? 0 : 1;
}

}  // namespace

}  // namespace tidewire::sim

int main(int argc, char** argv) {
    tidewire::sim::SimOptions options;
    CLI::App app{"A whole system in a storm, by seed, in virtual time: what must hold is looked at after each step. Exit code 1 when it does not"};
    app.add_option("--seed", options.seed, "The first one")->capture_default_str();
    app.add_option("--seeds", options.seeds, "So many, one after another")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--minutes", options.minutes, "Of each storm; then a calm, in which all must come to rest")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--jobs", options.jobs, "Threads")->check(CLI::Range(1, 256))->capture_default_str();
    app.add_option("--lines", options.lines, "Of what happened before a fault")->capture_default_str();
    app.add_flag("--verbose", options.verbose, "Tell all that happens as it does");
    app.add_flag("--progress", options.progress, "Tell of each hundred seeds that are done");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "tidewire-sim: %s; see --help\n", error.what());
        return 2;
    }
    return tidewire::sim::run(options);
}
