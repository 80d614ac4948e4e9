// The stamp is taken in on_tick, after the inputs; a tick of this many players takes tens of microseconds until there.
#include "tools/bench/netcode/stamped_server.h"

#include <pthread.h>
#include <time.h>

#include "sdk/net/system.h"
#include "tidewire/server.h"
#include "tools/bench/process.h"

namespace tidewire::bench {

namespace {

constexpr std::size_t stamps_held = 8192;

}  // namespace

struct StampedServer::Server : ServerBase {
    Server(Game game, ServerOptions options) : ServerBase(std::move(options)) { game_ = std::move(game); }
};

StampedServer::StampedServer() : stamps_(stamps_held) {}

Result<std::unique_ptr<StampedServer>> StampedServer::start(const Game& game, ServerOptions options) {
    options.address = "127.0.0.1";
    options.port = 0;
    std::unique_ptr<StampedServer> made(new StampedServer);
    Game stamped = game;
    stamped.on_tick = [stamps = &made->stamps_, on_tick = game.on_tick](ServerSim& sim) {
        (*stamps)[sim.tick() % stamps_held] = net::now().time_since_epoch().count();
        if (on_tick) on_tick(sim);
    };
    made->server_ = std::make_unique<Server>(std::move(stamped), std::move(options));
    if (auto listening = made->server_->listen(); !listening) return Unexpected{std::move(listening).error()};
    made->thread_ = std::thread([server = made->server_.get()] {
        pin_to_core(0);
        // What ends it before stop() shows as connections that end.
        static_cast<void>(server->run());
    });
    return made;
}

StampedServer::~StampedServer() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
}

std::uint16_t StampedServer::port() const { return server_->port(); }

TimePoint StampedServer::began(Tick tick) const {
    const std::int64_t stamp = stamps_[tick % stamps_held];
    return stamp == 0 ? never : TimePoint(Duration(stamp));
}

double StampedServer::cpu_seconds() {
    clockid_t clock{};
    timespec used{};
    if (pthread_getcpuclockid(thread_.native_handle(), &clock) == 0) clock_gettime(clock, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

}  // namespace tidewire::bench
