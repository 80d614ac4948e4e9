// All clients of the workload, on sockets of this machine, in the calling thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sdk/net/poller.h"
#include "tools/bench/arena_n/walker.h"

namespace tidewire::bench::arena_n {

struct WalkersOptions {
    std::uint16_t port = 0;
    std::size_t clients = 1;
    std::size_t probes = 8;  ///< Of them, spread over the order in which they come.
    float half_extent = 0;
    std::uint64_t seed = 1;
    bool digests = false;            ///< See WalkerOptions.
    std::size_t receive_bytes = 0;   ///< That the kernel holds for each of them; 0: as it likes.
};

class Walkers {
public:
    static Result<Walkers> create(const WalkersOptions& options);

    /// Connects everybody and waits until all play. Errors: somebody could not, or not within 60 s.
    Result<void> join_all();
    /// Reads, and sends everybody's inputs, each at an instant of its own in the period. Errors: somebody's connection ended.
    Result<void> run_for(Duration length);
    /// Reads nothing for so many ticks, and acknowledges them all the same, in the middle between two of them. Then reads what has come. No
    /// inputs may be sent afterwards. `held` is called before it reads. Errors: as of run_for(), and what the kernel did not hold.
    Result<void> hold_for(Tick ticks, const std::function<void()>& held);
    /// Of everybody since the last call.
    WalkerFigures take_figures();

private:
    struct Member {
        Member(net::Socket connected, const WalkerOptions& options, TimePoint now)
            : socket(std::move(connected)), walker(options, now) {}
        net::Socket socket;
        Walker walker;
        net::Interest interest{.readable = true};
        Duration phase{};  // of its inputs in the period
        int unread = 0;    // bytes that the kernel held for it when they were counted last
    };

    Walkers(net::Poller poller, const WalkersOptions& options) : poller_(std::move(poller)), options_(options) {}
    Result<void> join();
    /// Until then, or until `done` says so.
    template <class Done>
    Result<void> run(TimePoint end, const Done& done);
    Result<void> read(std::size_t number, TimePoint now);
    Result<void> write(std::size_t number);
    bool all_play() const;

    net::Poller poller_;
    WalkersOptions options_;
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<std::size_t> by_phase_;
    Bytes buffer_ = Bytes(256 * 1024);
};

}  // namespace tidewire::bench::arena_n
