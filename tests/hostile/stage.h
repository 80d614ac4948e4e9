// A gate with hundreds of raw peers, in virtual time. No link delays anything here, and a peer takes of the server's bytes what its `room`
// allows, as a kernel's buffers do. For links, and for whole clients, there is tools/sim/virtual_server.h; it costs more than a gate with a
// thousand attackers may.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "server/gate/gate.h"
#include "tests/hostile/figures.h"
#include "tests/hostile/raw_peer.h"

namespace tidewire::hostile {

using namespace std::chrono_literals;

/// A gate, and raw peers around it.
class Stage {
public:
    /// With `random` whoever is lost may come back.
    Stage(const Game& game, ServerOptions options, RandomSource random = {});
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    /// Null when the gate takes no more.
    RawPeer* try_connect(std::string_view address = "virtual");
    RawPeer& connect(std::string_view address = "virtual");
    /// Its WebSocket is open.
    RawPeer& open(std::string_view address = "virtual");
    /// It has said Hello, and is welcome.
    RawPeer& join(std::string_view name = "raw");

    void say(RawPeer& peer, ByteSpan bytes);
    void say(RawPeer& peer, std::string_view bytes) { say(peer, as_bytes(bytes)); }
    /// As one binary message in one frame.
    void say_message(RawPeer& peer, ByteSpan message) { say(peer, client_frame(binary_frame, message)); }
    /// The stream of the peer ends.
    void end(RawPeer& peer);
    /// The stream of the peer fails.
    void reset(RawPeer& peer, std::string_view reason = "Connection reset by peer");
    /// Forgets peers whose connections are over; references to them are gone.
    void sweep();

    void run_until(TimePoint end);
    void run_for(Duration duration) { run_until(now_ + duration); }
    /// To the end of the next tick.
    void run_tick();

    TimePoint now() const { return now_; }
    Duration tick_period() const;
    /// The first tick at or after `due`: when the gate looks at a deadline.
    TimePoint tick_at(TimePoint due) const;
    server::Gate& gate() { return *gate_; }
    server::Room& room() { return gate_->room(); }
    const SchemaInfo& schema() const { return *schema_; }
    std::vector<std::unique_ptr<RawPeer>>& peers() { return peers_; }
    std::vector<server::GateEvent> events;
    bool keeps_events = true;  ///< What is kept counts as the server's memory.
    std::function<void()> before_tick;

    /// What the gate has queued for this peer.
    std::size_t queued(const RawPeer& peer);
    std::size_t memory_bytes(const RawPeer& peer) const { return gate_->memory_bytes(peer.id); }
    /// Of the whole server on the heap: for differences.
    static std::int64_t heap_bytes();
    static std::int64_t heap_allocations();
    /// Of events of this kind.
    std::size_t count(server::GateEvent::Kind kind) const;

private:
    void speak();
    void flush();
    void write(RawPeer& peer);
    RawPeer* find(server::ConnectionId id) const;

    const SchemaInfo* schema_;
    int tick_rate_;
    TimePoint start_;
    TimePoint now_;
    std::unique_ptr<server::Gate> gate_;
    std::vector<std::unique_ptr<RawPeer>> peers_;  // by id, which rise
    Bytes buffer_;
};

}  // namespace tidewire::hostile
