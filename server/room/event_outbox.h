// Events of one room that wait for the gate: each as one message that all who get it share, with who that is.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/layout.h"
#include "server/room/interest.h"
#include "tidewire/outbox.h"

namespace tidewire::server {

/// Shared by the queues of all connections that it waits in: nobody knows which of them writes it last.
using SharedMessage = std::shared_ptr<const Bytes>;

struct OutgoingEvent {
    enum class To : std::uint8_t { Everybody, Player, Team, Group, Near };
    To to = To::Everybody;
    PlayerId player = 0;         ///< Of a Player; of a Near the owner, who always gets it.
    std::uint32_t team = 0;      ///< Of a Team.
    GroupId group = group_none;  ///< Of a Group; of a Near where the entity is, once that is known.
    EntityId entity{};           ///< Of a Near.
    bool hidden = false;         ///< Of a Near: nobody sees the entity, or its owner alone. Known with `group`, which goes with its owner.
    SharedMessage message{};
};

class EventOutbox {
public:
    /// All must outlive it.
    EventOutbox(const replication::Layout& layout, const World& world, const InterestGroups& interest)
        : layout_(&layout), world_(&world), interest_(&interest) {}

    /// What the events that follow say of themselves: the tick, and whose input the rules run on (0: nobody's).
    void set_origin(Tick tick, PlayerId player) {
        tick_ = tick;
        player_ = player;
    }
    /// `event` is of schema.events[type]; `to.message` is made here.
    void post(OutgoingEvent to, std::uint16_t type, const void* event);
    void post_near(EntityId entity, std::uint16_t type, const void* event);
    /// The answer to a player's request.
    void reply(PlayerId player, std::uint32_t request, std::uint16_t type, const void* event);
    void refuse(PlayerId player, std::uint32_t request, const std::string& why);

    /// Whether take() has something to give.
    bool ready() const { return !events_.empty() && !waits(events_.front()); }
    /// Takes all, in order, up to one that waits for the next tick: it is near an entity that came between ticks, and only the tick places
    /// it among those who are told of it. What was sent behind it waits as well, since no event overtakes another.
    std::vector<OutgoingEvent> take();
    /// All that was not taken.
    const std::vector<OutgoingEvent>& waiting() const { return events_; }
    void restore(std::vector<OutgoingEvent> waiting) { events_ = std::move(waiting); }
    /// As of now. `player` is a client, not a bot.
    bool is_for(const OutgoingEvent& event, PlayerId player) const;

private:
    bool waits(const OutgoingEvent& event) const;

    const replication::Layout* layout_;
    const World* world_;
    const InterestGroups* interest_;
    Tick tick_ = 0;
    PlayerId player_ = 0;
    std::vector<OutgoingEvent> events_;
};

}  // namespace tidewire::server
