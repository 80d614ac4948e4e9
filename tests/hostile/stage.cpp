// The pump: what peers have to say, then the tick, then what the gate has for them, as a shard's turn has it.
#include "tests/hostile/stage.h"

#include <algorithm>
#include <utility>

#include "tools/sim/server_heap.h"

namespace tidewire::hostile {

using sim::ServerCall;

Stage::Stage(const Game& game, ServerOptions options, RandomSource random)
    : schema_(game.schema), tick_rate_(options.tick_rate), start_(1000s), now_(start_) {
    const ServerCall call;
    gate_ = std::make_unique<server::Gate>(game, options, now_, server::RoomResources{}, server::AdmissionSetup{}, std::move(random));
}

Stage::~Stage() {
    const ServerCall call;
    gate_.reset();
}

RawPeer* Stage::try_connect(std::string_view address) {
    std::optional<server::ConnectionId> id;
    {
        const ServerCall call;
        id = gate_->accept(address, now_);
    }
    if (!id) return nullptr;
    peers_.push_back(std::make_unique<RawPeer>(*id, now_));
    return peers_.back().get();
}

RawPeer& Stage::connect(std::string_view address) {
    RawPeer* const peer = try_connect(address);
    REQUIRE(peer != nullptr);
    return *peer;
}

RawPeer& Stage::open(std::string_view address) {
    RawPeer& peer = connect(address);
    say(peer, upgrade_request());
    REQUIRE(peer.status() == 101);
    return peer;
}

RawPeer& Stage::join(std::string_view name) {
    RawPeer& peer = open();
    say_message(peer, wire::encode(hello_for(*schema_, name)));
    REQUIRE(peer.messages > 0);
    REQUIRE(peer.close_code == 0);
    return peer;
}

void Stage::say(RawPeer& peer, ByteSpan bytes) {
    if (peer.over) return;
    buffer_.assign(bytes.begin(), bytes.end());
    {
        const ServerCall call;
        gate_->receive(peer.id, buffer_, now_);
    }
    flush();
}

void Stage::end(RawPeer& peer) {
    if (peer.over) return;
    {
        const ServerCall call;
        gate_->receive_eof(peer.id, now_);
    }
    flush();
}

void Stage::reset(RawPeer& peer, std::string_view reason) {
    if (peer.over) return;
    {
        const ServerCall call;
        gate_->abort(peer.id, reason, now_);
    }
    flush();
}

void Stage::sweep() {
    peers_.erase(std::remove_if(peers_.begin(), peers_.end(), [](const auto& peer) { return peer->over; }),
                 peers_.end());
}

void Stage::run_until(TimePoint end) {
    while (gate_->poll_timeout() <= end) run_tick();
    now_ = std::max(now_, end);
    speak();
}

void Stage::run_tick() {
    now_ = std::max(now_, gate_->poll_timeout());
    speak();
    if (before_tick) before_tick();
    {
        const ServerCall call;
        gate_->handle_timeout(now_);
    }
    flush();
}

Duration Stage::tick_period() const { return Duration(std::chrono::seconds(1)) / tick_rate_; }

TimePoint Stage::tick_at(TimePoint due) const {
    std::int64_t tick = (due - start_).count() * tick_rate_ / 1'000'000;
    const auto instant = [&] { return start_ + Duration(tick * 1'000'000 / tick_rate_); };
    while (instant() < due) ++tick;
    return instant();
}

std::size_t Stage::queued(const RawPeer& peer) {
    if (peer.over) return 0;
    std::size_t bytes = 0;
    for (const ByteSpan part : gate_->poll_transmit(peer.id)) bytes += part.size();
    return bytes;
}

std::int64_t Stage::heap_bytes() { return sim::server_heap_bytes(); }
std::int64_t Stage::heap_allocations() { return sim::server_heap_allocations(); }

std::size_t Stage::count(server::GateEvent::Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [&](const auto& event) { return event.kind == kind; }));
}

void Stage::speak() {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (peers_[i]->to_say.empty()) continue;
        const Bytes said = std::move(peers_[i]->to_say);
        peers_[i]->to_say = Bytes();
        say(*peers_[i], said);
    }
}

void Stage::flush() {
    for (;;) {
        std::optional<server::ConnectionId> id;
        {
            const ServerCall call;
            id = gate_->poll_ready();
        }
        if (!id) break;
        if (RawPeer* const peer = find(*id)) write(*peer);
    }
    const ServerCall call;
    while (auto event = gate_->poll_event())
        if (keeps_events) events.push_back(std::move(*event));
}

void Stage::write(RawPeer& peer) {
    if (peer.over) return;
    for (;;) {
        std::span<const ByteSpan> parts;
        {
            const ServerCall call;
            parts = gate_->poll_transmit(peer.id);
        }
        std::size_t count = 0;
        for (const ByteSpan part : parts) {
            const ByteSpan taken = part.first(std::min(part.size(), peer.room));
            if (taken.empty()) break;
            peer.room -= taken.size();
            count += taken.size();
            peer.hear(taken, now_);
        }
        if (count == 0) break;
        const ServerCall call;
        gate_->transmitted(peer.id, count, now_);
    }
    peer.shut = peer.shut || gate_->standing(peer.id).wants_shutdown;
    if (peer.ends && !peer.ended_ && (peer.shut || peer.closing_at)) {
        peer.ended_ = true;
        const ServerCall call;
        gate_->receive_eof(peer.id, now_);
    }
    if (!gate_->standing(peer.id).finished) return;
    peer.over = true;
    peer.over_at = now_;
    const ServerCall call;
    gate_->forget(peer.id);
}

RawPeer* Stage::find(server::ConnectionId id) const {
    const auto found =
        std::lower_bound(peers_.begin(), peers_.end(), id,
                         [](const auto& peer, server::ConnectionId wanted) { return peer->id < wanted; });
    return found != peers_.end() && (*found)->id == id ? found->get() : nullptr;
}

}  // namespace tidewire::hostile
