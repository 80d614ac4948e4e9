// Many headless clients of the real client core over sockets of this machine, in the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sdk/core/session/client_peer.h"
#include "sdk/net/poller.h"
#include "tidewire/result.h"

namespace tidewire::bench {

/// What a member of the crowd reads.
struct Appetite {
    /// Bytes per second that it takes from its socket, in sips of a tenth of a second; 0: nothing at all. Empty: what is there.
    std::optional<std::size_t> bytes_per_second{};
};

class Crowd {
public:
    static Result<Crowd> create();

    /// Connects one more to 127.0.0.1; it says that it is `name`. `schema` must outlive the crowd.
    Result<void> join(std::uint16_t port, const SchemaInfo& schema, const std::string& name, Appetite appetite = {});
    /// Reads, answers and sends neutral inputs until then. Errors: a connection failed, or a server closed it that was to be read.
    Result<void> run_until(TimePoint end);

    std::size_t size() const { return members_.size(); }
    session::ClientSession& session(std::size_t member) { return members_[member]->peer.session(); }
    /// Called for each snapshot that a member has applied.
    std::function<void(std::size_t member, Tick tick, TimePoint now)> on_snapshot;

private:
    struct Member {
        Member(net::Socket connected, session::ClientPeer made, Appetite eats, std::size_t input_bytes)
            : socket(std::move(connected)), peer(std::move(made)), appetite(eats), input(input_bytes) {}

        TimePoint due() const;

        net::Socket socket;
        session::ClientPeer peer;
        Appetite appetite;
        Bytes input;  // neutral
        TimePoint next_sip{};
        net::Interest interest{};
    };

    explicit Crowd(net::Poller poller) : poller_(std::move(poller)) {}
    Result<void> run(std::size_t number, bool readable, TimePoint now);
    Result<void> read(Member& member, TimePoint now);
    Result<void> write(Member& member, TimePoint now);

    net::Poller poller_;
    std::vector<std::unique_ptr<Member>> members_;
    Bytes buffer_ = Bytes(64 * 1024);
};

}  // namespace tidewire::bench
