// Handlers call what is safe in them: an atomic and a waker.
#include "server/main/signals.h"

#include <atomic>

#include "tidewire/server.h"

namespace tidewire::server {

namespace {

std::atomic<ServerBase*> signalled = nullptr;

void stop_signalled(int) {
    if (ServerBase* server = signalled.load()) server->stop();
}

void reload_signalled(int) {
    if (ServerBase* server = signalled.load()) server->reload();
}

}  // namespace

Signals::Signals(ServerBase& server, bool reloads) {
    signalled = &server;
    for (std::size_t i = 0; i < count; ++i) {
        struct sigaction action = {};
        action.sa_handler = numbers[i] == SIGHUP && reloads ? reload_signalled : stop_signalled;
        sigaction(numbers[i], &action, &before_[i]);
        if (numbers[i] == SIGHUP && !reloads && before_[i].sa_handler == SIG_IGN)
            sigaction(numbers[i], &before_[i], nullptr);
    }
}

Signals::~Signals() {
    for (std::size_t i = 0; i < count; ++i) sigaction(numbers[i], &before_[i], nullptr);
    signalled = nullptr;
}

}  // namespace tidewire::server
