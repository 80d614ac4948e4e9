// Who gets an event is looked up when it leaves: by then the groups are those of its tick.
#include "server/room/event_outbox.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string>
#include <utility>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/replication/event_codec.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

SharedMessage share(Bytes message) { return std::make_shared<const Bytes>(std::move(message)); }

}  // namespace

void EventOutbox::post(OutgoingEvent to, std::uint16_t type, const void* event) {
    assert(type < layout_->event_count());
    const Bytes data = replication::encode_event(*layout_, type, event);
    to.message = share(wire::encode(wire::Event{.type = type, .data = data, .tick = tick_, .player = player_}));
    events_.push_back(std::move(to));
}

void EventOutbox::post_near(EntityId entity, std::uint16_t type, const void* event) {
    const GroupId group = interest_->placed(entity) ? interest_->group_of(entity.index) : group_none;
    // Rules may emit for an entity that they have just despawned: its player foresaw it.
    post({.to = OutgoingEvent::To::Near,
          .player = world_->alive(entity) ? world_->owner(entity) : player_,
          .group = group,
          .entity = entity,
          .hidden = interest_->is_hidden(group)},
         type, event);
}

void EventOutbox::reply(PlayerId player, std::uint32_t request, std::uint16_t type, const void* event) {
    const Bytes data = replication::encode_event(*layout_, type, event);
    events_.push_back({.to = OutgoingEvent::To::Player,
                       .player = player,
                       .message = share(wire::encode(wire::Reply{.id = request, .type = type, .data = data}))});
}

void EventOutbox::refuse(PlayerId player, std::uint32_t request, const std::string& why) {
    std::string reason = why.empty() ? std::string("the server refuses without a reason") : why;
    if (!valid_utf8(as_bytes(reason))) reason = printable(reason);
    events_.push_back({.to = OutgoingEvent::To::Player,
                       .player = player,
                       .message = share(wire::encode(wire::Reply{.id = request, .refusal = reason}))});
}

bool EventOutbox::waits(const OutgoingEvent& event) const {
    return event.to == OutgoingEvent::To::Near && world_->alive(event.entity) && !interest_->placed(event.entity);
}

std::vector<OutgoingEvent> EventOutbox::take() {
    const auto end = std::find_if(events_.begin(), events_.end(), [&](const OutgoingEvent& each) { return waits(each); });
    std::vector<OutgoingEvent> taken(std::make_move_iterator(events_.begin()), std::make_move_iterator(end));
    events_.erase(events_.begin(), end);
    for (OutgoingEvent& event : taken) {
        // A new entity, or one that was placed in this tick, is where it is now; one that died, where it was.
        if (event.to == OutgoingEvent::To::Near && world_->alive(event.entity)) {
            event.group = interest_->group_of(event.entity.index);
            event.hidden = interest_->is_hidden(event.group);
        }
        if (event.to == OutgoingEvent::To::Team) event.group = interest_->group_of_team(event.team);
    }
    return taken;
}

bool EventOutbox::is_for(const OutgoingEvent& event, PlayerId player) const {
    if (event.to == OutgoingEvent::To::Everybody || event.player == player) return true;
    if (event.to == OutgoingEvent::To::Player || event.group == group_none || event.group == group_nobody) return false;
    if (event.group == group_always) return true;
    const auto wanted = interest_->wanted(player);
    const auto found = std::lower_bound(wanted.begin(), wanted.end(), event.group,
                                        [](const Wanted& one, GroupId group) { return one.group < group; });
    return found != wanted.end() && found->group == event.group;
}

}  // namespace tidewire::server

namespace tidewire {

void Outbox::to_everybody(std::uint16_t type, const void* event) {
    events_->post({.to = server::OutgoingEvent::To::Everybody}, type, event);
}

void Outbox::to_player(PlayerId player, std::uint16_t type, const void* event) {
    events_->post({.to = server::OutgoingEvent::To::Player, .player = player}, type, event);
}

void Outbox::to_team(std::uint32_t team, std::uint16_t type, const void* event) {
    events_->post({.to = server::OutgoingEvent::To::Team, .team = team}, type, event);
}

void Outbox::to_group(Group group, std::uint16_t type, const void* event) {
    if (group) events_->post({.to = server::OutgoingEvent::To::Group, .group = group.id}, type, event);
}

void Outbox::to_near(EntityId entity, std::uint16_t type, const void* event) {
    events_->post_near(entity, type, event);
}

}  // namespace tidewire
