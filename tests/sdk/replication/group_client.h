// A client of a GroupRoom, with the room's part of the work: which bodies it needs in a tick, and whether they did what they
// promise.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sdk/replication/group_room.h"

namespace tidewire::replication::testing {

/// The first difference in what a stream tells of members ("entity 7: game.Pos.x is 120, expected 121"), or empty.
std::string difference_of_members(const Layout& layout, const Snapshot& actual, const Snapshot& expected,
                                  const Members& members, Coverage coverage);

class GroupClient {
public:
    GroupClient(const GroupRoom& room, PlayerId player, std::uint64_t seed);

    /// Perhaps subscribes and unsubscribes, perhaps skips, and otherwise takes what the streams of this tick have. Empty when every
    /// body did what it promises; otherwise what it did not.
    std::string follow();

    /// How often each way was gone: a test that goes none proves nothing.
    struct Counts {
        int deltas, catch_ups, keyframes, newcomers, rate_changes, privates, private_catch_ups, arrived_known, returned;
    };
    const Counts& counts() const { return counts_; }

private:
    struct Following {
        Rate rate;
        StreamState state;
    };
    /// An entity as the client has it: of which tick.
    struct Held {
        std::uint32_t generation;
        Tick tick;
        friend bool operator==(const Held&, const Held&) = default;
    };

    bool chance(std::uint32_t one_in) { return random_.below(one_in) == 0; }
    void follow_group(std::uint16_t group, SnapshotEdit& edit);
    void join(std::uint16_t group, Rate rate, SnapshotEdit& edit);
    void take_delta(std::uint16_t group, Following& following, SnapshotEdit& edit);
    void catch_up(std::uint16_t group, Following& following, Rate rate, SnapshotEdit& edit);
    void send_newcomers(Tick baseline, const Members& arrivals, SnapshotEdit& edit);
    void check_held(const Members& stayed, Tick tick, const SnapshotEdit& edit);
    void apply(std::uint16_t group, ByteSpan body, BodyKind kind, Following& following, SnapshotEdit& edit);
    void follow_private(SnapshotEdit& edit);
    void abandon_private(SnapshotEdit& edit);
    void forget_strays(SnapshotEdit& edit);
    void check(const Snapshot& made);
    Held held(const SnapshotEdit& edit, std::uint32_t entity) const;
    void hold(const Members& members, Tick tick, const SnapshotEdit& edit);
    void complain(const std::string& what) {
        if (trouble_.empty()) trouble_ = what;
    }

    const GroupRoom& room_;
    PlayerId player_;
    SeededRandom random_;
    Snapshot snapshot_;
    std::map<std::uint16_t, Following> groups_;
    std::vector<Held> held_;
    std::map<std::uint32_t, std::uint16_t> underway_;  // left for a group that is followed and has not told of them yet
    StreamState private_stream_;                       // the server's end
    StreamState private_state_;                        // the client's
    bool private_told_ = false;                        // in this tick
    std::string trouble_;
    Counts counts_{};
};

}  // namespace tidewire::replication::testing
