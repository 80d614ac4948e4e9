// Signals that stop a dedicated server, or make it read its certificate and keys again.
#pragma once

#include <csignal>
#include <cstddef>
#include <iterator>

namespace tidewire {
class ServerBase;
}

namespace tidewire::server {

/// While this lives SIGINT, SIGTERM and the alarm of --seconds stop the server. So does SIGHUP, the end of its terminal,
/// unless the server has a certificate or keys to read again or an audit log to open again (daemons have no terminal), or was started to
/// ignore it, as nohup does. One process runs one dedicated server.
class Signals {
public:
    Signals(ServerBase& server, bool reloads);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

private:
    static constexpr int numbers[] = {SIGINT, SIGTERM, SIGALRM, SIGHUP};
    static constexpr std::size_t count = std::size(numbers);
    struct sigaction before_[count] = {};
};

}  // namespace tidewire::server
