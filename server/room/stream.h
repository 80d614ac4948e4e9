// One stream of a group: the bodies of the newest tick, each made when the first client asks and shared with all others.
#pragma once

#include <optional>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/body_scratch.h"
#include "sdk/core/replication/rate.h"
#include "server/room/held_ticks.h"
#include "server/room/interest.h"
#include "server/room/resources.h"
#include "server/room/tick_changes.h"

namespace tidewire::server {

/// Memory that streams use one after another.
struct StreamScratch {
    replication::EncodeScratch encode;
    replication::Members stayed;  ///< Members of the group at every tick between two.
    replication::Members both;
    Bytes body;  ///< Before it is packed.
};

/// What a stream's bodies are made from.
struct StreamSource {
    const replication::Codec& codec;
    const replication::Layout& layout;
    const replication::SnapshotRing& snapshots;
    const InterestGroups& interest;
    const HeldTicks& held;
    const wire::Dictionary* dictionary;
    const replication::Snapshot* before;  ///< Of the tick before the newest; may be null.
    TickChanges& changes;
    StreamScratch& scratch;

    /// Null when the tick is not held. Most streams ask for the one before.
    const replication::Snapshot* find(Tick tick) const {
        return before != nullptr && before->tick == tick ? before : snapshots.find(tick);
    }
};

class alignas(64) Stream {
public:
    Stream(GroupId group, replication::Rate rate) : group_(group), rate_(rate) {}

    /// Takes the stream to the newest tick, once: from now on the others tell of it. Where its last tick is no longer held, it
    /// begins anew.
    void advance(const StreamSource& source);

    /// How often its followers are told.
    replication::Rate rate() const { return rate_; }
    Tick tick() const { return state_.tick; }
    /// Of the group at the newest tick, `now`: counted once.
    std::size_t member_count(const InterestGroups& interest, Tick now);
    /// Whether a keyframe leaves out what a follower of the stream must know: then a catch-up comes next.
    bool remembers() const { return state_.remembers(); }
    /// The tick that the delta starts from; 0: there is none.
    Tick delta_from() const { return delta_from_; }
    ByteSpan delta() const { return delta_; }
    /// What delta_from() is of this tick, `now`, or will be after advance(), if the room still holds that tick.
    Tick starts_from(Tick now) const { return state_.tick == now ? delta_from_ : state_.tick; }
    /// The groups in which members lived before that the delta takes for known. Whoever does not follow them as of delta_from()
    /// needs newcomers() of each.
    const std::vector<GroupId>& sources() const { return sources_; }

    // Packed, as wire::pack_body does it.
    ByteSpan newcomers(const StreamSource& source, GroupId from);
    ByteSpan keyframe(const StreamSource& source);
    bool has_keyframe() const { return has_keyframe_; }
    /// Of this tick's keyframe before it was packed; 0 until keyframe() made one.
    std::size_t keyframe_bytes() const { return keyframe_bytes_; }
    /// From an older tick; empty when its snapshot is no longer held. Not packed.
    std::optional<ByteSpan> catch_up(const StreamSource& source, Tick baseline);
    bool has_catch_up(Tick baseline) const { return find_catch_up(baseline) != nullptr; }

    // What the last bodies took, for who has to choose before there are new ones. In bytes; 0: there was none.
    /// Of the last delta before this tick, `now`: whoever comes first or last in a tick expects the same.
    std::size_t last_delta(Tick now) const {
        return state_.tick == now || delta_from_ == 0 ? last_delta_ : delta_.size();
    }
    std::size_t last_catch_up() const { return last_catch_up_; }
    /// Of a keyframe for so many members, packed.
    std::size_t last_keyframe(std::size_t members) const {
        return last_keyframe_members_ == 0 ? 0 : last_keyframe_ * members / last_keyframe_members_;
    }

private:
    /// Members that came from one other group.
    struct Newcomers {
        replication::Members rows;
        Bytes packed;
        bool made = false;
    };
    struct CatchUp {
        Tick baseline = 0;
        Bytes body;
    };

    const CatchUp* find_catch_up(Tick baseline) const;
    replication::Members& newcomers_from(GroupId group);
    replication::BodySource body_source(const StreamSource& source, const replication::Snapshot& before,
                                        const replication::Members* stayed, bool same_members) const;
    void find_sources(const StreamSource& source, const replication::Snapshot& before,
                      const replication::Members& members);

    // What every list asks for lies together, in one line of the cache.
    Tick delta_from_ = 0;
    GroupId group_;
    replication::Rate rate_;
    Bytes delta_;
    std::vector<GroupId> sources_;
    replication::StreamState state_;
    std::vector<Newcomers> newcomers_;  // of each of sources_, and then memory for more
    // Of this tick, as far as somebody asked.
    Bytes keyframe_;
    bool has_keyframe_ = false;
    std::size_t keyframe_bytes_ = 0;
    std::vector<CatchUp> catch_ups_;  // catch_up_count_ of them, and then memory for more
    std::size_t catch_up_count_ = 0;
    Tick counted_at_ = 0;
    std::size_t member_count_ = 0;
    std::size_t last_delta_ = 0;
    std::size_t last_catch_up_ = 0;
    std::size_t last_keyframe_ = 0;
    std::size_t last_keyframe_members_ = 0;
};

}  // namespace tidewire::server
