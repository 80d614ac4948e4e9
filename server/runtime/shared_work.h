// Work that a thread shares with whoever has time: items of a list, done in any order and by any thread, all of them when run()
// returns. Nobody needs to come: then the owner does it all.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

namespace tidewire::server {

class SharedWork {
public:
    /// So many at once: enough for the lock not to matter, few enough for nobody to be waited for long.
    static constexpr std::size_t portion = 16;

    /// The owner's thread: does items 0 to count - 1 by `work`, and returns when all are done. `offered` is called once, when others may
    /// help(). `work` is called from several threads at once, each time for an item of its own.
    void run(std::size_t count, const std::function<void(std::size_t)>& work, const std::function<void()>& offered);

    /// Another thread: takes part in what is being done now, until nothing is left to begin or `leave()` says so between portions.
    void help(const std::function<bool()>& leave);

private:
    /// Takes the next portion. False when nothing is left to begin.
    bool begin_portion(std::size_t& first, std::size_t& last);
    void do_portion(std::size_t first, std::size_t last);

    std::mutex mutex_;
    std::condition_variable all_done_;
    const std::function<void(std::size_t)>* work_ = nullptr;  // while run() runs
    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::size_t done_ = 0;
};

}  // namespace tidewire::server
