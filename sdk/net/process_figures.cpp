// proc(5), getrusage(2) and getrlimit(2).
#include "sdk/net/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace tidewire::net {

namespace {

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    if (!(file >> all >> resident)) return 0;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds() {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t open_descriptors() {
    struct Close {
        void operator()(DIR* folder) const { ::closedir(folder); }
    };
    const std::unique_ptr<DIR, Close> folder(::opendir("/proc/self/fd"));
    if (!folder) return 0;
    std::uint64_t count = 0;
    while (const dirent* entry = ::readdir(folder.get())) count += entry->d_name[0] == '.' ? 0U : 1U;
    // The folder's own is open for the counting alone.
    return count - 1;
}

std::uint64_t descriptors_max() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

/// When the machine started.
double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string word; file >> word;) {
        if (word != "btime") continue;
        double time = 0;
        return file >> time ? time : 0;
    }
    return 0;
}

double started() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    // The second field is the program's name in brackets, in which anything may stand; the time of the start is the 22nd.
    const std::size_t name_ends = line.rfind(')');
    if (name_ends == std::string::npos) return 0;
    std::istringstream rest(line.substr(name_ends + 1));
    constexpr int fields_between = 19;
    std::string skipped;
    for (int i = 0; i < fields_between; ++i) rest >> skipped;
    double ticks = 0;
    const double boot = boot_time();
    if (!(rest >> ticks) || boot == 0) return 0;
    return boot + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessFigures process_figures() {
    return {.resident_bytes = resident_bytes(),
            .cpu_seconds = cpu_seconds(),
            .open_descriptors = open_descriptors(),
            .descriptors_max = descriptors_max(),
            .started = started()};
}

}  // namespace tidewire::net
