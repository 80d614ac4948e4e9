// Raw sockets that cost a server what they can: some never read, the others say a byte a second. Who is sent away comes again.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "tidewire/result.h"

namespace tidewire::bench {

/// How far they get before they turn bad.
enum class HostileKind : std::uint8_t {
    Strangers,  ///< Half of those who trickle say a request, the others a Hello; who never reads has only a WebSocket.
    Players,    ///< All join; who trickles says an input.
};

struct HostileOptions {
    std::uint16_t port = 0;
    HostileKind kind = HostileKind::Strangers;
    std::size_t deaf = 500;
    std::size_t tricklers = 500;
};

/// What became of them.
struct HostileFigures {
    std::uint64_t connections = 0;
    std::uint64_t sent_away = 0;  ///< By the server.
    std::uint64_t refused = 0;    ///< Before they were anything.
    std::uint64_t joined = 0;     ///< Of Players: those who said their Hello.
};

/// In a thread of its own, from the start to the end of it, on the core of who makes it.
class HostilePeers {
public:
    explicit HostilePeers(const HostileOptions& options);
    ~HostilePeers();
    HostilePeers(const HostilePeers&) = delete;
    HostilePeers& operator=(const HostilePeers&) = delete;

    /// Ends them; once.
    HostileFigures stop();
    /// Open now.
    std::size_t open() const { return open_; }

private:
    std::atomic<bool> stops_{false};
    std::atomic<std::size_t> open_{0};
    HostileFigures figures_;
    std::thread thread_;
};

}  // namespace tidewire::bench
