// The two ends of a fan-out.
#include "tools/bench/delta_audience.h"

#include <string>
#include <utility>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/members.h"
#include "sdk/core/session/group_updates.h"

namespace tidewire::bench {

namespace {

/// The tick of the last body of a group; 0: there was none.
Tick written_of(const server::ClientView& view, const server::Subscription& subscription) {
    return view.in_step == 0 ? subscription.written : view.in_step - since_due(subscription, view.in_step);
}

Unexpected differs(Tick tick, const std::string& what) {
    return unexpected(Blame::Machine, "tick " + std::to_string(tick) + ": " + what +
                                          "; the fan-out is at fault, its figures would mean nothing");
}

}  // namespace

Audience::Audience(const server::Room& room, std::span<const PlayerId> players, const server::RoomResources& resources,
                   std::size_t client_bytes_per_tick)
    : players_(players.begin(), players.end()),
      fanout_(room.scene(), resources, client_bytes_per_tick),
      views_(players.size()) {}

Witness::Witness(const replication::Codec& codec, std::uint32_t entities_max)
    : codec_(&codec), replica_(codec, {.entities_max = entities_max}) {}

Result<void> Witness::receive(const wire::TickMessage& message) {
    const auto updates = session::unpack_updates(message, {}, nullptr, inflated_);
    if (!updates) return Unexpected{updates.error()};
    auto applied = replica_.apply(newest_, message.tick, *updates);
    if (!applied) return Unexpected{applied.error()};
    newest_ = std::move(*applied);
    told_hash_ = message.state_hash;
    return {};
}

Result<void> Witness::compare(const server::Room& room, const server::ClientView& view) const {
    const replication::Snapshot& expected = *room.snapshots().newest();
    const Tick tick = expected.tick;
    bool some_wait = false;
    std::size_t groups = 0;
    std::size_t entities = 0;
    for (const server::Subscription& subscription : view.following.subscriptions) {
        const Tick written = written_of(view, subscription);
        if (written == 0) continue;
        ++groups;
        const std::string group = "group " + std::to_string(subscription.group);
        const replication::StreamState* const state = replica_.group(subscription.group);
        if (state == nullptr || state->tick != written) return differs(tick, group + " was not told of");
        entities += state->members.count();
        if (written != tick) {
            some_wait = true;
            continue;
        }
        const replication::Members& members = room.interest().members(subscription.group);
        const std::string difference = replication::group_difference(
            codec_->layout(), newest_, state->members, expected, members, replication::coverage_of(subscription.group));
        if (!difference.empty()) return differs(tick, group + ": " + difference);
    }
    if (replica_.group_count() != groups) return differs(tick, "a client follows other groups");
    // An entity that went from a group that waits to one that does not is a member of both.
    if (!some_wait && replication::all_members(newest_).count() != entities)
        return differs(tick, "a client has entities that it should not know");
    if (told_hash_ != 0 && told_hash_ != replica_.state_hash(newest_))
        return differs(tick, "a client's state has another hash than it was told");
    return {};
}

}  // namespace tidewire::bench
