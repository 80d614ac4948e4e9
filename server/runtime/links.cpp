// Level-triggered: what is left over in one turn is ready again in the next.
#include "server/runtime/links.h"

#include <algorithm>
#include <utility>

#include "sdk/net/system.h"
#include "server/gate/peer.h"

namespace tidewire::server {

namespace {

std::uint64_t key_of(ConnectionId id) { return static_cast<std::uint64_t>(id); }

}  // namespace

Links::Links(Gate& gate, net::Poller live, LinkLimits limits)
    : gate_(&gate), limits_(limits), live_(std::move(live)), buffer_(limits.read_bytes_max) {}

Links::~Links() = default;

void Links::share_writes(SharedWork& work, std::function<void()> offered) {
    shared_work_ = &work;
    offered_ = std::move(offered);
}

bool Links::add(ConnectionId id, std::unique_ptr<Link> link) {
    if (!enter(id, *link, nullptr)) return false;
    links_.insert(id, std::move(link));
    return true;
}

std::unique_ptr<Links::Link> Links::take(ConnectionId id) {
    std::unique_ptr<Link> link = links_.take(id);
    if (link) leave_set(*link);
    return link;
}

void Links::look_at(const net::Poller::Ready& ready) {
    const auto id = ConnectionId{ready.key};
    Link* const found = links_.find(id);
    if (found == nullptr) return;
    Link& link = *found;
    if (link.proxy_header && !read_proxy_header(id, link)) return;
    if (!link.stream.established()) return establish(id, link);
    if (ready.readable && link.interest.readable)
        read(id, link);
    else if (ready.hangup)
        gate_->abort(id, "the connection was lost", net::now());
    if (ready.writable) {
        watch(id, link, {.readable = link.interest.readable, .writable = false});
        write(id, link);
    }
}

void Links::read_players(RoomNumber number) {
    RoomLinks* const room = find_room(number);
    if (room == nullptr) return;
    const TimePoint began = net::now();
    // Who sends more than is read at once stays ready, and must not be read again for each of the others: a look at each is enough.
    for (std::size_t left = room->count; left > 0;) {
        const std::span<const net::Poller::Ready> ready = room->poller.wait(Duration::zero());
        for (const net::Poller::Ready& each : ready) look_at(each);
        if (ready.size() < net::Poller::ready_max) break;
        left -= std::min(left, ready.size());
    }
    room->read_at = began;
}

/// True: the header is behind us, and TLS may begin.
bool Links::read_proxy_header(ConnectionId id, Link& link) {
    const auto header = link.proxy_header->read(link.stream);
    if (!header) {
        gate_->abort(id, header.error().message, net::now());
        return false;
    }
    if (!*header) return false;
    if ((*header)->client) gate_->set_peer_address(id, (*header)->client->to_string());
    link.proxy_header.reset();
    if (!link.tls) return true;
    const auto started = link.stream.start_tls(*link.tls);
    link.tls.reset();
    if (started) return true;
    gate_->abort(id, started.error().message, net::now());
    return false;
}

/// Goes on with the TLS handshake. Its time limit is the gate's: a connection opens within so long, whatever it does.
void Links::establish(ConnectionId id, Link& link) {
    const net::Transfer transfer = link.stream.establish();
    switch (transfer.outcome) {
        case net::Transfer::Outcome::Done:
            watch(id, link, {.readable = true});
            read(id, link);
            break;
        case net::Transfer::Outcome::WouldBlock:
            watch(id, link, {.readable = true, .writable = link.stream.wants_write()});
            break;
        case net::Transfer::Outcome::Eof:
            gate_->abort(id, "the stream ended before it was open", net::now());
            break;
        case net::Transfer::Outcome::Failed:
            gate_->abort(id, transfer.message, net::now());
            break;
    }
}

void Links::read(ConnectionId id, Link& link) {
    std::size_t bytes = 0;
    do {
        const net::Transfer transfer = link.stream.read(buffer_);
        switch (transfer.outcome) {
            case net::Transfer::Outcome::Done: {
                const TimePoint now = net::now();
                // What was not there at the last look has come since then, whatever its stamp says: the time of day may have been set, and
                // of what had to wait for a lost packet the stamp is its own.
                const TimePoint since = link.at_ticks != nullptr ? link.at_ticks->read_at : TimePoint{};
                gate_->receive(id, MutableByteSpan(buffer_).first(transfer.bytes),
                               std::max(transfer.arrived.value_or(now), since), now);
                bytes += transfer.bytes;
                break;
            }
            case net::Transfer::Outcome::WouldBlock:
                return;
            case net::Transfer::Outcome::Eof:
                // The end stays readable for ever: look for writability and hang-up only.
                watch(id, link, {.readable = false, .writable = link.interest.writable});
                return gate_->receive_eof(id, net::now());
            case net::Transfer::Outcome::Failed:
                return gate_->abort(id, transfer.message, net::now());
        }
        // What TLS has decrypted already the poller does not see. And a read yields one record of it, where more may wait: the next look is a
        // tick away.
    } while (link.stream.pending() ||
             (link.at_ticks != nullptr && link.stream.secured() && bytes < limits_.read_bytes_max));
}

StreamFigures Links::stream_figures() const {
    StreamFigures sum;
    links_.for_each([&](ConnectionId, const Link& link) {
        const auto info = link.stream.tcp_info();
        if (!info) return;
        sum.unacknowledged_bytes += info->unacknowledged_bytes;
        sum.unsent_bytes += info->unsent_bytes;
        sum.retransmits += info->retransmits;
    });
    return sum;
}

void Links::write_ready() {
    if (shared_work_ == nullptr) {
        while (const auto id = gate_->poll_ready())
            if (Link* const link = links_.find(*id)) write(*id, *link);
        return;
    }
    do {
        writes_.clear();
        while (const auto id = gate_->poll_ready()) {
            Link* const link = links_.find(*id);
            if (link != nullptr) writes_.push_back({.id = *id, .link = link, .parts = {}, .transfer = {}});
        }
        if (writes_.size() >= limits_.shared_writes_min) {
            write_together();
        } else {
            for (const Write& each : writes_) write(each.id, *each.link);
        }
    } while (!writes_.empty());
}

/// One write to each by whoever has time, and all the rest of it here: what a connection's bytes are does not depend on who wrote them.
void Links::write_together() {
    for (Write& each : writes_) {
        if (can_write(*each.link)) each.parts = gate_->poll_transmit(each.id);
    }
    const auto nothing = std::partition(writes_.begin(), writes_.end(), [](const Write& w) { return !w.parts.empty(); });
    shared_work_->run(static_cast<std::size_t>(nothing - writes_.begin()), write_one_, offered_);
    for (const Write& each : writes_) {
        if (!each.parts.empty()) note_written(each.id, *each.link, each.transfer);
        write(each.id, *each.link);
    }
}

void Links::note_written(ConnectionId id, Link& link, const net::Transfer& transfer) {
    if (transfer.outcome == net::Transfer::Outcome::Done)
        gate_->transmitted(id, transfer.bytes, net::now());
    else if (transfer.outcome == net::Transfer::Outcome::WouldBlock)
        watch(id, link, {.readable = link.interest.readable, .writable = true});
    else
        gate_->abort(id, transfer.message, net::now());
}

void Links::write(ConnectionId id, Link& link) {
    while (can_write(link)) {
        const std::span<const ByteSpan> parts = gate_->poll_transmit(id);
        if (parts.empty()) break;
        note_written(id, link, link.stream.write(parts));
    }
    const Gate::Standing standing = gate_->standing(id);
    if (standing.finished) return close(id);
    place(id, link, standing.waits_for_tick);
    if (!standing.wants_shutdown || link.shut) return;
    link.shut = true;
    link.stream.shut_down_sending();
}

void Links::watch(ConnectionId id, Link& link, net::Interest interest) {
    link.interest = interest;
    set_of(link).modify(link.stream.fd(), key_of(id), interest);
}

void Links::place(ConnectionId id, Link& link, std::optional<RoomNumber> waits_for_tick) {
    const auto room = can_write(link) ? waits_for_tick : std::nullopt;
    if (room ? link.at_ticks != nullptr && link.at_ticks->room == *room : link.at_ticks == nullptr) return;
    // What a tick is told of the times of inputs must be true: without stamps everybody is read at once.
    if (room && !link.notes_arrivals && !(link.notes_arrivals = link.stream.note_arrivals())) return;
    RoomLinks* const set = room ? room_links(*room) : nullptr;
    if (room && set == nullptr) return;
    leave_set(link);
    if (!enter(id, link, set)) gate_->abort(id, "no memory is left to wait for the connection", net::now());
}

Links::RoomLinks* Links::find_room(RoomNumber number) {
    const auto found = rooms_.find(number);
    return found == rooms_.end() ? nullptr : found->second.get();
}

/// Null when the machine has no descriptor left for it.
Links::RoomLinks* Links::room_links(RoomNumber number) {
    if (RoomLinks* const room = find_room(number)) return room;
    auto poller = net::Poller::create();
    if (!poller) return nullptr;
    auto& room = rooms_[number];
    room = std::make_unique<RoomLinks>(RoomLinks{.room = number, .poller = std::move(*poller)});
    return room.get();
}

void Links::forget_room(RoomNumber number) {
    rooms_.erase(number);
    rooms_.erase(stand_of(number));
}

bool Links::enter(ConnectionId id, Link& link, RoomLinks* set) {
    link.at_ticks = set;
    if (set != nullptr) ++set->count;
    return static_cast<bool>(set_of(link).add(link.stream.fd(), key_of(id), link.interest));
}

void Links::leave_set(Link& link) {
    set_of(link).remove(link.stream.fd());
    if (link.at_ticks != nullptr) --link.at_ticks->count;
    link.at_ticks = nullptr;
}

void Links::close(ConnectionId id) {
    take(id);
    gate_->forget(id);
}

}  // namespace tidewire::server
