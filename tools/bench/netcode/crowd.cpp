// One epoll for all. Who drinks slowly is not asked by it, but looks every tenth of a second.
#include "tools/bench/netcode/crowd.h"

#include <sys/socket.h>

#include <algorithm>

#include "sdk/net/system.h"

namespace tidewire::bench {

namespace {

constexpr Duration sip_every = std::chrono::milliseconds(100);
constexpr Duration connect_patience = std::chrono::seconds(5);
constexpr int small_receive_buffer = 4096;  // of who does not read: the kernel must not read for it

}  // namespace

TimePoint Crowd::Member::due() const {
    TimePoint due = std::min(peer.poll_timeout(), peer.session().next_input());
    if (appetite.bytes_per_second.value_or(0) != 0) due = std::min(due, next_sip);
    return due;
}

Result<Crowd> Crowd::create() {
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{std::move(poller).error()};
    return Crowd(std::move(*poller));
}

Result<void> Crowd::join(std::uint16_t port, const SchemaInfo& schema, const std::string& name, Appetite appetite) {
    auto socket = net::Socket::connect("127.0.0.1", port);
    if (!socket) return Unexpected{std::move(socket).error()};
    if (!net::wait(socket->fd(), {.readable = false, .writable = true}, connect_patience))
        return unexpected(Blame::Machine, "no connection to 127.0.0.1:" + std::to_string(port) + " within 5 s");
    if (auto trouble = socket->connect_error()) return unexpected(Blame::Machine, *trouble);
    if (appetite.bytes_per_second)
        setsockopt(socket->fd(), SOL_SOCKET, SO_RCVBUF, &small_receive_buffer, sizeof(small_receive_buffer));
    const TimePoint now = net::now();
    session::ClientPeer peer(schema, {.player_name = name}, "127.0.0.1:" + std::to_string(port), "/",
                             net::system_random(), now);
    members_.push_back(
        std::make_unique<Member>(std::move(*socket), std::move(peer), appetite, schema.inputs[0].size));
    Member& member = *members_.back();
    member.interest = {.readable = !appetite.bytes_per_second};
    if (auto added = poller_.add(member.socket.fd(), members_.size() - 1, member.interest); !added)
        return Unexpected{std::move(added).error()};
    return run(members_.size() - 1, false, now);
}

Result<void> Crowd::run_until(TimePoint end) {
    for (TimePoint now = net::now(); now < end; now = net::now()) {
        TimePoint next = end;
        for (const auto& member : members_) next = std::min(next, member->due());
        const auto ready = poller_.wait(std::max(Duration(0), next - now));
        now = net::now();
        for (const net::Poller::Ready& each : ready)
            if (auto ran = run(each.key, each.readable, now); !ran) return ran;
        for (std::size_t i = 0; i < members_.size(); ++i)
            if (members_[i]->due() <= now)
                if (auto ran = run(i, false, now); !ran) return ran;
    }
    return {};
}

Result<void> Crowd::run(std::size_t number, bool readable, TimePoint now) {
    Member& member = *members_[number];
    if (readable || (member.appetite.bytes_per_second.value_or(0) != 0 && now >= member.next_sip))
        if (auto got = read(member, now); !got) return got;
    if (member.peer.poll_timeout() <= now) member.peer.handle_timeout(now);
    member.peer.session().advance(now);
    if (member.peer.session().inputs_due() > 0) member.peer.send_due_inputs(0, member.input.data(), now);
    while (const auto event = member.peer.poll_event()) {
        if (event->kind == session::ClientEvent::Kind::Snapshot && on_snapshot)
            on_snapshot(number, member.peer.session().snapshots().newest()->tick, now);
        if (event->kind == session::ClientEvent::Kind::Closed && !member.appetite.bytes_per_second)
            return unexpected(Blame::Peer, "a client of the crowd was closed: " + event->reason);
    }
    return write(member, now);
}

Result<void> Crowd::read(Member& member, TimePoint now) {
    std::size_t room = buffer_.size();
    if (const auto rate = member.appetite.bytes_per_second) {
        room = std::max<std::size_t>(1, *rate / 10);
        member.next_sip = now + sip_every;
    }
    const net::Transfer transfer = member.socket.read(MutableByteSpan(buffer_).first(room));
    if (transfer.outcome == net::Transfer::Outcome::Done)
        member.peer.receive(MutableByteSpan(buffer_).first(transfer.bytes), now);
    else if (transfer.outcome != net::Transfer::Outcome::WouldBlock && !member.appetite.bytes_per_second)
        return unexpected(Blame::Machine, "a client of the crowd lost its connection: " + transfer.message);
    return {};
}

Result<void> Crowd::write(Member& member, TimePoint now) {
    bool blocked = false;
    for (auto parts = member.peer.poll_transmit(); !parts.empty(); parts = member.peer.poll_transmit()) {
        const net::Transfer transfer = member.socket.write(parts);
        blocked = transfer.outcome == net::Transfer::Outcome::WouldBlock;
        if (blocked) break;
        if (transfer.outcome != net::Transfer::Outcome::Done) {
            if (member.appetite.bytes_per_second) break;  // it was closed for what it is
            return unexpected(Blame::Machine, "a client of the crowd lost its connection: " + transfer.message);
        }
        member.peer.transmitted(transfer.bytes, now);
    }
    if (blocked == member.interest.writable) return {};
    member.interest.writable = blocked;
    const auto number = static_cast<std::size_t>(
        std::find_if(members_.begin(), members_.end(), [&](const auto& each) { return each.get() == &member; }) -
        members_.begin());
    poller_.modify(member.socket.fd(), number, member.interest);
    return {};
}

}  // namespace tidewire::bench
