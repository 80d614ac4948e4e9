// One thread that sleeps until it is asked.
#include "server/main/key_reloader.h"

#include <utility>

namespace tidewire::server {

KeyReloader::KeyReloader(Reload reload, Told told)
    : reload_(std::move(reload)), told_(std::move(told)), thread_([this] { run(); }) {}

KeyReloader::~KeyReloader() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void KeyReloader::request() {
    {
        const std::lock_guard lock(mutex_);
        wanted_ = true;
    }
    changed_.notify_one();
}

void KeyReloader::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return wanted_ || ending_; });
        if (ending_) return;
        wanted_ = false;
        lock.unlock();
        told_(reload_());
        lock.lock();
    }
}

}  // namespace tidewire::server
