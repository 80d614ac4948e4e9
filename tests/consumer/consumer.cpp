// Plays hello with itself: a server on a free port and a client that walks until it sees itself move.
#include <cmath>
#include <cstdio>
#include <string>
#include <thread>

#include "rules.h"
#include "tidewire/client.h"
#include "tidewire/server.h"

int main() {
    tidewire::Server<hello::Schema, Rules> server({.address = "127.0.0.1", .port = 0, .tick_rate = 60});
    server.on_join([](tidewire::Player player) { player.spawn(hello::Pos{}); });
    if (auto listening = server.listen(); !listening) return tidewire::report(listening.error());
    std::thread thread([&] { (void)server.run(); });

    bool moved = false;
    {
        tidewire::Client<hello::Schema, Rules> net("ws://127.0.0.1:" + std::to_string(server.port()));
        for (int updates = 0; updates < 600 && !moved && net.update(); ++updates) {
            net.input({.dx = 1});
            for (auto [entity, pos] : net.view<hello::Pos>()) moved = moved || (net.mine(entity) && pos.x > 0.5F);
        }
        tidewire::report(net.error());
    }
    server.stop();
    thread.join();
    std::puts(moved ? "consumer: moved" : "consumer: did not move");
    return moved ? 0 : 1;
}
