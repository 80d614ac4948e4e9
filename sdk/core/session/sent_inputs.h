// The inputs that a client has sent: how far they came, and which tick of the server's each of them said to have arrived.
#pragma once

#include <array>
#include <optional>

#include "tidewire/state.h"

namespace tidewire::session {

class SentInputs {
public:
    /// Two seconds at 128 Hz.
    static constexpr Tick remembered = 256;

    /// Inputs rise. `ack` is the tick that went with it.
    void note_sent(Tick input, Tick ack) {
        newest_ = input;
        acks_[input % remembered] = ack;
    }
    /// 0: none yet.
    Tick newest() const { return newest_; }

    /// Whether a server can say that this is the newest that it received: it was sent, and is none before the last that it said.
    bool may_have_arrived(Tick input) const { return input <= newest_ && input >= arrived_; }
    /// Precondition: may_have_arrived().
    void note_arrived(Tick input) { arrived_ = input; }
    /// The newest that the server has received; 0: none yet.
    Tick arrived() const { return arrived_; }
    /// The tick that the server knew to be here by then; empty where none has arrived, or so long ago that it is forgotten.
    std::optional<Tick> ack_arrived() const {
        if (arrived_ == 0 || newest_ - arrived_ >= remembered) return std::nullopt;
        return acks_[arrived_ % remembered];
    }

private:
    Tick newest_ = 0;
    Tick arrived_ = 0;
    std::array<Tick, remembered> acks_{};  // by input
};

}  // namespace tidewire::session
