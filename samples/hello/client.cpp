// The smallest client: walks to the right and prints where everybody is.
#include <cstdio>

#include "rules.h"
#include "tidewire/client.h"

int main(int argc, char** argv) {
    tidewire::Client<hello::Schema, Rules> net(argc > 1 ? argv[1] : "ws://localhost:7777");
    while (net.update()) {
        net.input({.dx = 1});
        for (auto [entity, pos] : net.view<hello::Pos>())
            std::printf("%u%s %.2f %.2f\n", entity.index(), net.mine(entity) ? "*" : "", pos.x, pos.y);
    }
    return tidewire::report(net.error());
}
