// A child process of the bench.
#include "tools/bench/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tidewire::bench {

void pin_to_core(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    (void)sched_setaffinity(0, sizeof cores, &cores);
}

Result<Process> Process::start(const std::vector<std::string>& arguments, int core) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return unexpected(Blame::Machine, std::string("pipe: ") + std::strerror(errno));
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return unexpected(Blame::Machine, std::string("fork: ") + std::strerror(errno));
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) _exit(1);
        if (core != any_core) pin_to_core(core);
        dup2(ends[1], STDOUT_FILENO);
        std::vector<char*> argv;
        std::string name = "tidewire-bench";
        argv.push_back(name.data());
        std::vector<std::string> copies = arguments;
        for (std::string& argument : copies) argv.push_back(argument.data());
        argv.push_back(nullptr);
        execv("/proc/self/exe", argv.data());
        _exit(127);
    }
    close(ends[1]);
    std::string line;
    char character = 0;
    while (read(ends[0], &character, 1) == 1 && character != '\n') line += character;
    Process process(pid, ends[0], line);
    if (line.empty())
        return unexpected(Blame::Machine, "the child process '" + arguments.front() + "' ended before it was ready");
    return process;
}

Process::Process(Process&& other) noexcept
    : pid_(other.pid_), output_(other.output_), first_line_(std::move(other.first_line_)) {
    other.pid_ = -1;
    other.output_ = -1;
}

Process::~Process() {
    stop();
    if (output_ >= 0) close(output_);
}

void Process::signal(int number) const { kill(pid_, number); }

std::string Process::stop() {
    if (pid_ <= 0) return {};
    kill(pid_, SIGTERM);
    std::string rest;
    char part[4096];
    for (ssize_t count = 0; (count = read(output_, part, sizeof part)) > 0;)
        rest.append(part, static_cast<std::size_t>(count));
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    return rest;
}

double Process::cpu_seconds() const {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

long Process::context_switches() const {
    return status("voluntary_ctxt_switches:") + status("nonvoluntary_ctxt_switches:");
}

std::size_t Process::descriptors() const {
    std::error_code error;
    const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid_) + "/fd", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

long Process::resident_kib() const { return status("VmRSS:"); }

long Process::status(const std::string& name) const {
    std::ifstream lines("/proc/" + std::to_string(pid_) + "/status");
    std::string line;
    while (std::getline(lines, line))
        if (line.rfind(name, 0) == 0) return std::stol(line.substr(name.size()));
    return 0;
}

}  // namespace tidewire::bench
