// Groups come when they get members and end when they have had none for long: one that fills and empties costs no keyframes.
#include "server/room/recorder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/wire/flight_writer.h"
#include "tidewire/version.h"

namespace tidewire::server {

namespace {

constexpr Tick empty_seconds_max = 2;

bool by_group(const Subscription& subscription, GroupId group) { return subscription.group < group; }

}  // namespace

Recorder::Recorder(const Room& room, RoomResources resources) : room_(&room), fanout_(room.scene(), std::move(resources), 0) {}

Result<void> Recorder::record(Bytes& out) {
    // What changed is known of the newest tick only.
    if (last_ != 0 && last_ + 1 == room_->tick_number())
        follow_changed();
    else
        follow_all();
    end_long_empty();
    // A group brings at most one body, and now and then newcomers from one that nobody could follow.
    fanout_.begin();
    fanout_.tell(following_, message_);
    if (message_.bodies.size() > wire::tick_bodies_max)
        return unexpected(Blame::Caller, "the room has " + std::to_string(following_.subscriptions.size()) +
                                             " groups, more than a recording can tell of (" +
                                             std::to_string(wire::tick_bodies_max) +
                                             "); make the cells of its grid larger");
    if (std::exchange(last_, message_.tick) == 0) append_header(out);
    wire::append_flight_tick(out, message_);
    fanout_.commit(following_);
    return {};
}

void Recorder::follow_all() {
    for (const Subscription& subscription : following_.subscriptions)
        if (room_->interest().members(subscription.group).empty()) look_at(subscription.group);
    for (std::uint32_t group = 0; group < group_none; ++group)
        if (!room_->interest().members(static_cast<GroupId>(group)).empty()) look_at(static_cast<GroupId>(group));
}

void Recorder::follow_changed() {
    for (const GroupId group : room_->interest().changed()) look_at(group);
}

void Recorder::look_at(GroupId group) {
    if (room_->interest().members(group).empty()) {
        empty_since_.try_emplace(group, room_->tick_number());
        return;
    }
    empty_since_.erase(group);
    std::vector<Subscription>& subscriptions = following_.subscriptions;
    const auto at = std::lower_bound(subscriptions.begin(), subscriptions.end(), group, by_group);
    if (at == subscriptions.end() || at->group != group) subscriptions.insert(at, {.group = group, .own = true});
}

void Recorder::end_long_empty() {
    const Tick ticks_max = empty_seconds_max * static_cast<Tick>(room_->options().tick_rate);
    std::erase_if(empty_since_, [&](const std::pair<const GroupId, Tick>& empty) {
        if (room_->tick_number() - empty.second < ticks_max) return false;
        const auto at =
            std::lower_bound(following_.subscriptions.begin(), following_.subscriptions.end(), empty.first, by_group);
        if (at != following_.subscriptions.end() && at->group == empty.first) {
            following_.subscriptions.erase(at);
            following_.ended.push_back(empty.first);
        }
        return true;
    });
}

void Recorder::append_header(Bytes& out) const {
    const RoomResources& resources = fanout_.resources();
    wire::FlightHeader header{.sdk_version = version,
                              .schema = replication::describe(room_->layout().schema()),
                              .tick_rate = static_cast<std::uint16_t>(room_->options().tick_rate),
                              .entities_max = room_->options().entities_max};
    // The built-in ones, too: a later version has others.
    const Bytes& tables = resources.code_tables.bytes();
    header.code_tables = {.id = fnv1a(tables), .bytes = tables};
    if (resources.dictionary)
        header.dictionary = {.id = resources.dictionary->id(), .bytes = resources.dictionary->bytes()};
    wire::append_flight_header(out, header);
}

}  // namespace tidewire::server
