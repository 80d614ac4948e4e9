// A child process of the bench: this program again with other arguments, on a core of its own, with its CPU time.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tidewire/result.h"

namespace tidewire::bench {

/// Pins the calling process to one core; without effect where there is only one.
void pin_to_core(int core);

inline constexpr int any_core = -1;

class Process {
public:
    /// Runs this very program with `arguments`, pinned to `core` unless it is any_core, and waits for its first line on stdout.
    static Result<Process> start(const std::vector<std::string>& arguments, int core);
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    /// Ends it with SIGTERM and waits.
    ~Process();

    /// Sends it a signal.
    void signal(int number) const;
    /// Ends it with SIGTERM and waits; what it wrote after its first line.
    std::string stop();

    const std::string& first_line() const { return first_line_; }
    /// User and system time so far, in seconds.
    double cpu_seconds() const;
    /// Of its main thread, voluntary or not.
    long context_switches() const;
    /// Open descriptors now.
    std::size_t descriptors() const;
    /// Resident memory now, in KiB.
    long resident_kib() const;

private:
    Process(pid_t pid, int output, std::string first_line)
        : pid_(pid), output_(output), first_line_(std::move(first_line)) {}

    long status(const std::string& name) const;

    pid_t pid_ = -1;
    int output_ = -1;
    std::string first_line_;
};

}  // namespace tidewire::bench
