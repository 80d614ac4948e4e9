// The smallest server: every player gets a position.
#include "tidewire/server.h"

#include "rules.h"

int main(int argc, char** argv) {
    tidewire::Server<hello::Schema, Rules> server({.tick_rate = 30});
    server.on_join([](tidewire::Player player) { player.spawn(hello::Pos{}); });
    return tidewire::run_dedicated(server, argc, argv);
}
