// Threads share the site and the listening queue, and hand each other connections; all else is one thread's own.
#include "server/runtime/shards.h"

#include <sched.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "sdk/net/system.h"

namespace tidewire::server {

namespace {

/// Where there is a core for each: a thread that is woken to help must not wait for the one that it helps.
class Cores {
public:
    explicit Cores(std::size_t threads) {
        CPU_ZERO(&allowed_);
        spread_ = threads > 1 && sched_getaffinity(0, sizeof allowed_, &allowed_) == 0 &&
                  static_cast<std::size_t>(CPU_COUNT(&allowed_)) >= threads;
    }
    /// The calling thread stays on its own core from now on.
    void take(std::size_t thread) const {
        if (!spread_) return;
        cpu_set_t one;
        CPU_ZERO(&one);
        for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
            if (!CPU_ISSET(core, &allowed_) || thread-- != 0) continue;
            CPU_SET(core, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
    }
    /// It may go anywhere again.
    void leave() const {
        if (spread_) sched_setaffinity(0, sizeof allowed_, &allowed_);
    }

private:
    cpu_set_t allowed_;
    bool spread_ = false;
};

}  // namespace

Result<std::unique_ptr<Shards>> Shards::create(Site& site, std::uint32_t count, net::Listener listener,
                                               ShardOptions options) {
    std::unique_ptr<Shards> shards(new Shards(site));
    std::vector<Shard*> all;
    for (std::uint32_t number = 0; number < count; ++number) {
        auto waker = net::Waker::create();
        if (!waker) return Unexpected{std::move(waker).error()};
        // All wait at one queue: who has time accepts, and nobody's tick holds up those who wait.
        auto own = listener.share();
        if (!own) return Unexpected{std::move(own).error()};
        auto member = std::make_unique<Member>(site, number, std::move(*waker), net::now());
        auto shard = Shard::create(*member->gate, std::move(*own), member->waker, options);
        if (!shard) return Unexpected{std::move(shard).error()};
        member->shard = std::move(*shard);
        if (site.options.proxy_protocol) member->shard->set_proxy_protocol(site.fronts);
        all.push_back(member->shard.get());
        shards->members_.push_back(std::move(member));
    }
    for (Shard* const each : all) each->set_neighbours(all);
    site.directory.set_shards(count);
    site.wake = [members = &shards->members_](std::uint32_t shard) { members->at(shard)->waker.wake(); };
    return shards;
}

Shards::~Shards() { site_->wake = {}; }

Shards::Turn Shards::next_turn() {
    const auto count = static_cast<std::uint32_t>(members_.size());
    if (rooms_ == 0) start_ = net::now();
    const std::uint32_t turn = rooms_;
    const std::uint32_t on_each = std::max(1U, (site_->options.rooms + count - 1) / count);
    const Duration period = Duration(std::chrono::seconds(1)) / site_->options.tick_rate;
    return {members_[turn % count]->gate.get(), start_ + period * (turn / count % on_each) / on_each};
}

HostedRoom& Shards::open_room(RoomSetup setup) {
    const Turn turn = next_turn();
    ++rooms_;
    return turn.gate->open_room(std::move(setup), turn.start);
}

Result<HostedRoom*> Shards::restore_room(RoomSetup setup, const SavedGame& saved) {
    const Turn turn = next_turn();
    auto restored = turn.gate->restore_room(std::move(setup), saved, turn.start);
    if (restored) ++rooms_;
    return restored;
}

void Shards::set_tls(const net::TlsContext& tls) {
    for (const auto& member : members_) member->shard->set_tls(tls);
}

std::size_t Shards::post(const GateTask& task) {
    std::size_t taken = 0;
    for (const auto& member : members_) taken += member->shard->post(task) ? 1U : 0U;
    return taken;
}

Result<void> Shards::run(const ShardCallbacks& callbacks) {
    ShardCallbacks guarded = callbacks;
    guarded.on_event = [this, &callbacks](const GateEvent& event) {
        const bool ended = event.kind == GateEvent::Kind::RoomClosed || event.kind == GateEvent::Kind::RoomFailed ||
                           event.kind == GateEvent::Kind::RoomSaved;
        {
            const std::lock_guard lock(mutex_);
            if (callbacks.on_event) callbacks.on_event(event);
        }
        if (ended && site_->directory.size() == 0 && !site_->options.client_rooms.allowed) end();
    };
    const Cores cores(members_.size());
    std::vector<std::thread> threads;
    std::optional<std::string> no_thread;
    try {
        for (std::size_t i = 1; i < members_.size(); ++i)
            threads.emplace_back([i, member = members_[i].get(), &guarded, &cores] {
                cores.take(i);
                member->shard->run(member->signals, guarded);
            });
    } catch (const std::system_error& thrown) {
        no_thread = "no thread for shard " + std::to_string(threads.size() + 2) + " of " + std::to_string(members_.size()) + ": " +
                    thrown.what() + "; run with fewer (--shards), or let the machine give more";
        for (const auto& member : members_) member->signals.stop_now = true;
        end();
    }
    cores.take(0);
    members_.front()->shard->run(members_.front()->signals, guarded);
    cores.leave();
    for (std::thread& thread : threads) thread.join();
    if (no_thread) return unexpected(Blame::Machine, std::move(*no_thread));
    return {};
}

void Shards::end() {
    for (const auto& member : members_) {
        member->signals.stop = true;
        member->waker.wake();
    }
}

void Shards::stop() {
    if (drain()) return;
    for (const auto& member : members_) member->signals.stop_now = true;
    end();
}

bool Shards::drain() {
    if (stopped_.exchange(true)) return false;
    end();
    return true;
}

void Shards::reload() {
    // The first tells the others.
    members_.front()->signals.reload = true;
    members_.front()->waker.wake();
}

GateCounters Shards::counters() const {
    GateCounters sum;
    for (const auto& member : members_) sum += member->gate->counters();
    return sum;
}

RoomCounters Shards::room_counters() const {
    RoomCounters sum;
    for (const auto& member : members_) sum += member->gate->room_counters();
    return sum;
}

}  // namespace tidewire::server
