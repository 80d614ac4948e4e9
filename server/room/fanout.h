// What a tick looks like on the wire: for each client the bodies of the groups that it should get, shared with all others.
#pragma once

#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "sdk/core/wire/message.h"
#include "server/room/budget.h"
#include "server/room/following.h"
#include "server/room/group_streams.h"
#include "server/room/scene.h"
#include "server/room/shared_lists.h"

namespace tidewire::server {

/// What the server knows of one client's view of the room.
struct ClientView {
    Following following;
    Allowance allowance;
    Demand cost;                       ///< Of the message at hand.
    std::uint32_t revision = 0;        ///< Of the groups that are wanted for it, when they were looked at last.
    bool looked = false;               ///< They were.
    bool shares = false;               ///< The message at hand is the list's.
    Tick in_step = 0;                  ///< As of this tick it is, and `following` does not say how far; 0: it is not.
    std::vector<HeldTickPointer> held;  ///< Ticks that went in parts, and that some group was not told beyond.
    std::shared_ptr<SharedList> list;   ///< Of all who follow the same; null until it is in step.
};

class Fanout {
public:
    /// What `scene` is of must outlive the fan-out. A client gets about `client_bytes_per_tick`; 0: all that there is.
    Fanout(const Scene& scene, RoomResources resources, std::size_t client_bytes_per_tick);

    const RoomResources& resources() const { return streams_.resources(); }
    const GroupStreams& streams() const { return streams_; }

    /// A new tick: the bodies of the last one are about to go.
    void begin();
    /// What `player`, whom the scene knows, is to be told of the newest tick. It counts when it was written: see commit(). Valid until
    /// the next tell(), and its spans until the next begin(). Never more bodies than a client takes: groups beyond wait for their
    /// turn, the player's own being first. Of groups that begin, beyond what the client was told first, about `news_bytes_max` come at
    /// once, and one at least: they wait their turn, so that the others go on.
    const Told& tell(PlayerId player, ClientView& view,
                     std::size_t news_bytes_max = std::numeric_limits<std::size_t>::max());
    /// The message of the last tell() of this view is on its way.
    void commit(ClientView& view);
    /// Of a message that goes in parts, after its commit(): however long that takes, what is told next goes on from it.
    static void hold(ClientView& view, HeldTickPointer tick);
    /// A client that has come back says what it has: what is told next goes on from it, as far as the room still knows. `tick`: the newest
    /// that it has applied.
    void resume(ClientView& view, std::span<const wire::Resume::Group> groups, Tick tick) const;
    /// The client says that its state is wrong: keyframes to compare with go beside its next bodies.
    static void verify(ClientView& view);

    // For groups that are the caller's to choose. All that is due is told, however many bodies that takes.
    void tell(Following& following, wire::TickMessage& message);
    void commit(Following& following);

private:
    /// One client's body of one group.
    struct Choice {
        Choice(std::uint32_t index, Stream* from) : subscription(index), stream(from) {}
        std::uint32_t subscription;
        Stream* stream;
        GroupStreams::Body body;
    };

    void follow(PlayerId player, ClientView& view);
    static void leave_step(ClientView& view);
    /// Whether the list's message is what a client in step with it gets.
    bool shares(SharedList& list, const Allowance& allowance);
    void begin(SharedList& list);
    void make(SharedList& list);
    /// Fills choices_ with what is due.
    void gather(Following& following);
    /// Fills chosen_, and candidates_ on the way.
    void choose(const Following& following, const Allowance& allowance);
    struct ListLimits {
        std::size_t bodies;
        std::size_t news_bytes;  // of groups that begin
    };
    /// Makes the bodies of what was chosen, as far as the message has room for them.
    void list(Following& following, Told& told, ListLimits limits);
    void list(const Following& following, const Choice& choice, Told& told);
    /// How many bodies the choice takes.
    std::size_t bodies_of(const Following& following, const Choice& choice) const;
    void start(Told& told) const;
    void finish(const Following& following, Told& told);
    std::size_t expected_bytes(Stream& stream, const Subscription& subscription) const;
    static bool follows(const Choice& choice, const Following& following);
    /// Whether the group is known as it was at `tick`.
    static bool has(const Following& following, GroupId group, Tick tick);
    std::uint64_t state_hash(const wire::TickMessage& message);

    Scene scene_;
    GroupStreams streams_;
    Budget budget_;
    SharedLists lists_;

    // Of the client at hand, to be used again.
    Told alone_;
    std::vector<Choice> choices_;
    std::vector<Candidate> candidates_;
    std::vector<std::uint32_t> chosen_;
};

}  // namespace tidewire::server
