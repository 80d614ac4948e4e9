// One thread that sleeps until it is asked.
#include "server/main/file_errand.h"

#include <utility>

namespace tidewire::server {

FileErrand::FileErrand(Run run, Told told)
    : run_(std::move(run)), told_(std::move(told)), thread_([this] { work(); }) {}

FileErrand::~FileErrand() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void FileErrand::request() {
    {
        const std::lock_guard lock(mutex_);
        wanted_ = true;
    }
    changed_.notify_one();
}

void FileErrand::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return wanted_ || ending_; });
        if (ending_) return;
        wanted_ = false;
        lock.unlock();
        told_(run_());
        lock.lock();
    }
}

}  // namespace tidewire::server
