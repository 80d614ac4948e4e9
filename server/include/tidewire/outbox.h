// Events on their way from a room to its clients, for the game's callbacks. ServerSim has a typed call for each of these.
#pragma once

#include <cstdint>

#include "tidewire/interest.h"
#include "tidewire/state.h"

namespace tidewire {

namespace server {
class EventOutbox;
}

/// Events are never left out and never overtake one another. Those of a tick reach a client before the state of that tick does;
/// those from on_join and on_leave go at once, or with the next tick where one is near an entity that has just come. They do not wait for
/// the client's window, and a client that takes too few is closed (ServerOptions::events_unsent_max). `event` is of schema.events[type];
/// calls about players that are not there do nothing, and what is sent in the tick that a player leaves after may not reach it.
class Outbox {
public:
    explicit Outbox(server::EventOutbox& events) : events_(&events) {}

    void to_everybody(std::uint16_t type, const void* event);
    void to_player(PlayerId player, std::uint16_t type, const void* event);
    /// Teams are those of Interest::set_team().
    void to_team(std::uint32_t team, std::uint16_t type, const void* event);
    /// Who subscribed to the group, or owns something in it.
    void to_group(Group group, std::uint16_t type, const void* event);
    /// Who is told of the entity, and its owner. Where the entity dies in this tick, who was told of it.
    void to_near(EntityId entity, std::uint16_t type, const void* event);

private:
    server::EventOutbox* events_;
};

}  // namespace tidewire
