// Portions under one lock: a thousand writes take it sixty times.
#include "server/runtime/shared_work.h"

#include <algorithm>

namespace tidewire::server {

void SharedWork::run(std::size_t count, const std::function<void(std::size_t)>& work,
                     const std::function<void()>& offered) {
    {
        const std::lock_guard lock(mutex_);
        work_ = &work;
        count_ = count;
        next_ = 0;
        done_ = 0;
    }
    offered();
    std::size_t first = 0;
    std::size_t last = 0;
    while (begin_portion(first, last)) do_portion(first, last);
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [&] { return done_ == count_; });
    work_ = nullptr;
}

void SharedWork::help(const std::function<bool()>& leave) {
    std::size_t first = 0;
    std::size_t last = 0;
    while (!leave() && begin_portion(first, last)) do_portion(first, last);
}

bool SharedWork::begin_portion(std::size_t& first, std::size_t& last) {
    const std::lock_guard lock(mutex_);
    if (work_ == nullptr || next_ == count_) return false;
    first = next_;
    last = std::min(count_, first + portion);
    next_ = last;
    return true;
}

void SharedWork::do_portion(std::size_t first, std::size_t last) {
    // It stays while this portion is not done: run() waits for it.
    for (std::size_t i = first; i < last; ++i) (*work_)(i);
    const std::lock_guard lock(mutex_);
    done_ += last - first;
    if (done_ == count_) all_done_.notify_one();
}

}  // namespace tidewire::server
