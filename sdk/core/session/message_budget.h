// How often one client may say what: a table of the kinds of messages, what each takes, and what is said to who goes beyond.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sdk/core/base/time.h"
#include "sdk/core/session/event_limiter.h"
#include "sdk/core/ws/token_bucket.h"
#include "tidewire/event_rate.h"

namespace tidewire::session {

/// Each beyond its burst ends the session with 1008. A Hello and a Goodbye come once, by the state of the session; what a client
/// acknowledges, state and parts, stands in its Inputs.
struct MessageRates {
    double pings_per_second = 20;  ///< Pings and Pongs: each Ping costs a Pong; a client sends 10 in its first second, then 4 a second.
    double pings_burst = 60;       ///< What a client of ours may have waiting after a stall of ten seconds.
    double desyncs_per_second = 0.5;  ///< Each costs keyframes: a client is told a hash every two seconds.
    double desyncs_burst = 64;        ///< And reports a difference for each of its groups.
    /// Inputs and Suspends, for each tick of the room. A client owes an Input for each of its own ticks, whose clock runs a tenth faster at
    /// most, and where it has none one for each Tick that it gets. More of them mean nothing, and each is read all the same.
    double inputs_per_tick = 4;
    /// And so many at once: what a client owes for the ten seconds after which it is given up.
    Duration inputs_burst = std::chrono::seconds(5);
    /// Of a client's events and requests: what ClientOptions::events lets pass, and in the burst ten seconds of it, which a stall may
    /// bring at once.
    EventRate client_events{.per_second = 25, .burst = 300, .bytes_per_second = 10 * 1024, .bytes_burst = 128 * 1024};
};

enum class MessageClass : std::uint8_t {
    Input,
    Suspend,
    Resume,  ///< A Suspend that says false, which brings keyframes as a Desync does: one of both kinds.
    Event,
    Request,
    Ping,
    Pong,
    Desync,
};
inline constexpr std::size_t message_class_count = 8;
/// "input", "suspend", …: for metrics.
const char* name_of(MessageClass kind);

/// By MessageClass.
struct MessageCounts {
    std::array<std::uint64_t, message_class_count> taken{};
    std::array<std::uint64_t, message_class_count> refused{};

    MessageCounts& operator+=(const MessageCounts& other) {
        for (std::size_t i = 0; i < message_class_count; ++i) {
            taken[i] += other.taken[i];
            refused[i] += other.refused[i];
        }
        return *this;
    }
};

class MessageBudget {
public:
    /// Until begin() there is none for Inputs.
    MessageBudget(const MessageRates& rates, TimePoint now);

    /// It plays, in a room of so many ticks a second. `counts` may be null. Once: a session that goes on by another connection goes on with
    /// its budget, for whoever comes back again and again may say no more than who stays.
    void begin(std::uint16_t tick_rate, MessageCounts* counts, TimePoint now);
    /// One more of this kind. Null: it may be; otherwise what its sender is told. `bytes` of an event or request.
    const char* take(MessageClass kind, std::size_t bytes, TimePoint now);

private:
    bool take_tokens(MessageClass kind, std::size_t bytes, TimePoint now);

    MessageRates rates_;
    double inputs_per_second_ = 0;
    double inputs_burst_ = 0;
    ws::TokenBucket pings_;
    ws::TokenBucket desyncs_;
    ws::TokenBucket inputs_;
    EventLimiter events_;
    MessageCounts* counts_ = nullptr;
};

}  // namespace tidewire::session
