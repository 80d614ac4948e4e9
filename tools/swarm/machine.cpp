// getrlimit(2), setrlimit(2) and /proc.
#include "tools/swarm/machine.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

namespace tidewire::swarm {

namespace {

/// Standard streams, readiness sets, files of TLS, and the connection for the metrics.
constexpr std::size_t others = 64;

}  // namespace

Result<void> allow_sockets(std::size_t sockets) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return unexpected(Blame::Machine,
                          std::string("could not ask how many files may be open: ") + std::strerror(errno));
    const rlim_t needed = sockets + others;
    if (limit.rlim_cur >= needed) return {};
    if (limit.rlim_max < needed)
        return unexpected(Blame::Caller,
                          std::to_string(sockets) + " clients need " + std::to_string(needed) +
                              " open files, and this system allows " + std::to_string(limit.rlim_max) +
                              "; raise the hard limit (ulimit -Hn, LimitNOFILE=) or take fewer --clients");
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return unexpected(Blame::Machine,
                          std::string("could not raise the limit of open files: ") + std::strerror(errno));
    return {};
}

double resident_mb() {
    std::ifstream file("/proc/self/statm");
    double whole = 0;
    double resident = 0;
    if (!(file >> whole >> resident)) return 0;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace tidewire::swarm
