// The streams of all groups of a scene: which body suits what a client has, and what it will take before it is made. Nothing is made
// that nobody asks for.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "server/room/budget.h"
#include "server/room/resources.h"
#include "server/room/scene.h"
#include "server/room/stream.h"

namespace tidewire::server {

/// Bodies that were made, whatever the number of clients that got them.
struct BodyCounters {
    std::uint64_t deltas = 0;
    std::uint64_t catch_ups = 0;
    std::uint64_t keyframes = 0;
};

class GroupStreams {
public:
    /// Ticks without a body after which a stream is given up: whoever asks again begins with what the room holds, as before.
    static constexpr Tick unused_ticks = 64;

    /// What `scene` is of must outlive the streams.
    GroupStreams(const Scene& scene, RoomResources resources);

    const RoomResources& resources() const { return resources_; }
    const BodyCounters& counters() const { return counters_; }
    std::size_t size() const;

    /// A new tick: the bodies of the last one are about to go, and so are streams that nobody asks for any more.
    void begin();

    /// Of a group at a rate, as its last body has left it. Valid until the next begin().
    Stream& stream(GroupId group, replication::Rate rate) {
        const std::size_t place = place_of(group, rate);
        const std::vector<std::unique_ptr<Stream>>& streams = streams_[is_private(group) ? 1 : 0];
        return place < streams.size() && streams[place] ? *streams[place] : make_stream(group, rate);
    }
    /// Takes it to the newest tick, and returns it.
    Stream& advanced(Stream& stream);
    /// Whether the next delta of the stream is what the client needs. The room may no longer hold the tick that it starts from: then
    /// there is no delta.
    bool goes_on(const Stream& stream, const Subscription& subscription) const;
    /// What the client's body, and the keyframe to verify it with, will take. In bytes.
    std::size_t expected_bytes(Stream& stream, const Subscription& subscription) const;

    struct Body {
        wire::BodyCoding coding = wire::BodyCoding::Delta;
        ByteSpan bytes{};
    };
    /// What takes the client to the newest tick. Precondition: the stream is there.
    Body body(Stream& stream, const Subscription& subscription);
    ByteSpan keyframe(Stream& stream);
    ByteSpan newcomers(Stream& stream, GroupId from) { return stream.newcomers(source(), from); }
    /// Of the group at the newest tick.
    std::uint64_t state_hash(GroupId group);

private:
    static std::size_t place_of(GroupId group, replication::Rate rate) {
        const std::size_t number = group & ~unsigned{group_private};
        return number * replication::rate_count + static_cast<std::size_t>(rate);
    }
    Stream& make_stream(GroupId group, replication::Rate rate);
    StreamSource source();
    std::optional<ByteSpan> catch_up(Stream& stream, Tick baseline);
    std::size_t expected_keyframe(Stream& stream) const;
    std::size_t member_count(Stream& stream) const {
        return stream.member_count(scene_.interest, scene_.tick());
    }

    Scene scene_;
    RoomResources resources_;
    replication::Codec codec_;
    /// [group without its private bit · rates + rate], for public and private groups.
    std::array<std::vector<std::unique_ptr<Stream>>, 2> streams_;
    struct Hash {
        Tick tick = 0;
        std::uint64_t value = 0;
    };
    std::array<std::vector<Hash>, 2> hashes_;        // by group, as streams_; as far as they were asked for
    const replication::Snapshot* before_ = nullptr;  // of the tick before the newest
    TickChanges changes_;
    StreamScratch scratch_;
    BodyCounters counters_;
    // Of all keyframes so far, and a guess to begin with: what a stream that has made none may expect.
    std::size_t keyframe_bytes_ = 1024;
    std::size_t keyframe_members_ = 64;
};

}  // namespace tidewire::server
