// The order of a turn: read all that has come, then tick, then write all that is due. Reading is part of every turn: a tick that takes
// longer than its period must not keep the shard from it.
#include "server/runtime/shard.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sdk/net/system.h"

namespace tidewire::server {

namespace {

constexpr std::uint64_t listener_key = 0;  // connections are numbered from 1
constexpr std::uint64_t waker_key = std::numeric_limits<std::uint64_t>::max();
constexpr const char* stopping = "the server is stopping";

}  // namespace

Result<std::unique_ptr<Shard>> Shard::create(Gate& gate, net::Listener listener, net::Waker& waker,
                                             ShardOptions options) {
    auto live = net::Poller::create();
    if (!live) return Unexpected{std::move(live).error()};
    if (auto added = live->add(listener.fd(), listener_key, {.readable = true, .exclusive = true}); !added)
        return Unexpected{added.error()};
    if (auto added = live->add(waker.fd(), waker_key, {.readable = true}); !added) return Unexpected{added.error()};
    return std::unique_ptr<Shard>(new Shard(gate, std::move(listener), waker, std::move(*live), options));
}

Shard::Shard(Gate& gate, net::Listener listener, net::Waker& waker, net::Poller live, ShardOptions options)
    : gate_(&gate),
      listener_(std::move(listener)),
      waker_(&waker),
      options_(options),
      links_(gate, std::move(live), options.links),
      mailbox_(options.letters_max) {}

void Shard::set_neighbours(std::vector<Shard*> all) {
    all_ = std::move(all);
    if (all_.size() < 2) return;
    links_.share_writes(shared_writes_, [this] {
        for (const Shard* const each : all_)
            if (each != this) each->waker_->wake();
    });
}

void Shard::run(ShardSignals& signals, const ShardCallbacks& callbacks) {
    for (;;) {
        begin_to_stop(signals);
        wait_and_read();
        take_letters();
        if (signals.reload.exchange(false) && callbacks.on_reload)
            if (const auto tls = callbacks.on_reload())
                for (Shard* const each : all_.empty() ? std::vector<Shard*>{this} : all_) {
                    Letter letter = *tls;
                    each->post(letter);
                }
        run_due_rooms(callbacks);
        links_.write_ready();
        send_departures();
        note_streams();
        while (const auto room = gate_->poll_closed_room()) links_.forget_room(*room);
        while (const auto event = gate_->poll_event())
            if (callbacks.on_event) callbacks.on_event(*event);
        if (stopped()) return;
    }
}

/// First the rooms are drained, for as long as they may take, and whoever comes is told so; then everybody is sent away, and given a
/// moment to hear of it.
void Shard::begin_to_stop(const ShardSignals& signals) {
    if (!signals.stop) return;
    // What was posted before the stop was asked for before it.
    take_letters();
    const TimePoint now = net::now();
    if (drain_until_ == never) {
        drain_until_ = now + options_.drain_max;
        gate_->drain(stopping, options_.drain_max, now);
    }
    if (end_ == never && (gate_->rooms_running() == 0 || now >= drain_until_ || signals.stop_now)) {
        if (listener_watched_) links_.live().remove(listener_->fd());
        listener_.reset();
        accept_again_at_ = never;
        gate_->shut_down(stopping, now);
        end_ = now + options_.shut_down_max;
    }
    if (signals.stop_now) end_ = std::min(end_, now);
}

bool Shard::stopped() const {
    return end_ != never && (gate_->connection_count() == 0 || net::now() >= end_);
}

void Shard::wait_and_read() {
    // What was begun by the stop has to be written before anything is waited for.
    if (drain_until_ != never) links_.write_ready();
    const TimePoint until = std::min({gate_->poll_timeout(), accept_again_at_, end_ == never ? drain_until_ : end_});
    const bool at_once = stopped() || !unposted_.empty();
    const Duration wait = at_once ? Duration::zero() : std::max(until - net::now(), Duration::zero());
    for (const net::Poller::Ready& ready : links_.live().wait(wait)) {
        if (ready.key == listener_key) {
            accept_waiting();
        } else if (ready.key == waker_key) {
            waker_->reset();
            help_neighbours();
        } else {
            links_.look_at(ready);
        }
    }
    if (accept_again_at_ <= net::now()) watch_listener(true);
}

void Shard::accept_waiting() {
    for (std::size_t i = 0; i < options_.accepts_per_turn_max && listener_; ++i) {
        auto accepted = listener_->accept();
        if (!accepted) {
            gate_->note_no_descriptor(accepted.error().message,
                                      listener_->turned_away() - std::exchange(turned_away_, listener_->turned_away()));
            return watch_listener(false);
        }
        if (!*accepted) return;
        auto link = std::make_unique<Links::Link>(Links::Link{.stream = net::Stream(std::move((**accepted).socket))});
        if (proxy_fronts_ != nullptr && proxy_fronts_->trusts((**accepted).peer_address)) {
            link->proxy_header.emplace();
            link->tls = tls_;
        } else if (tls_ && !link->stream.start_tls(*tls_)) {
            continue;
        }
        const auto id = gate_->accept((**accepted).peer_address, net::now());
        if (id && !links_.add(*id, std::move(link))) gate_->forget(*id);
    }
}

void Shard::watch_listener(bool watch) {
    accept_again_at_ = watch ? never : net::now() + options_.accept_pause;
    if (!listener_ || watch == listener_watched_) return;
    if (!watch) {
        links_.live().remove(listener_->fd());
    } else if (!links_.live().add(listener_->fd(), listener_key, {.readable = true, .exclusive = true})) {
        accept_again_at_ = net::now() + options_.accept_pause;
        return;
    }
    listener_watched_ = watch;
}

bool Shard::post(Letter& letter) {
    if (!mailbox_.push(letter)) return false;
    waker_->wake();
    return true;
}

bool Shard::post(GateTask task) {
    Letter letter = std::move(task);
    return post(letter);
}

void Shard::take_letters() {
    for (Letter& letter : mailbox_.take()) {
        if (auto* const tls = std::get_if<net::TlsContext>(&letter))
            tls_ = std::move(*tls);
        else if (const auto* const task = std::get_if<GateTask>(&letter))
            (*task)(*gate_);
        else
            take_in(std::get<Arrival>(std::move(letter)));
    }
}

void Shard::take_in(Arrival arrival) {
    const ConnectionId id = arrival.id;
    // Whoever cannot be waited for is closed, and the peer is not taken in.
    if (links_.add(id, std::move(arrival.link))) gate_->adopt(id, std::move(arrival.peer), net::now());
}

void Shard::send_departures() {
    for (std::size_t i = 0; i < unposted_.size();) {
        if (!all_[unposted_to_[i]]->post(unposted_[i])) {
            ++i;
            continue;
        }
        unposted_.erase(unposted_.begin() + static_cast<std::ptrdiff_t>(i));
        unposted_to_.erase(unposted_to_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    while (const auto departure = gate_->poll_departure()) {
        auto link = links_.take(departure->connection);
        auto peer = gate_->take(departure->connection);
        if (!link || !peer) continue;
        Letter letter =
            Arrival{.id = departure->connection, .peer = std::move(peer), .link = std::move(link)};
        if (all_[departure->shard]->post(letter)) continue;
        unposted_.push_back(std::move(letter));
        unposted_to_.push_back(departure->shard);
    }
}

void Shard::run_due_rooms(const ShardCallbacks& callbacks) {
    if (gate_->room_count() == 0) return gate_->handle_timeout(net::now());
    // Each once at most: then it reads again.
    for (std::size_t left = gate_->room_count(); left > 0; --left) {
        const auto due = gate_->due_room(net::now());
        if (!due) break;
        run_room(*due, callbacks);
    }
    while (const auto due = gate_->due_stand(net::now())) run_stand(*due);
}

void Shard::run_room(RoomNumber room, const ShardCallbacks& callbacks) {
    TickTimes times{.due = gate_->find_room(room)->schedule().due(), .began = net::now(), .told = {}, .written = {}};
    links_.read_players(room);
    // A Pong tells how long its Ping was held: until now, and not until a whole tick has been made and written.
    links_.write_ready();
    gate_->run_room(room, net::now());
    times.told = net::now();
    links_.write_ready();
    times.written = net::now();
    gate_->note_tick_times(room, times);
    if (callbacks.on_tick) callbacks.on_tick(room, times);
}

/// What players are told of the tick is written by now.
void Shard::run_stand(RoomNumber room) {
    StandTimes times{.began = net::now(), .written = {}};
    links_.read_players(stand_of(room));
    links_.write_ready();
    gate_->run_stand(room, net::now());
    links_.write_ready();
    times.written = net::now();
    gate_->note_stand_times(room, times);
}

void Shard::note_streams() {
    const TimePoint now = net::now();
    if (now < streams_noted_at_ + options_.streams_noted_every) return;
    streams_noted_at_ = now;
    gate_->note_streams(links_.stream_figures());
}

void Shard::help_neighbours() {
    const std::function<bool()> leave = [this] { return net::now() >= gate_->poll_timeout(); };
    for (Shard* const each : all_)
        if (each != this) each->shared_writes_.help(leave);
}

}  // namespace tidewire::server
