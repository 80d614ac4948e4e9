// Encodes what a recording tells once more, with any tables: the deltas that everybody shares, and what clients get that skipped
// ticks, that are new, or that meet entities from groups which they do not follow.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "sdk/core/replication/body.h"
#include "tools/flight/replay.h"

namespace tidewire::flight {

struct BodyTotals {
    std::uint64_t bodies = 0;
    std::uint64_t bytes = 0;

    void add(std::size_t body_bytes) {
        ++bodies;
        bytes += body_bytes;
    }
    BodyTotals& operator+=(const BodyTotals& other) {
        bodies += other.bodies;
        bytes += other.bytes;
        return *this;
    }
    friend bool operator==(const BodyTotals&, const BodyTotals&) = default;
};

struct EncodedTotals {
    BodyTotals deltas;
    BodyTotals catch_ups;
    BodyTotals keyframes;  ///< Packed, as newcomers are.
    BodyTotals newcomers;

    EncodedTotals& operator+=(const EncodedTotals& other) {
        deltas += other.deltas;
        catch_ups += other.catch_ups;
        keyframes += other.keyframes;
        newcomers += other.newcomers;
        return *this;
    }
};

/// What becomes of the bodies. All may be left out.
struct Encoding {
    replication::SymbolListener* listener = nullptr;
    const wire::Dictionary* dictionary = nullptr;
    /// Each keyframe and newcomers' body before it is packed.
    std::function<void(ByteSpan)> on_packable{};
};

class Reencoder {
public:
    /// `codec` must be made of the layout of the replay that tick() is given, and outlive this.
    Reencoder(const replication::Codec& codec, Encoding encoding) : codec_(&codec), encoding_(std::move(encoding)) {}

    /// After each Replay::next().
    void tick(const Replay& replay);
    const EncodedTotals& totals() const { return totals_; }

private:
    using MembersPointer = std::shared_ptr<const replication::Members>;  // of as many ticks as have the same
    struct Moment {
        replication::Snapshot snapshot;
        std::map<std::uint16_t, MembersPointer> members;
    };
    /// One group in the tick at hand.
    struct Group {
        std::uint16_t id;
        const replication::StreamState* state;
        std::map<std::uint16_t, replication::Members> newcomers;  // by the group that they were in
    };

    std::vector<Group> collect(const Replay& replay);
    void find_newcomers(const Replay& replay, Group& group) const;
    void move_homes(std::uint16_t group, const replication::Members& before, const replication::Members& after);
    void encode_delta(const Replay& replay, const Group& group);
    void encode_catch_ups(const Replay& replay, const Group& group);
    void encode_keyframe(const Replay& replay, const Group& group);
    void encode_newcomers(const Replay& replay, const Group& group);
    void add_packed(BodyTotals& totals);
    replication::BodySource source(const replication::Snapshot& before, const replication::Snapshot& after,
                                   std::uint16_t group) const;
    std::uint16_t home(std::uint32_t entity) const;

    const replication::Codec* codec_;
    Encoding encoding_;
    EncodedTotals totals_;
    std::map<std::uint16_t, replication::StreamState> streams_;  // before the tick at hand
    std::vector<std::uint16_t> homes_;                           // [entity]: its public group
    std::map<std::uint16_t, MembersPointer> members_;
    std::deque<Moment> past_;  // oldest first; the last is the tick at hand
    Bytes body_;
};

}  // namespace tidewire::flight
