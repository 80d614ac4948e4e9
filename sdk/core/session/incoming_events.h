// What a client's game is told of events: the server's, and those that its own rules have foreseen, each once. It compares the two.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/aggregate.h"
#include "sdk/core/replication/layout.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"
#include "tidewire/state.h"

namespace tidewire::session {

struct ReceivedEvent {
    enum class Kind : std::uint8_t {
        Arrived,    ///< The server's word.
        Predicted,  ///< By one's own rules, ahead of the server. When the server says the same nothing more is told.
        Retracted,  ///< The same event again: it did not happen.
    };
    Kind kind;
    std::uint16_t type;
    Tick tick;
    PlayerId player;
    replication::Aggregate value;
};

struct IncomingEventLimits {
    /// Not taken yet. What a program may leave lying that looks at its events in each frame, but stands for a while.
    std::size_t bytes_held_max = 4 * 1024 * 1024;
    /// Foreseen and not confirmed yet, and as many that the server said of ticks ahead: two seconds of a busy player at 128 Hz. Beyond,
    /// the server's word alone is told.
    std::size_t predicted_max = 1024;
};

struct EventCounters {
    std::uint64_t arrived = 0;    ///< Told as the server's word.
    std::uint64_t predicted = 0;  ///< Told ahead of it.
    std::uint64_t confirmed = 0;  ///< Of those, said by the server too.
    std::uint64_t retracted = 0;  ///< And not.
    std::uint64_t unknown = 0;    ///< Of types that only a newer schema has.
};

class IncomingEvents {
public:
    /// `layout` must outlive it. `player` is who one is; 0: nobody, who foresees nothing.
    IncomingEvents(const replication::Layout& layout, PlayerId player, IncomingEventLimits limits)
        : layout_(&layout), player_(player), limits_(limits) {}

    /// Errors: the event is not what the schema says (the peer's fault), or too many are held (1013).
    Result<void> receive(const wire::Event& event);
    /// The rules emitted it when they ran for this tick for the first time. It counts as the server will read it.
    void predict(Tick tick, std::uint16_t type, const void* aggregate);
    /// A Tick arrived: all events up to it have come before.
    void note_tick(Tick tick);
    /// The server has not got the inputs that anything was foreseen by, and its next tick may be an earlier one. What was told stays told.
    void begin_anew();

    /// Appends what was told since the last call, in order.
    void take(std::vector<ReceivedEvent>& out);

    const EventCounters& counters() const { return counters_; }

private:
    /// Something that one's own rules and the server both say, or will.
    struct Own {
        Tick tick;
        std::uint16_t type;
        Bytes data;
    };

    /// Takes the first of `list` that is the same; false when there is none.
    static bool take_same(std::vector<Own>& list, Tick tick, std::uint16_t type, ByteSpan data);
    void tell(ReceivedEvent::Kind kind, Tick tick, PlayerId player, std::uint16_t type, ByteSpan data);
    std::size_t cost(std::uint16_t type, ByteSpan data) const;

    const replication::Layout* layout_;
    PlayerId player_;
    IncomingEventLimits limits_;
    Tick tick_ = 0;                 // the newest that arrived
    std::vector<Own> predicted_;    // told, and not confirmed yet
    std::vector<Own> unpredicted_;  // told as the server's, of ticks that one's own rules may still run
    std::vector<ReceivedEvent> held_;
    std::size_t held_bytes_ = 0;
    EventCounters counters_;
};

}  // namespace tidewire::session
