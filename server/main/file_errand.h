// Reads or writes files when it is asked, in a thread of its own: no room waits for a disk.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "tidewire/result.h"

namespace tidewire::server {

class FileErrand {
public:
    using Run = std::function<Result<void>()>;
    using Told = std::function<void(const Result<void>&)>;

    /// Both are called from the thread; `told` after each run, with what came of it.
    FileErrand(Run run, Told told);
    /// Waits for the run that has begun; what was asked for since is left undone.
    ~FileErrand();
    FileErrand(const FileErrand&) = delete;
    FileErrand& operator=(const FileErrand&) = delete;

    /// From now on it runs once more at least. Returns at once. From any thread, though not from a signal handler.
    void request();

private:
    void work();

    Run run_;
    Told told_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool wanted_ = false;
    bool ending_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace tidewire::server
