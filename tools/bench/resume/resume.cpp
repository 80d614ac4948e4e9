// resume: what a broken connection costs who plays: how long it is until the game goes on, and whether anything is lost or comes twice.
// The proxy between takes connections at once, so the round trip of TCP's own handshake is not in the figures.
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "resume.h"
#include "tidewire/client.h"
#include "tidewire/server.h"
#include "tools/bench/bench.h"
#include "tools/bench/resume/cut_proxy.h"
#include "tools/bench/resume/sequence.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;
using SteadyClock = std::chrono::steady_clock;

struct ResumeOptions {
    std::uint32_t resets = 100;
    int rtt_ms = 50;
    int tick_rate = 30;
    bool tls = false;
};

struct Rules {
    void operator()(Sim& sim, Entity entity, const resumed::Move& move) const {
        entity.get<resumed::Pos>().x += static_cast<float>(move.dx) * sim.dt();
    }
};

/// A server in a thread that tells a number in each tick, and counts those that it is told.
class NumberServer {
public:
    NumberServer(const ResumeOptions& options, const TlsServerOptions& tls)
        : server_({.address = "127.0.0.1", .port = 0, .tick_rate = options.tick_rate, .tls = tls}) {
        server_.on_join([this](ServerSim& sim, Player player) {
            player.spawn(resumed::Pos{});
            first_ = sim.tick() + 1;
        });
        server_.on_event<resumed::Number>(
            [this](ServerSim&, Player, const resumed::Number& number) { heard_.take(number.value); });
        server_.on_tick([this](ServerSim& sim) {
            if (first_ == 0 || stopped_) return;
            sim.broadcast(resumed::Number{.value = sim.tick() - first_ + 1});
            told_ = sim.tick() - first_ + 1;
        });
    }
    ~NumberServer() { end(); }

    Result<std::uint16_t> start() {
        if (auto listening = server_.listen(); !listening) return Unexpected{listening.error()};
        thread_ = std::thread([this] { (void)server_.run(); });
        return server_.port();
    }
    /// No more numbers; how many there were.
    std::uint32_t stop_telling() {
        stopped_ = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return told_;
    }
    void end() {
        if (!thread_.joinable()) return;
        server_.stop();
        server_.stop();
        thread_.join();
    }
    /// After end().
    const Sequence& heard() const { return heard_; }

private:
    Server<resumed::Schema, Rules> server_;
    std::thread thread_;
    std::atomic<Tick> first_ = 0;
    std::atomic<bool> stopped_ = false;
    std::atomic<std::uint32_t> told_ = 0;
    Sequence heard_;
};

/// The client's program: frames of half a millisecond, a number every 40 ms.
class Talker {
public:
    Talker(const std::string& url, ClientOptions options) : net_(url, std::move(options)) {}

    void frame() {
        net_.poll();
        net_.input({.dx = 1});
        for (const auto& number : net_.events<resumed::Number>()) heard_.take(number->value);
        const auto now = SteadyClock::now();
        if (tells_ && now >= tell_at_ && net_.status() != ClientStatus::Connecting && net_.status() != ClientStatus::Joining) {
            tell_at_ = now + std::chrono::milliseconds(40);
            if (net_.send(resumed::Number{.value = told_ + 1})) ++told_;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    template <class Done>
    bool frames_until(std::chrono::seconds patience, const Done& done) {
        for (const auto end = SteadyClock::now() + patience; SteadyClock::now() < end; frame())
            if (done()) return true;
        return false;
    }
    Client<resumed::Schema, Rules>& net() { return net_; }
    void stop_telling() { tells_ = false; }
    std::uint32_t told() const { return told_; }
    const Sequence& heard() const { return heard_; }

private:
    Client<resumed::Schema, Rules> net_;
    bool tells_ = true;
    SteadyClock::time_point tell_at_{};
    std::uint32_t told_ = 0;
    Sequence heard_;
};

struct ResumeFigures {
    std::vector<double> resume_ms;  // from the last attempt to the first tick
    std::vector<double> gone_ms;    // from the cut
    std::uint32_t attempts_max = 0;
};

Result<void> reset_once(CutProxy& proxy, Talker& player, ResumeFigures& figures) {
    const auto cut = SteadyClock::now();
    if (auto again = proxy.cut(); !again) return again;
    const std::uint32_t resumes = player.net().resumes();
    auto tried = cut;
    std::uint32_t attempts = 0;
    Tick tick = 0;
    const bool back = player.frames_until(std::chrono::seconds(30), [&] {
        if (const auto lost = player.net().reconnecting(); lost && lost->attempt > attempts) {
            attempts = lost->attempt;
            tried = SteadyClock::now();
        }
        if (player.net().resumes() == resumes) {
            tick = player.net().figures().tick;
            return false;
        }
        return player.net().figures().tick > tick;
    });
    if (!back) return unexpected(Blame::Machine, "the client did not come back within 30 s");
    figures.resume_ms.push_back(Milliseconds(SteadyClock::now() - tried).count());
    figures.gone_ms.push_back(Milliseconds(SteadyClock::now() - cut).count());
    figures.attempts_max = std::max(figures.attempts_max, attempts);
    return {};
}

Result<void> run_resume(const ResumeOptions& options) {
    const TemporaryCertificate certificate;
    NumberServer server(options, options.tls ? certificate.options() : TlsServerOptions{});
    const auto port = server.start();
    if (!port) return Unexpected{port.error()};
    auto proxy = CutProxy::create(*port, {.latency = std::chrono::microseconds(options.rtt_ms * 500)});
    if (!proxy) return Unexpected{std::move(proxy).error()};
    ClientOptions client;
    if (options.tls) client.tls.ca_file = certificate.options().certificate_file;
    Talker player(std::string(options.tls ? "wss" : "ws") + "://127.0.0.1:" + std::to_string((*proxy)->port()), client);
    if (!player.frames_until(std::chrono::seconds(10), [&] { return player.net().figures().tick > 0; }))
        return unexpected(Blame::Machine, "the client did not join" + (player.net().error() ? ": " + player.net().error()->message : ""));
    ResumeFigures figures;
    for (std::uint32_t i = 0; i < options.resets; ++i) {
        // At any moment of a tick, and of a resumption.
        const auto until = SteadyClock::now() + std::chrono::milliseconds(i * 37 % 300);
        player.frames_until(std::chrono::seconds(1), [&] { return SteadyClock::now() >= until; });
        if (auto reset = reset_once(**proxy, player, figures); !reset) return reset;
    }
    player.stop_telling();
    const std::uint32_t told = server.stop_telling();
    player.frames_until(std::chrono::seconds(1), [] { return false; });
    const std::uint32_t resumes = player.net().resumes();
    player.net().close();
    server.end();
    const Sequence& down = player.heard();
    const Sequence& up = server.heard();
    const double bound = (options.tls ? 3 : 2) * options.rtt_ms + 1000.0 / options.tick_rate;
    print({{"bench", "resume"},
           {"resets", options.resets},
           {"resumes", resumes},
           {"rtt_ms", options.rtt_ms},
           {"tls", options.tls},
           {"resume_ms_p50", median(figures.resume_ms)},
           {"resume_ms_p99", quantile(figures.resume_ms, 0.99)},
           {"round_trips_and_a_tick_ms", bound},
           {"gone_ms_p50", median(figures.gone_ms)},
           {"attempts_max", figures.attempts_max},
           {"events_down", told},
           {"events_down_lost", down.lost + told - (down.next - 1)},
           {"events_down_doubled", down.doubled},
           {"events_up", player.told()},
           {"events_up_lost", up.lost + player.told() - (up.next - 1)},
           {"events_up_doubled", up.doubled}});
    return {};
}

}  // namespace

void add_resume(CLI::App& app, int& exit_code) {
    static ResumeOptions options;
    CLI::App* const command = app.add_subcommand("resume", "A connection that breaks in mid-game, again and again");
    command->add_option("--resets", options.resets)->check(CLI::Range(1, 100'000))->capture_default_str();
    command->add_option("--rtt-ms", options.rtt_ms, "Of the link")->check(CLI::Range(0, 1000))->capture_default_str();
    command->add_option("--tick-rate", options.tick_rate)->check(CLI::Range(1, 128))->capture_default_str();
    command->add_flag("--tls", options.tls, "wss://");
    command->callback([&exit_code] {
        if (auto ran = run_resume(options); !ran) exit_code = fail(ran.error());
    });
}

}  // namespace tidewire::bench
