// tidewire-swarm URL: what its flags mean stands in their help.
#include "tools/swarm/command_line.h"

#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>

#include "sdk/core/base/printable.h"
#include "tidewire/version.h"
#include "tools/swarm/report.h"
#include "tools/swarm/swarm.h"

namespace tidewire::swarm {

namespace {

enum ExitCode : int { met = 0, missed = 1, unusable = 2, nobody_joined = 3 };

net::Waker* stopped_by = nullptr;

void complain(const std::string& sentence) {
    std::fprintf(stderr, "tidewire-swarm: %s\n", printable(sentence).c_str());
}

int fail(const std::string& sentence, int exit_code) {
    complain(sentence);
    return exit_code;
}

struct Flags {
    SwarmOptions swarm{};
    double seconds = 30;
    double ramp = 1;
    double settle = 3;
    std::optional<std::size_t> probes{};
    std::string behaviour = "wander";
    std::string objectives{};
    std::string report = "text";
    std::string report_file{};
    bool insecure = false;
};

std::string footer() {
    std::string text =
        "Behaviours:\n"
        "  wander   moves and turns\n"
        "  fight    plays as well as it can by what it sees\n"
        "  idle     is there and touches nothing\n"
        "  churn    wanders for a random while (exponential), leaves, half of the times without a word, and comes "
        "back\n"
        "  stall    wanders, and every 10 s or so stands still for 1 to 8 s: it reads nothing and says nothing\n"
        "\nFigures, for the report and for --slo:\n";
    for (const Figure& figure : figures()) {
        const std::string name = figure.name;
        text += "  " + name + std::string(name.size() < 22 ? 22 - name.size() : 1, ' ') + figure.meaning + "\n";
    }
    return text +
           "\nExit codes:\n"
           "  0  all objectives were met, or there were none\n"
           "  1  an objective was missed; what could not be measured counts as missed\n"
           "  2  the command line cannot work: a flag, an objective, more clients than the system allows open files\n"
           "  3  nobody got into the game\n"
           "\nExamples:\n"
           "  tidewire-swarm ws://localhost:7777 --clients 500 --seconds 60\n"
           "  tidewire-swarm ws://localhost:7777 --clients 2000 --ramp 5 --report json --slo "
           "\"joins_failed<1,join_ms_p99<2000,late_input_pct<0.1,state_age_ms_p99<150\"\n"
           "  tidewire-swarm wss://play.example.com --clients 200 --behaviour churn --churn-rate 20 --metrics --slo "
           "\"server_turn_ms_p99<33\"\n";
}

void add_flags(CLI::App& app, Flags& flags) {
    app.option_defaults()->always_capture_default();
    app.get_formatter()->column_width(34);
    app.set_version_flag("--version", "Tidewire " + std::string(version), "Print the version and exit");
    app.add_option("URL", flags.swarm.url, "Where the server is: ws://HOST:PORT or wss://HOST:PORT")
        ->required()
        ->capture_default_str();
    app.add_option("--clients", flags.swarm.clients, "How many; each has a connection of its own")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N");
    app.add_option("--seconds", flags.seconds,
                   "How long they play, after the ramp; SIGINT ends it early, with a report")
        ->check(CLI::Range(0.1, 1e6))
        ->type_name("S");
    app.add_option("--behaviour", flags.behaviour, "What they do: " + behaviour_names() + "; see below")
        ->type_name("NAME");
    app.add_option("--ramp", flags.ramp, "Spread the first joins evenly over so long; 0: all at once")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("S");
    app.add_option(
           "--settle", flags.settle,
           "Inputs, latencies, ticks and bytes of a client count from so long after its join on: the clock of its "
           "inputs needs about 3 s to find its place")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("S");
    app.add_option("--churn-rate", flags.swarm.churn_rate,
                   "With --behaviour churn: joins per second, over all; 0: a tenth of the clients")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("R");
    app.add_option("--threads", flags.swarm.threads,
                   "Each carries its share of the clients; more than there are processors measure the swarm")
        ->check(CLI::Range(1, 256))
        ->type_name("T");
    app.add_option("--seed", flags.swarm.seed, "Of all that clients do at random")->type_name("N");
    app.add_flag("--predict", flags.swarm.predict,
                 "Clients run the game's rules ahead of the server, as a player's do: costs them time and memory, and "
                 "changes no byte on the wire");
    app.add_option("--probes", flags.probes,
                   "So many clients, evenly among them, decode the state and check it. The others say the same to the "
                   "server and let the state be: decoding is most of what a client costs, and grows with what it sees")
        ->check(CLI::Range(0, 100'000))
        ->default_str("all")
        ->type_name("N");
    app.add_flag("--metrics", flags.swarm.metrics,
                 "Read /metrics of the same server at the start and at the end, for the figures server_…");
    app.add_option("--slo", flags.objectives,
                   "What is to be achieved: figures that lie below or above a number, as \"late_input_pct<0.1,"
                   "state_age_ms_p99<150\"")
        ->type_name("LIST");
    app.add_option("--report", flags.report, "What is printed at the end: text, or json for programs")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORM");
    app.add_option("--report-file", flags.report_file, "Write the report there instead of printing it")
        ->type_name("FILE");
    app.add_option("--token", flags.swarm.token,
                   "What a server that does not take anybody asks for: all clients show it, so it must be good more than "
                   "once")
        ->type_name("TEXT");
    app.add_option("--ca-file", flags.swarm.tls.ca_file,
                   "PEM file of the authorities to trust on wss://, instead of the system's")
        ->type_name("FILE");
    app.add_flag("--insecure", flags.insecure,
                 "Trust any certificate on wss://: for tests on one machine, never over a network");
    app.footer(footer());
}

Duration to_duration(double seconds) { return Duration(static_cast<Duration::rep>(seconds * 1e6)); }

/// Errors are of the command line.
Result<SwarmOptions> options_of(const Flags& flags) {
    SwarmOptions options = flags.swarm;
    const auto behaviour = find_behaviour(flags.behaviour);
    if (!behaviour)
        return unexpected(Blame::Caller, "--behaviour: there is no \"" + printable(flags.behaviour) +
                                             "\"; say one of " + behaviour_names());
    if (options.churn_rate > 0 && *behaviour != Behaviour::Churn)
        return unexpected(Blame::Caller, "--churn-rate is of --behaviour churn, and this is " + flags.behaviour);
    if (options.threads > options.clients)
        return unexpected(Blame::Caller, "--threads: there are no more than --clients to carry");
    if (flags.probes && (*behaviour == Behaviour::Fight || options.predict))
        return unexpected(Blame::Caller,
                          "--probes: clients that do not decode see nothing, and can neither fight nor "
                          "predict");
    options.behaviour = *behaviour;
    options.probes = flags.probes;
    options.length = to_duration(flags.seconds);
    options.ramp = to_duration(flags.ramp);
    options.settle = to_duration(flags.settle);
    options.tls.verify = !flags.insecure;
    return options;
}

/// Errors: the file cannot be written.
Result<void> deliver(const std::string& report, const std::string& file) {
    if (file.empty()) {
        std::fputs(report.c_str(), stdout);
        std::fflush(stdout);
        return {};
    }
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << report;
    stream.close();
    if (!stream) return unexpected(Blame::Machine, "\"" + file + "\" cannot be written");
    return {};
}

int run(const SwarmGame& game, const Flags& flags) {
    auto options = options_of(flags);
    if (!options) return fail(options.error().message + "; see --help", unusable);
    const auto objectives = parse_objectives(flags.objectives, options->metrics);
    if (!objectives) return fail("--slo: " + objectives.error().message, unusable);
    auto swarm = Swarm::prepare(game, std::move(*options));
    if (!swarm) return fail(swarm.error().message, swarm.error().blame == Blame::Caller ? unusable : nobody_joined);
    auto waker = net::Waker::create();
    if (!waker) return fail(waker.error().message, unusable);
    stopped_by = &*waker;
    for (const int signal_number : {SIGINT, SIGTERM}) signal(signal_number, [](int) { stopped_by->wake(); });
    signal(SIGPIPE, SIG_IGN);

    const auto outcome = swarm->run(*waker, complain);
    if (!outcome) return fail(outcome.error().message, unusable);
    const std::vector<Verdict> verdicts = judge(*objectives, *outcome);
    const auto form = flags.report == "json" ? json_report : text_report;
    if (auto delivered = deliver(form(swarm->options(), *outcome, verdicts), flags.report_file); !delivered)
        return fail(delivered.error().message, unusable);
    if (outcome->tally.joins_succeeded == 0) {
        const auto& reasons = outcome->tally.join_failures.by_text();
        return fail("nobody got into the game" + (reasons.empty() ? std::string() : ": " + reasons.begin()->first),
                    nobody_joined);
    }
    return all_met(verdicts) ? met : missed;
}

}  // namespace

int run_swarm(const SwarmGame& game, int argc, const char* const* argv) {
    Flags flags;
    CLI::App app(
        "Loads a Tidewire server with thousands of headless clients: the real client's session over real sockets, each "
        "with a "
        "connection, a clock and inputs of its own, at phases that are random. It tells what they measured, and "
        "whether that "
        "is what was to be achieved.");
    add_flags(app, flags);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        return fail(std::string(error.what()) + "; see --help", unusable);
    }
    return run(game, flags);
}

}  // namespace tidewire::swarm
