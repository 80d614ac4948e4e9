// All clients of a room, without their sockets: what the gate does for each of them in a tick, up to the bytes that it would send.
#pragma once

#include <span>
#include <vector>

#include "sdk/core/replication/replica.h"
#include "sdk/core/wire/codec.h"
#include "server/room/fanout.h"
#include "server/room/room.h"

namespace tidewire::bench {

class Audience {
public:
    /// `room` must outlive the audience.
    Audience(const server::Room& room, std::span<const PlayerId> players, const server::RoomResources& resources,
             std::size_t client_bytes_per_tick);

    /// Tells everybody of the newest tick. Calls see(client, message, head) for each, in the order of the players; what it is
    /// shown is valid during the call.
    template <class See>
    void tell_all(const See& see) {
        fanout_.begin();
        for (std::size_t i = 0; i < views_.size(); ++i) {
            const server::Told& told = fanout_.tell(players_[i], views_[i]);
            head_.clear();
            wire::append_tick_head(head_, told.head, {});
            fanout_.commit(views_[i]);
            see(i, told.message, head_);
        }
    }

    const server::ClientView& view(std::size_t client) const { return views_[client]; }

private:
    std::vector<PlayerId> players_;
    server::Fanout fanout_;
    std::vector<server::ClientView> views_;
    Bytes head_;
};

/// A client's end of what an Audience is told.
class Witness {
public:
    /// `codec` must outlive the witness.
    Witness(const replication::Codec& codec, std::uint32_t entities_max);

    /// Errors: as Replica's.
    Result<void> receive(const wire::TickMessage& message);
    /// Whether the witness has the groups that `view` follows, as the room has those that it was just told of, and nothing else, and
    /// whether its hash is the one that the last message told, if it did. Errors: Machine, with the first difference.
    Result<void> compare(const server::Room& room, const server::ClientView& view) const;

private:
    const replication::Codec* codec_;
    replication::Replica replica_;
    replication::Snapshot newest_;
    std::uint64_t told_hash_ = 0;
    std::vector<Bytes> inflated_;  // bodies point into them
};

}  // namespace tidewire::bench
