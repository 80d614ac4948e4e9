// The whole server between bytes and rooms, without sockets, clocks or threads: connections, HTTP answers, sessions and the
// tick. A shard pumps sockets through it; tests pump it in virtual time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "server/gate/delivery_ladder.h"
#include "server/gate/gate_event.h"
#include "server/room/resources.h"
#include "server/room/room.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

/// Connections beyond connections_max at any one time: enough for a probe of /healthz and for a queue of players to be told
/// why they cannot join, too few to be worth attacking.
inline constexpr std::size_t connections_reserve = 16;

struct GateCounters {
    std::uint64_t ticks = 0;
    std::uint64_t ticks_dropped = 0;  ///< Time that was given up after catch_up_ticks_max.
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t ticks_sent = 0;  ///< Tick messages.
    std::uint64_t ticks_left_out =
        0;  ///< Ticks that a client did not get: its rung, its window or its queue did not allow it.
    std::array<std::uint32_t, rung_count> clients_on_rung{};  ///< At the last tick, by Rung.
    std::uint64_t keyframes = 0;                              ///< Tick messages with a keyframe.
    std::uint64_t events_sent = 0;                            ///< Events and replies, of each client that got one.
};

class Gate {
public:
    /// `game` must outlive the gate. Precondition: Fronts::parse() accepts options.trusted_proxies. The first tick is due one period after `now`.
    Gate(const Game& game, const ServerOptions& options, TimePoint now, RoomResources resources = {});
    ~Gate();

    // Input.
    /// A stream was accepted. Beyond connections_max it only gets an answer by HTTP. Empty when even the reserve for those is
    /// used up, or after shut_down(): close the stream.
    std::optional<ConnectionId> accept(std::string_view peer_address, TimePoint now);
    /// The true client's address, as the PROXY protocol of a trusted front has told it.
    void set_peer_address(ConnectionId connection, std::string_view address);
    void receive(ConnectionId connection, MutableByteSpan bytes, TimePoint now) {
        receive(connection, bytes, now, now);
    }
    /// `arrived`: when the newest of the bytes came, now or before; what came before the bytes before it counts as having come with them.
    void receive(ConnectionId connection, MutableByteSpan bytes, TimePoint arrived, TimePoint now);
    void receive_eof(ConnectionId connection, TimePoint now);
    /// The stream failed.
    void abort(ConnectionId connection, std::string_view reason, TimePoint now);
    /// Runs due ticks and deadlines. Call when poll_timeout() is due, after receive() of what has arrived: a tick takes the
    /// inputs that are here. Ticks run in one go are told to clients as one.
    void handle_timeout(TimePoint now);

    // Command.
    /// Called after each tick of the room, before clients are told of it.
    void on_tick(std::function<void()> callback);
    /// Closes every connection with 1001 and accepts no more.
    void shut_down(std::string_view reason, TimePoint now);

    // Output.
    /// Connections that have something to write, want their sending side shut or are finished, each once; empty when there
    /// are no more. A connection that took only part of its bytes comes again when it has more; write when the stream can.
    std::optional<ConnectionId> poll_ready();
    /// Valid until the next call that is not const.
    std::span<const ByteSpan> poll_transmit(ConnectionId connection);
    void transmitted(ConnectionId connection, std::size_t bytes, TimePoint now);
    /// All is written: shut the stream's sending side (TCP half-close) and read on until the peer closes or finished().
    bool wants_shutdown(ConnectionId connection) const;
    /// What this connection says may wait until just before the next tick, if it is known then when it came.
    bool waits_for_tick(ConnectionId connection) const;
    /// The stream may be closed; call forget() then.
    bool finished(ConnectionId connection) const;
    void forget(ConnectionId connection);
    /// Who came and who left, for logs.
    std::optional<GateEvent> poll_event();
    /// Never later than the next tick.
    TimePoint poll_timeout() const;

    // State.
    std::size_t connection_count() const;
    Room& room();
    const Room& room() const;
    const GateCounters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::server
