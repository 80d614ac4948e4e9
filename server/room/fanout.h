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
#include "server/room/following.h"
#include "server/room/resources.h"
#include "server/room/room.h"
#include "server/room/shared_lists.h"
#include "server/room/stream.h"

namespace tidewire::server {

/// What the server knows of one client's view of the room.
struct ClientView {
    Following following;
    Allowance allowance;
    std::uint32_t revision = 0;        ///< Of the groups that are wanted for it, when they were looked at last.
    bool looked = false;               ///< They were.
    bool shares = false;               ///< The message at hand is the list's.
    Tick in_step = 0;                  ///< As of this tick it is, and `following` does not say how far; 0: it is not.
    std::shared_ptr<SharedList> list;  ///< Of all who follow the same; null until it is in step.
};

class Fanout {
public:
    /// `room` must outlive the fan-out. A client gets about `client_bytes_per_tick`; 0: all that there is.
    Fanout(const Room& room, RoomResources resources, std::size_t client_bytes_per_tick);

    const RoomResources& resources() const { return resources_; }

    /// A new tick: the bodies of the last one are about to go.
    void begin();
    /// What `player`, who is in the room, is to be told of the newest tick. It counts when it was written: see commit(). Valid until
    /// the next tell(), and its spans until the next begin().
    const Told& tell(PlayerId player, ClientView& view);
    /// The message of the last tell() of this view is on its way.
    void commit(ClientView& view);
    /// The client says that its state is wrong: keyframes to compare with go beside its next bodies.
    static void verify(ClientView& view);

    // For groups that are the caller's to choose. All that is due is told.
    void tell(Following& following, wire::TickMessage& message);
    void commit(Following& following);

private:
    /// One client's body of one group.
    struct Choice {
        Choice(std::uint32_t index, Stream* from) : subscription(index), stream(from) {}
        std::uint32_t subscription;
        Stream* stream;
        wire::BodyCoding coding = wire::BodyCoding::Delta;
        ByteSpan bytes{};
    };

    Stream& current_stream(const Subscription& subscription);
    void follow(PlayerId player, ClientView& view);
    static void leave_step(ClientView& view);
    void tell_anew(SharedList& list);
    /// Fills choices_ and candidates_ with what is due.
    void gather(Following& following);
    void choose_body(const Subscription& subscription, Choice& choice);
    static bool follows(const Choice& choice, const Following& following);
    /// What was chosen.
    void list(Following& following, wire::TickMessage& message);
    void list(const Following& following, const Choice& choice, wire::TickMessage& message);
    void start(wire::TickMessage& message);
    void finish(const Following& following, wire::TickMessage& message);
    /// Whether the group is known as it was at `tick`.
    static bool has(const Following& following, GroupId group, Tick tick);
    std::uint64_t state_hash(const wire::TickMessage& message);
    std::uint64_t group_hash(GroupId group);
    StreamSource source();

    const Room* room_;
    RoomResources resources_;
    replication::Codec codec_;
    Budget budget_;
    /// [group without its private bit · rates + rate], for public and private groups.
    std::array<std::vector<std::unique_ptr<Stream>>, 2> streams_;
    std::map<GroupId, std::uint64_t> hashes_;  // of the newest tick, as far as they were asked for
    SharedLists lists_;
    const replication::Snapshot* before_ = nullptr;        // of the tick before the newest
    std::optional<replication::SnapshotChanges> changes_;  // since then

    // Of the client at hand, to be used again.
    Told alone_;
    std::size_t keyframe_bytes_ = 0;
    std::vector<Choice> choices_;
    std::vector<Candidate> candidates_;
    std::vector<std::uint32_t> chosen_;
};

}  // namespace tidewire::server
