// What a tick looks like on the wire: for each client the bodies of the groups that it should get, shared with all others.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "server/room/budget.h"
#include "server/room/resources.h"
#include "server/room/room.h"
#include "server/room/stream.h"

namespace tidewire::server {

/// What the server knows of one client's view of the room.
struct ClientView {
    std::vector<Subscription> subscriptions;  ///< By group.
    std::vector<GroupId> ended;               ///< That the client still has to be told of.
    Allowance allowance;
    std::uint32_t revision = 0;  ///< Of the groups that are wanted for it, when they were looked at last.
    bool looked = false;         ///< They were.
    bool hashed = true;          ///< It is told hashes: its schema is all of the server's.
    struct Written {
        std::uint32_t subscription;  // its index
        bool follows;                // afterwards, the stream
    };
    std::vector<Written> written;  ///< What the message at hand tells of.
};

class Fanout {
public:
    /// `room` must outlive the fan-out. A client gets about `client_bytes_per_tick`; 0: all that there is.
    Fanout(const Room& room, RoomResources resources, std::size_t client_bytes_per_tick);

    const RoomResources& resources() const { return resources_; }

    /// A new tick: the bodies of the last one are about to go.
    void begin();
    /// Fills `message` with what `player` is to be told of the newest tick. Spans are valid until the next begin(). What it says
    /// counts when it was written: see commit().
    void tell(PlayerId player, ClientView& view, wire::TickMessage& message);
    /// The same for a view whose subscriptions, and groups that ended, are the caller's to keep.
    void tell(ClientView& view, wire::TickMessage& message);
    /// The message of the last tell() of this view is on its way.
    void commit(ClientView& view);
    /// The client says that its state is wrong: keyframes to compare with go beside its next bodies.
    static void verify(ClientView& view);
    /// The largest keyframe of the last tell(), before it was packed; 0: none was in it.
    std::size_t keyframe_bytes() const { return keyframe_bytes_; }

private:
    /// One client's body of one group.
    struct Choice {
        Choice(std::uint32_t index, Stream* from) : subscription(index), stream(from) {}
        std::uint32_t subscription;
        Stream* stream;
        wire::BodyCoding coding = wire::BodyCoding::Delta;
        ByteSpan bytes{};
    };

    Stream& stream(GroupId group, replication::Rate rate);
    bool due(const Subscription& subscription) const;
    void choose_body(const Subscription& subscription, Choice& choice);
    static bool follows(const Choice& choice, const ClientView& view);
    void list(const ClientView& view, const Choice& choice, wire::TickMessage& message);
    /// Whether the client has the group as it was at `tick`.
    static bool has(const ClientView& view, GroupId group, Tick tick);
    std::uint64_t state_hash(const ClientView& view);
    std::uint64_t group_hash(GroupId group);
    StreamSource source();

    const Room* room_;
    RoomResources resources_;
    replication::Codec codec_;
    Budget budget_;
    /// [group without its private bit · rates + rate], for public and private groups.
    std::array<std::vector<std::unique_ptr<Stream>>, 2> streams_;
    std::map<GroupId, std::uint64_t> hashes_;  // of the newest tick, as far as they were asked for
    std::size_t keyframe_bytes_ = 0;
    std::optional<replication::SnapshotChanges> changes_;  // since the tick before

    // Of the client at hand, to be used again.
    std::vector<Choice> choices_;
    std::vector<Candidate> candidates_;
    std::vector<std::uint32_t> chosen_;
};

}  // namespace tidewire::server
