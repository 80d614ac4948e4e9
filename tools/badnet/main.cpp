// tidewire-badnet LISTEN TARGET: real programs over a link that is bad the way TCP is bad.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "sdk/core/base/printable.h"
#include "sdk/net/link_presets.h"
#include "tidewire/version.h"
#include "tools/badnet/proxy.h"

namespace tidewire::badnet {

namespace {

net::Waker* stopped_by = nullptr;

struct Place {
    std::string host;
    std::uint16_t port = 0;
};

/// "7000", "127.0.0.1:7000", "[::1]:7000", "localhost:7777". Without a host: this machine.
std::optional<Place> parse_place(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    std::string host = colon == std::string::npos ? "127.0.0.1" : text.substr(0, colon);
    const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host.empty() || port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    const int number = std::stoi(port);
    if (number > 65535) return std::nullopt;
    return Place{host, static_cast<std::uint16_t>(number)};
}

/// What the flags say; those that were not given leave what the preset says.
struct Flags {
    std::string preset;
    std::optional<double> delay_ms;
    std::optional<double> jitter_ms;
    std::optional<double> rate_kbit;
    std::optional<double> stall_every_ms;
    std::optional<double> stall_for_ms;
    std::size_t queue_kib = 256;
    std::optional<double> drop_rate_kbit;
    double drop_at_s = 5;
    double drop_for_s = 5;
};

Duration from_ms(double milliseconds) { return Duration(static_cast<std::int64_t>(milliseconds * 1000)); }

net::LinkOptions apply(const Flags& flags, net::LinkOptions link) {
    if (flags.delay_ms) link.latency = from_ms(*flags.delay_ms);
    if (flags.jitter_ms) link.jitter = from_ms(*flags.jitter_ms);
    if (flags.rate_kbit) link.bytes_per_second = static_cast<std::size_t>(*flags.rate_kbit * 125);
    if (flags.stall_every_ms) link.stall_every = from_ms(*flags.stall_every_ms);
    if (flags.stall_for_ms) link.stall_for = from_ms(*flags.stall_for_ms);
    link.held_bytes_max = flags.queue_kib * 1024;
    return link;
}

std::optional<Episode> episode_of(const Flags& flags, net::LinkOptions up, net::LinkOptions down) {
    if (!flags.drop_rate_kbit) return std::nullopt;
    up.bytes_per_second = down.bytes_per_second = static_cast<std::size_t>(*flags.drop_rate_kbit * 125);
    return Episode{
        .begin = from_ms(flags.drop_at_s * 1000), .length = from_ms(flags.drop_for_s * 1000), .up = up, .down = down};
}

int fail(const std::string& sentence, int exit_code) {
    std::fprintf(stderr, "tidewire-badnet: %s\n", sentence.c_str());
    return exit_code;
}

int run(const Place& listen, const Place& target, const Flags& flags, std::uint64_t seed) {
    net::LinkPreset link{};
    if (!flags.preset.empty()) {
        const net::LinkPreset* const preset = net::find_link_preset(flags.preset);
        if (preset == nullptr)
            return fail(
                "--preset: there is no \"" + printable(flags.preset) + "\"; say one of " + net::link_preset_names(), 2);
        link = *preset;
    }
    auto listener = net::Listener::listen(listen.host, listen.port);
    if (!listener) return fail(listener.error().message, 1);
    auto proxy = Proxy::create(std::move(*listener), {.target_host = target.host,
                                                      .target_port = target.port,
                                                      .up = apply(flags, link.up),
                                                      .down = apply(flags, link.down),
                                                      .seed = seed,
                                                      .episode = episode_of(flags, apply(flags, link.up),
                                                                            apply(flags, link.down))});
    if (!proxy) return fail(proxy.error().message, 1);
    auto waker = net::Waker::create();
    if (!waker) return fail(waker.error().message, 1);
    stopped_by = &*waker;
    for (const int signal_number : {SIGINT, SIGTERM}) signal(signal_number, [](int) { stopped_by->wake(); });
    signal(SIGPIPE, SIG_IGN);
    std::printf("listening on %s:%u, to %s:%u%s%s\n", listen.host.c_str(), proxy->port(), target.host.c_str(),
                target.port, flags.preset.empty() ? "" : ", over ", std::string(link.title).c_str());
    std::fflush(stdout);
    proxy->run(*waker);
    return 0;
}

}  // namespace

}  // namespace tidewire::badnet

int main(int argc, char** argv) {
    using namespace tidewire::badnet;
    CLI::App app(
        "A TCP proxy that makes a link bad the way TCP is bad: late, slow, and now and then nothing for a while.\n"
        "Flags count for each direction, and override the preset's.");
    app.set_version_flag("--version", "Tidewire " + std::string(tidewire::version), "Print the version and exit");
    std::string listen;
    std::string target;
    Flags flags;
    std::uint64_t seed = 1;
    app.add_option("LISTEN", listen, "Where to listen: a port, or ADDRESS:PORT; 0 takes a free one")->required();
    app.add_option("TARGET", target, "Where the server is: a port, or HOST:PORT")->required();
    app.add_option("--preset", flags.preset, "A link that players have: " + tidewire::net::link_preset_names());
    app.add_option("--delay", flags.delay_ms, "Milliseconds, one way")->check(CLI::NonNegativeNumber);
    app.add_option("--jitter", flags.jitter_ms, "Milliseconds on top, from 0 up to this")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--rate", flags.rate_kbit, "Kilobits per second; 0: no limit")->check(CLI::NonNegativeNumber);
    app.add_option("--stall-every", flags.stall_every_ms, "Milliseconds from stall to stall; 0: none")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--stall-for", flags.stall_for_ms, "Milliseconds that a stall holds up what follows")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--queue", flags.queue_kib, "KiB that wait on the way before the sender is held up")
        ->check(CLI::Range(1, 1024 * 1024))
        ->capture_default_str();
    app.add_option("--drop-rate", flags.drop_rate_kbit,
                   "Kilobits per second for a while, in each connection: see --drop-at and --drop-for")
        ->check(CLI::PositiveNumber);
    app.add_option("--drop-at", flags.drop_at_s, "Seconds from the connection to the drop")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--drop-for", flags.drop_for_s, "Seconds that the drop lasts")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seed", seed, "Of all that varies")->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        return fail(std::string(error.what()) + "; see --help", 2);
    }
    const auto listen_place = parse_place(listen);
    const auto target_place = parse_place(target);
    if (!listen_place)
        return fail("LISTEN is \"" + tidewire::printable(listen) + "\"; write a port or ADDRESS:PORT", 2);
    if (!target_place || target_place->port == 0)
        return fail("TARGET is \"" + tidewire::printable(target) + "\"; write a port or HOST:PORT", 2);
    return run(*listen_place, *target_place, flags, seed);
}
