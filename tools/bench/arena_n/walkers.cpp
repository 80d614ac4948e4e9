// One epoll, and one round of inputs after another.
#include "tools/bench/arena_n/walkers.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>
#include <utility>

#include "sdk/net/system.h"

namespace tidewire::bench::arena_n {

namespace {

constexpr Duration period = Duration(std::chrono::seconds(1)) / tick_rate;
constexpr Duration join_patience = std::chrono::seconds(60);
constexpr Duration timeouts_every = std::chrono::milliseconds(500);
/// Inputs of so long go together: who sleeps for each of thousands does nothing else.
constexpr Duration slot = std::chrono::microseconds(250);

Unexpected lost(const std::string& why) { return unexpected(Blame::Machine, "a client lost its connection: " + why); }

/// Beyond what the machine allows everybody, which takes a privilege.
Result<void> enlarge(int fd, std::size_t bytes) {
    const auto wanted = static_cast<int>(bytes);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) == 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted) == 0)
        return {};
    return unexpected(Blame::Machine, "a socket of this machine cannot hold " + std::to_string(bytes) + " bytes");
}

int unread_bytes(int fd) {
    int bytes = 0;
    return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

}  // namespace

Result<Walkers> Walkers::create(const WalkersOptions& options) {
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{std::move(poller).error()};
    return Walkers(std::move(*poller), options);
}

Result<void> Walkers::join_all() {
    for (std::size_t i = 0; i < options_.clients; ++i) {
        if (auto joined = join(); !joined) return joined;
        // The server goes on while they come.
        if (auto ran = run(net::now(), [] { return true; }); !ran) return ran;
    }
    SeededRandom random(options_.seed);
    for (const auto& member : members_) member->phase = slot * random.below(static_cast<std::uint32_t>(period / slot));
    by_phase_.resize(members_.size());
    std::iota(by_phase_.begin(), by_phase_.end(), std::size_t{0});
    std::stable_sort(by_phase_.begin(), by_phase_.end(),
                     [&](std::size_t a, std::size_t b) { return members_[a]->phase < members_[b]->phase; });
    if (auto ran = run(net::now() + join_patience, [&] { return all_play(); }); !ran) return ran;
    if (!all_play()) return unexpected(Blame::Machine, "not all clients play after a minute");
    return {};
}

Result<void> Walkers::join() {
    auto socket = net::Socket::connect("127.0.0.1", options_.port);
    if (!socket) return Unexpected{std::move(socket).error()};
    if (!net::wait(socket->fd(), {.readable = false, .writable = true}, join_patience))
        return unexpected(Blame::Machine, "the server accepts no connection");
    if (auto trouble = socket->connect_error()) return unexpected(Blame::Machine, *trouble);
    const std::size_t number = members_.size();
    const std::size_t probes = std::min(options_.probes, options_.clients);
    // The first of each of as many stretches.
    const bool is_probe =
        number == 0 ? probes != 0 : number * probes / options_.clients != (number - 1) * probes / options_.clients;
    const WalkerOptions options{.port = options_.port,
                                .name = "walker " + std::to_string(number + 1),
                                .seed = options_.seed * 1'000'003 + number,
                                .probes = is_probe,
                                .half_extent = options_.half_extent,
                                .digests = options_.digests};
    if (options_.receive_bytes > 0)
        if (auto enlarged = enlarge(socket->fd(), options_.receive_bytes); !enlarged) return enlarged;
    members_.push_back(std::make_unique<Member>(std::move(*socket), options, net::now()));
    if (auto added = poller_.add(members_.back()->socket.fd(), number, members_.back()->interest); !added)
        return Unexpected{std::move(added).error()};
    return write(number);
}

Result<void> Walkers::run_for(Duration length) {
    return run(net::now() + length, [] { return false; });
}

template <class Done>
Result<void> Walkers::run(TimePoint end, const Done& done) {
    TimePoint round = net::now();  // of inputs
    std::size_t next = 0;          // of by_phase_
    TimePoint timeouts = round + timeouts_every;
    do {
        TimePoint now = net::now();
        const bool steers = next < by_phase_.size();
        const TimePoint due = steers ? round + members_[by_phase_[next]]->phase : round + period;
        for (const net::Poller::Ready& ready :
             poller_.wait(std::max(std::min({due, end, timeouts}) - now, Duration(0)))) {
            if (ready.readable)
                if (auto got = read(ready.key, net::now()); !got) return got;
            if (auto written = write(ready.key); !written) return written;
        }
        now = net::now();
        for (; next < by_phase_.size() && round + members_[by_phase_[next]]->phase <= now; ++next) {
            Member& member = *members_[by_phase_[next]];
            if (!member.walker.playing()) continue;
            member.walker.steer(now);
            if (auto written = write(by_phase_[next]); !written) return written;
        }
        if (next == by_phase_.size() && now >= round + period) {
            round += period;
            next = 0;
        }
        if (now >= timeouts) {
            timeouts = now + timeouts_every;
            for (std::size_t i = 0; i < members_.size(); ++i) {
                members_[i]->walker.handle_timeout(now);
                if (auto written = write(i); !written) return written;
            }
        }
    } while (!done() && net::now() < end);
    return {};
}

Result<void> Walkers::hold_for(Tick ticks, const std::function<void()>& held) {
    // Just after a tick has come to the last of them.
    const Tick before = members_.back()->walker.newest();
    if (auto ran = run(net::now() + period * 2, [&] { return members_.back()->walker.newest() > before; }); !ran)
        return ran;
    const Tick first = members_.back()->walker.newest();
    std::vector<Tick> acknowledged(members_.size(), first);
    // When the last of them has read its tick, which is some time after the first was written: a server in doubt of a way that seems 25 ms
    // longer than it was leaves ticks out.
    const TimePoint began = net::now();
    for (Tick tick = 1; tick <= ticks; ++tick) {
        std::this_thread::sleep_until(std::chrono::steady_clock::now() + (began + period * tick - net::now()));
        for (std::size_t i = 0; i < members_.size(); ++i) {
            // A server that is late has yet to write the tick: nobody acknowledges what was not told.
            const int unread = unread_bytes(members_[i]->socket.fd());
            if (unread == std::exchange(members_[i]->unread, unread)) continue;
            // One that was late has come with the next.
            Tick& told = acknowledged[i];
            told = std::max(std::min(first + tick, told + 2), members_[i]->walker.newest());
            members_[i]->walker.acknowledge(told);
            if (auto written = write(i); !written) return written;
        }
    }
    held();
    const auto behind = [&] {
        return std::any_of(members_.begin(), members_.end(),
                           [&](const auto& member) { return member->walker.newest() < first + ticks - 1; });
    };
    for (const TimePoint patience = net::now() + join_patience; behind() && net::now() < patience;)
        for (const net::Poller::Ready& ready : poller_.wait(period))
            if (auto got = read(ready.key, net::now()); !got) return got;
    if (behind()) return unexpected(Blame::Machine, "a client was not told of all ticks: the kernel did not hold them");
    return {};
}

Result<void> Walkers::read(std::size_t number, TimePoint now) {
    Member& member = *members_[number];
    const net::Transfer transfer = member.socket.read(buffer_);
    if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return {};
    if (transfer.outcome != net::Transfer::Outcome::Done) return lost(transfer.message);
    member.walker.receive(MutableByteSpan(buffer_).first(transfer.bytes), now);
    if (!member.walker.trouble().empty()) return unexpected(Blame::Machine, member.walker.trouble());
    return {};
}

Result<void> Walkers::write(std::size_t number) {
    Member& member = *members_[number];
    bool blocked = false;
    for (auto parts = member.walker.poll_transmit(); !parts.empty() && !blocked;
         parts = member.walker.poll_transmit()) {
        const net::Transfer transfer = member.socket.write(parts);
        blocked = transfer.outcome == net::Transfer::Outcome::WouldBlock;
        if (blocked) break;
        if (transfer.outcome != net::Transfer::Outcome::Done) return lost(transfer.message);
        member.walker.transmitted(transfer.bytes, net::now());
    }
    if (blocked == member.interest.writable) return {};
    member.interest.writable = blocked;
    poller_.modify(member.socket.fd(), number, member.interest);
    return {};
}

bool Walkers::all_play() const {
    return std::all_of(members_.begin(), members_.end(), [](const auto& member) { return member->walker.playing(); });
}

WalkerFigures Walkers::take_figures() {
    WalkerFigures all;
    for (const auto& member : members_) {
        const WalkerFigures figures = member->walker.take_figures();
        all.bytes += figures.bytes;
        all.ticks += figures.ticks;
        all.tick_bytes += figures.tick_bytes;
        all.visible += figures.visible;
        all.probe_ticks += figures.probe_ticks;
        all.leads += figures.leads;
        all.leads_late += figures.leads_late;
        all.margin_ms += figures.margin_ms;
        all.digests.insert(all.digests.end(), figures.digests.begin(), figures.digests.end());
        all.input_to_state_ms.insert(all.input_to_state_ms.end(), figures.input_to_state_ms.begin(),
                                     figures.input_to_state_ms.end());
    }
    return all;
}

}  // namespace tidewire::bench::arena_n
