// What is expected of a body is what the last one of its kind took.
#include "server/room/group_streams.h"

#include <algorithm>
#include <utility>

#include "sdk/core/replication/group_state.h"

namespace tidewire::server {

using wire::BodyCoding;

GroupStreams::GroupStreams(const Scene& scene, RoomResources resources)
    : scene_(scene),
      resources_(std::move(resources)),
      codec_(scene.layout, resources_.code_tables, scene.tick_rate) {}

std::size_t GroupStreams::size() const {
    std::size_t count = 0;
    for (const auto& streams : streams_)
        for (const auto& stream : streams) count += stream ? 1U : 0U;
    return count;
}

void GroupStreams::begin() {
    const Tick now = scene_.tick();
    if (now % unused_ticks == 0)
        for (auto& streams : streams_)
            for (auto& stream : streams)
                if (stream && now - stream->tick() > unused_ticks) stream.reset();
    changes_.clear();
    const replication::Snapshot* const newest = scene_.snapshots.newest();
    before_ = newest == nullptr ? nullptr : scene_.snapshots.find(newest->tick - 1);
}

Stream& GroupStreams::make_stream(GroupId group, replication::Rate rate) {
    std::vector<std::unique_ptr<Stream>>& streams = streams_[is_private(group) ? 1 : 0];
    const std::size_t place = place_of(group, rate);
    if (streams.size() <= place) streams.resize(place + 1);
    streams[place] = std::make_unique<Stream>(group, rate);
    return *streams[place];
}

Stream& GroupStreams::advanced(Stream& stream) {
    if (stream.tick() == scene_.tick()) return stream;
    stream.advance(source());
    counters_.deltas += stream.delta_from() != 0 ? 1U : 0U;
    return stream;
}

bool GroupStreams::goes_on(const Stream& stream, const Subscription& subscription) const {
    return subscription.written != 0 && subscription.follows && subscription.written_rate == stream.rate() &&
           subscription.written == stream.starts_from(scene_.tick());
}

std::size_t GroupStreams::expected_bytes(Stream& stream, const Subscription& subscription) const {
    const std::size_t delta = stream.last_delta(scene_.tick());
    if (subscription.verify) return delta + expected_keyframe(stream);
    if (goes_on(stream, subscription)) return delta;
    const bool held =
        subscription.written != 0 && (scene_.interest.history().holds(subscription.written) ||
                                      scene_.held.find(subscription.written) != nullptr);
    const std::size_t keyframe = expected_keyframe(stream);
    return held ? std::min(keyframe, std::max(delta, stream.last_catch_up())) : keyframe;
}

GroupStreams::Body GroupStreams::body(Stream& stream, const Subscription& subscription) {
    const Tick written = subscription.written;
    const bool same_stream =
        written != 0 && subscription.written_rate == stream.rate() && written == stream.delta_from();
    if (same_stream && subscription.follows) return {BodyCoding::Delta, stream.delta()};
    if (written != 0) {
        if (const auto catch_up = this->catch_up(stream, written)) {
            // Who was away for long, or whose group is another one now, is better served from the beginning. To know that one must
            // make the keyframe, unless the last one says enough.
            const bool small = catch_up->size() * 2 <= stream.last_keyframe(member_count(stream));
            if (same_stream || small || catch_up->size() <= keyframe(stream).size())
                return {BodyCoding::CatchUp, *catch_up};
        }
    }
    return {BodyCoding::Keyframe, keyframe(stream)};
}

ByteSpan GroupStreams::keyframe(Stream& stream) {
    const bool missing = !stream.has_keyframe();
    const ByteSpan bytes = stream.keyframe(source());
    if (missing) {
        ++counters_.keyframes;
        keyframe_bytes_ += bytes.size();
        keyframe_members_ += member_count(stream);
    }
    return bytes;
}

std::optional<ByteSpan> GroupStreams::catch_up(Stream& stream, Tick baseline) {
    const bool missing = !stream.has_catch_up(baseline);
    const std::optional<ByteSpan> bytes = stream.catch_up(source(), baseline);
    counters_.catch_ups += missing && bytes ? 1U : 0U;
    return bytes;
}

std::size_t GroupStreams::expected_keyframe(Stream& stream) const {
    const std::size_t members = member_count(stream);
    const std::size_t of_its_own = stream.last_keyframe(members);
    return of_its_own != 0 ? of_its_own : keyframe_bytes_ * members / keyframe_members_;
}

std::uint64_t GroupStreams::state_hash(GroupId group) {
    std::vector<Hash>& hashes = hashes_[is_private(group) ? 1 : 0];
    const std::size_t number = group & ~unsigned{group_private};
    if (hashes.size() <= number) hashes.resize(number + 1);
    Hash& hash = hashes[number];
    if (hash.tick != scene_.tick())
        hash = {scene_.tick(),
                replication::group_hash(scene_.layout, *scene_.snapshots.newest(), scene_.interest.members(group),
                                        replication::coverage_of(group))};
    return hash.value;
}

StreamSource GroupStreams::source() {
    return {.codec = codec_,
            .layout = scene_.layout,
            .snapshots = scene_.snapshots,
            .interest = scene_.interest,
            .held = scene_.held,
            .dictionary = resources_.dictionary ? &*resources_.dictionary : nullptr,
            .before = before_,
            .changes = changes_,
            .scratch = scratch_};
}

}  // namespace tidewire::server
