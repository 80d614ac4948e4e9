// A client's copy of what it is told: the groups that it follows, put together into one snapshot of the world.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sdk/core/replication/body_scratch.h"

namespace tidewire::replication {

/// What one tick says about one group.
struct GroupUpdate {
    enum class Kind : std::uint8_t { Delta, CatchUp, Keyframe, Newcomers, Left, Verify };
    Kind kind;
    std::uint16_t group;
    ByteSpan body;
};

/// Two ends disagree about a group.
struct GroupDifference {
    std::uint16_t group;
    std::string sentence;  ///< See group_difference().
};

class Replica {
public:
    /// `codec` must outlive the replica.
    Replica(const Codec& codec, BodyLimits limits);

    /// `newest` with all updates applied, at `tick`. Errors blame the peer; the replica is of no use any more then.
    Result<Snapshot> apply(const Snapshot& newest, Tick tick, std::span<const GroupUpdate> updates);

    /// Of the groups that the last apply() told of, as `newest` has them: what the server's hash of them must be. Another group
    /// may hold entities that have gone on to these, or whose index was given to one of these.
    std::uint64_t state_hash(const Snapshot& newest) const;
    /// What the verifications of the last apply() have shown. They were taken: the state is right again.
    const std::vector<GroupDifference>& differences() const { return differences_; }
    std::size_t group_count() const { return groups_.size(); }
    /// `visit` is void(std::uint16_t group, Tick), by group.
    template <class Visit>
    void for_each_group(const Visit& visit) const {
        for (const auto& [group, state] : groups_) visit(group, state.tick);
    }
    /// The state of a group's stream; null when it is not followed.
    const StreamState* group(std::uint16_t group) const;

private:
    struct Orphan {
        LeftMember member;
        std::uint16_t group;  // that it left
    };

    Result<void> apply_one(const GroupUpdate& update, Tick tick, SnapshotEdit& edit);
    /// By a keyframe, whether the group is known already or not.
    Result<void> begin_anew(const GroupUpdate& update, Tick tick, SnapshotEdit& edit);
    Result<void> decode(const GroupUpdate& update, BodyKind kind, Tick tick, StreamState& state, SnapshotEdit& edit);
    /// Compares what the bodies have made with what a keyframe says.
    Result<void> verify(const GroupUpdate& update, Tick tick, const Snapshot& now);
    void abandon(std::uint16_t group, SnapshotEdit& edit);
    void remove_orphans(SnapshotEdit& edit);
    std::uint16_t& home(std::uint32_t entity);

    static constexpr std::uint16_t nowhere = 0xffff;

    const Codec* codec_;
    BodyLimits limits_;
    std::map<std::uint16_t, StreamState> groups_;
    std::vector<std::uint16_t> homes_;  // [entity]: the public group that told of it last
    std::vector<Orphan> orphans_;       // of the tick at hand
    std::vector<GroupDifference> differences_;
    DecodeScratch scratch_;
};

}  // namespace tidewire::replication
