// Reads files of keys again, in a thread of its own: no room waits for a disk.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "tidewire/result.h"

namespace tidewire::server {

class KeyReloader {
public:
    using Reload = std::function<Result<void>()>;
    using Told = std::function<void(const Result<void>&)>;

    /// Both are called from the thread; `told` after each reading, with what came of it.
    KeyReloader(Reload reload, Told told);
    /// Waits for what is being read.
    ~KeyReloader();
    KeyReloader(const KeyReloader&) = delete;
    KeyReloader& operator=(const KeyReloader&) = delete;

    /// From now on it is read once more at least. Returns at once. From any thread, though not from a signal handler.
    void request();

private:
    void run();

    Reload reload_;
    Told told_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool wanted_ = false;
    bool ending_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace tidewire::server
