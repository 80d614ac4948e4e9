// The events of the current frame, as the game reads them. What came after the game has looked is kept for its next frame.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sdk/core/session/incoming_events.h"
#include "tidewire/event.h"

namespace tidewire {

/// One list of events: those that came, or those that were retracted.
class EventList {
public:
    explicit EventList(std::size_t types) : looked_(types, not_looked) {}

    void add(session::ReceivedEvent event);
    /// What the game has seen of a type, or could have, is forgotten.
    void begin_frame();
    /// All of this frame, of every type; the game looks at those of `type`. Valid until add() or begin_frame().
    std::span<const EventRecord> look(std::uint16_t type);

private:
    static constexpr std::size_t not_looked = static_cast<std::size_t>(-1);

    std::vector<session::ReceivedEvent> events_;
    std::vector<EventRecord> records_;  // of events_, in the same order
    std::vector<std::size_t> looked_;   // by type: how many records there were then
};

class EventInbox {
public:
    explicit EventInbox(const SchemaInfo& schema) : arrived_(schema.events.size()), retracted_(schema.events.size()) {}

    void begin_frame();
    /// Sorts `events` into the lists and empties it.
    void add(std::vector<session::ReceivedEvent>& events);
    std::span<const EventRecord> arrived(std::uint16_t type) { return arrived_.look(type); }
    std::span<const EventRecord> retracted(std::uint16_t type) { return retracted_.look(type); }

private:
    EventList arrived_;
    EventList retracted_;
};

}  // namespace tidewire
