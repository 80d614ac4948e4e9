// restart: a server process that is asked to stop under its players and started anew on the same port: how long it is until all are back,
// whether the world is the one that it was, and whether anything was lost or came twice.
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "resume.h"
#include "tidewire/client.h"
#include "tools/bench/bench.h"
#include "tools/bench/process.h"
#include "tools/bench/restart/restart_server.h"
#include "tools/bench/resume/sequence.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

struct RestartOptions {
    std::uint32_t clients = 50;
    std::uint32_t restarts = 1;
    int down_ms = 500;
    int tick_rate = 30;
    bool serve = false;  // this process is the server
    std::uint16_t port = 0;
    std::string save_directory{};
};

struct Rules {
    void operator()(Sim& sim, Entity entity, const resumed::Move& move) const {
        entity.get<resumed::Pos>().x += static_cast<float>(move.dx) * sim.dt();
    }
};

/// A player who walks, tells a number five times a second, and counts those that he is told.
class Talker {
public:
    explicit Talker(const std::string& url) : net_(url) {}

    void frame() {
        net_.poll();
        net_.input({.dx = 1});
        for (const auto& number : net_.events<resumed::Number>()) {
            if (heard_.next == 1) heard_.next = first_ = number->value;  // he came in their midst
            heard_.take(number->value);
        }
        const auto now = SteadyClock::now();
        if (!tells_ || now < tell_at_ || net_.player() == 0) return;
        tell_at_ = now + std::chrono::milliseconds(200);
        if (net_.send(resumed::Number{.value = told_ + 1})) ++told_;
    }
    Client<resumed::Schema, Rules>& net() { return net_; }
    void stop_telling() { tells_ = false; }
    std::uint32_t told() const { return told_; }
    const Sequence& heard() const { return heard_; }
    std::uint32_t heard_count() const { return heard_.next - first_; }
    bool plays_beyond(Tick tick) const { return net_.status() == ClientStatus::Playing && net_.figures().tick > tick; }

private:
    Client<resumed::Schema, Rules> net_;
    bool tells_ = true;
    SteadyClock::time_point tell_at_{};
    std::uint32_t told_ = 0;
    Sequence heard_;
    std::uint32_t first_ = 1;
};

/// A folder of one's own, which goes with it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidewire-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// What a process of the server has said, as one object.
nlohmann::ordered_json said_in(const std::string& lines) {
    auto all = nlohmann::ordered_json::object();
    std::istringstream stream(lines);
    for (std::string line; std::getline(stream, line);)
        if (const auto figures = nlohmann::ordered_json::parse(line, nullptr, false); figures.is_object()) all.update(figures);
    return all;
}

class Players {
public:
    Players(std::uint32_t count, const std::string& url) {
        for (std::uint32_t i = 0; i < count; ++i) talkers_.push_back(std::make_unique<Talker>(url));
    }
    void frame() {
        for (const auto& talker : talkers_) talker->frame();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    template <class Done>
    bool frames_until(std::chrono::milliseconds patience, const Done& done) {
        for (const auto end = SteadyClock::now() + patience; SteadyClock::now() < end; frame())
            if (done()) return true;
        return false;
    }
    void frames_for(std::chrono::milliseconds length) {
        frames_until(length, [] { return false; });
    }
    bool all_play() const {
        return std::all_of(talkers_.begin(), talkers_.end(), [](const auto& each) { return each->plays_beyond(0); });
    }
    std::vector<std::unique_ptr<Talker>>& talkers() { return talkers_; }

private:
    std::vector<std::unique_ptr<Talker>> talkers_;
};

struct RestartFigures {
    std::vector<double> back_ms{};  // of each player and restart, from the opening of the port
    double gone_ms_max = 0;       // from the signal
    bool all_back = true;
    std::vector<nlohmann::ordered_json> processes;  // what each has said, one after another
};

std::vector<std::string> server_arguments(const RestartOptions& options) {
    return {"restart",    "--serve",      "--clients", std::to_string(options.clients), "--tick-rate", std::to_string(options.tick_rate),
            "--save-dir", options.save_directory, "--port",    std::to_string(options.port)};
}

/// How long each player was away. `opened`: when the port was.
void await_all(Players& players, SteadyClock::time_point opened, Tick saved, std::uint32_t resumes, RestartFigures& figures) {
    std::vector<bool> back(players.talkers().size());
    std::size_t count = 0;
    players.frames_until(std::chrono::seconds(30), [&] {
        for (std::size_t i = 0; i < back.size(); ++i) {
            Talker& talker = *players.talkers()[i];
            if (back[i] || talker.net().resumes() < resumes || !talker.plays_beyond(saved)) continue;
            back[i] = true;
            ++count;
            figures.back_ms.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - opened).count());
        }
        return count == back.size();
    });
    figures.all_back = figures.all_back && count == back.size();
}

/// Stops the server, and starts another process in its place. The players go on meanwhile.
Result<void> restart_once(const RestartOptions& options, std::unique_ptr<Process>& server, std::uint32_t number, Players& players,
                          RestartFigures& figures) {
    const auto signalled = SteadyClock::now();
    std::string rest;
    std::thread stopping([&] { rest = server->stop(); });
    players.frames_for(std::chrono::milliseconds(options.down_ms));
    stopping.join();
    figures.processes.back().update(said_in(rest));
    auto next = Process::start(server_arguments(options), any_core);
    if (!next) return Unexpected{next.error()};
    server = std::make_unique<Process>(std::move(*next));
    const auto first = said_in(server->first_line());
    const auto opened = SteadyClock::time_point(std::chrono::microseconds(first.value("opened_us", std::int64_t{0})));
    await_all(players, opened, figures.processes.back().value("saved_tick", Tick{0}), number, figures);
    figures.gone_ms_max =
        std::max(figures.gone_ms_max, std::chrono::duration<double, std::milli>(SteadyClock::now() - signalled).count());
    figures.processes.push_back(first);
    return {};
}

/// Whether each process went on where the one before it stood.
bool same_worlds(const std::vector<nlohmann::ordered_json>& processes) {
    for (std::size_t i = 1; i < processes.size(); ++i)
        for (const char* what : {"tick", "hash"}) {
            const auto before = processes[i - 1].find(std::string("saved_") + what);
            const auto after = processes[i].find(std::string("restored_") + what);
            if (before == processes[i - 1].end() || after == processes[i].end() || *before != *after) return false;
        }
    return true;
}

void report(const RestartOptions& options, Players& players, const RestartFigures& figures) {
    std::uint32_t down = 0;
    std::uint32_t down_lost = 0;
    std::uint32_t down_doubled = 0;
    std::uint32_t up = 0;
    std::uint32_t up_lost = 0;
    std::uint32_t up_doubled = 0;
    for (const auto& talker : players.talkers()) {
        down += talker->heard_count();
        down_lost += talker->heard().lost;
        down_doubled += talker->heard().doubled;
        up += talker->told();
        const auto heard = figures.processes.back()["heard"].value(std::to_string(talker->net().player()), std::vector<std::uint32_t>{0, 0, 0});
        up_lost += heard[1] + talker->told() - heard[0];
        up_doubled += heard[2];
    }
    const nlohmann::ordered_json& before = figures.processes[figures.processes.size() - 2];
    const nlohmann::ordered_json& after = figures.processes.back();
    print({{"bench", "restart"},
           {"clients", options.clients},
           {"restarts", options.restarts},
           {"down_ms", options.down_ms},
           {"all_back", figures.all_back},
           {"back_ms_p50", median(figures.back_ms)},
           {"back_ms_max", quantile(figures.back_ms, 1)},
           {"gone_ms_max", figures.gone_ms_max},
           {"tick_before", before.value("saved_tick", Tick{0})},
           {"tick_after", after.value("restored_tick", Tick{0})},
           {"hash_before", before.value("saved_hash", std::uint64_t{0})},
           {"hash_after", after.value("restored_hash", std::uint64_t{0})},
           {"same_world", same_worlds(figures.processes)},
           {"events_down", down},
           {"events_down_lost", down_lost},
           {"events_down_doubled", down_doubled},
           {"events_up", up},
           {"events_up_lost", up_lost},
           {"events_up_doubled", up_doubled}});
}

Result<void> run_restart(RestartOptions options) {
    const TemporaryFolder folder;
    options.save_directory = folder.path();
    auto first = Process::start(server_arguments(options), any_core);
    if (!first) return Unexpected{first.error()};
    auto server = std::make_unique<Process>(std::move(*first));
    RestartFigures figures{.processes = {said_in(server->first_line())}};
    options.port = figures.processes.back().value("port", std::uint16_t{0});
    Players players(options.clients, "ws://127.0.0.1:" + std::to_string(options.port));
    if (!players.frames_until(std::chrono::seconds(30), [&] { return players.all_play(); }))
        return unexpected(Blame::Machine, "not all clients have joined");
    for (std::uint32_t number = 1; number <= options.restarts; ++number) {
        // At any moment of a tick.
        players.frames_for(std::chrono::milliseconds(1000 + 37 * number));
        if (auto restarted = restart_once(options, server, number, players, figures); !restarted) return restarted;
    }
    for (const auto& talker : players.talkers()) talker->stop_telling();
    players.frames_for(std::chrono::seconds(1));
    figures.processes.back().update(said_in(server->stop()));
    players.frames_for(std::chrono::milliseconds(200));
    report(options, players, figures);
    return {};
}

}  // namespace

void add_restart(CLI::App& app, int& exit_code) {
    static RestartOptions options;
    CLI::App* const command = app.add_subcommand("restart", "A server that is restarted under its players, with their rooms saved");
    command->add_option("--clients", options.clients)->check(CLI::Range(1, 1000))->capture_default_str();
    command->add_option("--restarts", options.restarts, "One after another")->check(CLI::Range(1, 1000))->capture_default_str();
    command->add_option("--down-ms", options.down_ms, "From the signal to the next start, at least")->check(CLI::Range(0, 60'000))->capture_default_str();
    command->add_option("--tick-rate", options.tick_rate)->check(CLI::Range(1, 128))->capture_default_str();
    command->add_flag("--serve", options.serve, "Be the server of this bench")->group("");
    command->add_option("--port", options.port)->group("");
    command->add_option("--save-dir", options.save_directory)->group("");
    command->callback([&exit_code] {
        const auto ran = options.serve ? serve_restart({.port = options.port,
                                                        .tick_rate = options.tick_rate,
                                                        .players_max = options.clients,
                                                        .save_directory = options.save_directory})
                                       : run_restart(options);
        if (!ran) exit_code = fail(ran.error());
    });
}

}  // namespace tidewire::bench
