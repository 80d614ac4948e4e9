// The stream of one group, and clients that meet it at different places.
#include "tools/bench/delta_replay.h"

#include <string>
#include <utility>

#include "sdk/core/replication/body_scratch.h"
#include "sdk/core/replication/members.h"
#include "sdk/core/wire/codec.h"
#include "tools/bench/delta_symbol_meter.h"
#include "tools/bench/processor_time.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

using replication::BodyKind;
using replication::BodySource;
using replication::Codec;
using replication::Coverage;
using replication::Members;
using replication::Snapshot;
using replication::SnapshotEdit;
using replication::StreamState;
using replication::SymbolListener;

BodySource source(const Codec& codec, const Snapshot& before, const Snapshot& after, SymbolListener* listener) {
    return {.codec = codec,
            .before = before,
            .after = after,
            .coverage = Coverage::Public,
            .group_of = {},
            .stayed = nullptr,
            .changes = nullptr,
            .listener = listener};
}

/// Of a client that has got a keyframe, which tells nothing of motion.
StreamState fresh_state(const Snapshot& snapshot) {
    return {.tick = snapshot.tick, .members = replication::all_members(snapshot), .trails = {}};
}

replication::BodyLimits limits_of(const Snapshot& snapshot) {
    constexpr std::size_t rows = replication::Chunk::rows;
    return {.entities_max = static_cast<std::uint32_t>(snapshot.tables.front().size() * rows)};
}

Bytes encode_catch_up(const Codec& codec, const Snapshot& before, const StreamState& stream, const Snapshot& after) {
    Bytes body;
    replication::encode_catch_up(source(codec, before, after, nullptr), replication::all_members(before), stream, body);
    return body;
}

Bytes encode_keyframe(const Codec& codec, const StreamState& stream, const Snapshot& after) {
    Bytes body;
    replication::encode_keyframe(source(codec, after, after, nullptr), stream.members, body);
    return body;
}

/// What a client has.
struct Reader {
    Snapshot snapshot;
    StreamState state;
};

class Mean {
public:
    void add(double value) {
        sum_ += value;
        ++count_;
    }
    void add(const Bytes& bytes) { add(static_cast<double>(bytes.size())); }
    double value() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

private:
    double sum_ = 0;
    std::size_t count_ = 0;
};

class Replay {
public:
    Replay(const Codec& codec, std::span<const Snapshot> snapshots, const ReplayOptions& options)
        : codec_(codec),
          snapshots_(snapshots),
          options_(options),
          meter_(codec),
          stream_(fresh_state(snapshots.front())),
          follower_{snapshots.front(), stream_},
          catch_ups_(options.skips.size()),
          fresh_deltas_(options.skips.size()) {}

    Result<ReplayFigures> run() {
        for (std::size_t frame = 1; frame < snapshots_.size(); ++frame) {
            if (auto told = tell_delta(frame); !told) return Unexpected{told.error()};
            if (!is_sample(frame)) continue;
            if (auto told = tell_late(frame); !told) return Unexpected{told.error()};
        }
        figures_.bytes_mean = deltas_.value();
        figures_.prefix_bytes_mean = prefix_codes_.value();
        figures_.keyframe_bytes_mean = keyframes_.value();
        figures_.keyframe_packed_bytes_mean = packed_keyframes_.value();
        figures_.after_keyframe_bytes_mean = after_keyframes_.value();
        if (const auto frames = static_cast<double>(figures_.bodies.size()); frames > 0) {
            figures_.order0_bound_bytes_mean = meter_.order0_bound_bytes() / frames;
            figures_.symbols_mean = static_cast<double>(meter_.symbols()) / frames;
        }
        for (std::size_t i = 0; i < options_.skips.size(); ++i)
            figures_.catch_ups.push_back({options_.skips[i], catch_ups_[i].value(), fresh_deltas_[i].value()});
        return std::move(figures_);
    }

private:
    /// Every so many, once the longest skip has a baseline.
    bool is_sample(std::size_t frame) const {
        return frame % options_.sample_period == 0 && (options_.skips.empty() || frame > options_.skips.back());
    }

    Result<void> tell_delta(std::size_t frame) {
        const Snapshot& after = snapshots_[frame];
        Bytes body;
        encode_delta(source(codec_, snapshots_[frame - 1], after, &meter_), stream_.members, stream_, body);
        deltas_.add(body);
        const std::uint64_t prefix_bits = meter_.take_prefix_bits();
        // One byte of head: nobody comes or goes, so the only section is the component's.
        prefix_codes_.add(body.empty() ? 0 : 1 + static_cast<double>((prefix_bits + 7) / 8));
        auto checked = check(body, BodyKind::Delta, follower_, after, stream_);
        figures_.bodies.push_back(std::move(body));
        return checked;
    }

    /// To a frame: a keyframe, the catch-up of a client that got one in the frame before, and those of clients that skipped some.
    Result<void> tell_late(std::size_t frame) {
        const Snapshot& after = snapshots_[frame];
        const Bytes keyframe = encode_keyframe(codec_, stream_, after);
        keyframes_.add(keyframe);
        figures_.keyframes.push_back({frame, keyframe.size()});
        packed_keyframes_.add(wire::pack_body(keyframe, nullptr));
        Reader newcomer;
        StreamState told = fresh_state(after);
        told.trails.resize(codec_.layout().table_count());
        if (auto checked = check(keyframe, BodyKind::Keyframe, newcomer, after, told); !checked) return checked;
        newcomer = {snapshots_[frame - 1], fresh_state(snapshots_[frame - 1])};
        const Bytes follow_up = encode_catch_up(codec_, newcomer.snapshot, stream_, after);
        after_keyframes_.add(follow_up);
        if (auto checked = check(follow_up, BodyKind::CatchUp, newcomer, after, stream_); !checked) return checked;
        for (std::size_t i = 0; i < options_.skips.size(); ++i) {
            const Snapshot& baseline = snapshots_[frame - 1 - options_.skips[i]];
            const Bytes catch_up = encode_catch_up(codec_, baseline, stream_, after);
            catch_ups_[i].add(catch_up);
            figures_.never_above_keyframe = figures_.never_above_keyframe && catch_up.size() <= keyframe.size();
            Reader late{baseline, fresh_state(baseline)};
            if (auto checked = check(catch_up, BodyKind::CatchUp, late, after, stream_); !checked) return checked;

            Reader fresh{baseline, fresh_state(baseline)};
            StreamState restarted = fresh.state;
            Bytes delta;
            encode_delta(source(codec_, baseline, after, nullptr), restarted.members, restarted, delta);
            fresh_deltas_[i].add(delta);
            if (auto checked = check(delta, BodyKind::Delta, fresh, after, restarted); !checked) return checked;
        }
        return {};
    }

    /// Applies the body to what the reader has. It must have the snapshot and the stream's state then.
    Result<void> check(ByteSpan body, BodyKind kind, Reader& reader, const Snapshot& after, const StreamState& stream) {
        const auto refuse = [&after](const std::string& what) {
            return unexpected(Blame::Machine, "the body of frame " + std::to_string(after.tick - 1) + " " + what +
                                                  "; the codec is at fault, its figures would mean nothing");
        };
        SnapshotEdit edit(codec_.layout(), reader.snapshot);
        const auto decoded =
            decode_body(codec_, body, kind, Coverage::Public, after.tick, limits_of(after), reader.state, edit);
        if (!decoded) return refuse("was refused: " + decoded.error().message);
        reader.snapshot = std::move(edit).finish(after.tick);
        if (!same_state(reader.snapshot, after))
            return refuse("made another state: " + first_difference(codec_.layout(), reader.snapshot, after));
        if (reader.state != stream) return refuse("left another memory of what moved");
        return {};
    }

    const Codec& codec_;
    std::span<const Snapshot> snapshots_;
    const ReplayOptions& options_;
    SymbolMeter meter_;
    StreamState stream_;
    Reader follower_;  // gets every delta
    ReplayFigures figures_;
    Mean deltas_, prefix_codes_, keyframes_, packed_keyframes_, after_keyframes_;
    std::vector<Mean> catch_ups_, fresh_deltas_;
};

double encode_us(const Codec& codec, std::span<const Snapshot> snapshots) {
    StreamState stream = fresh_state(snapshots.front());
    const Members members = stream.members;
    Bytes body;
    replication::EncodeScratch scratch;
    const double start = processor_us();
    for (std::size_t frame = 1; frame < snapshots.size(); ++frame) {
        body.clear();
        BodySource from = source(codec, snapshots[frame - 1], snapshots[frame], nullptr);
        from.scratch = &scratch;
        encode_delta(from, members, stream, body);
    }
    return processor_us() - start;
}

double decode_us(const Codec& codec, std::span<const Snapshot> snapshots, std::span<const Bytes> bodies) {
    Reader reader{snapshots.front(), fresh_state(snapshots.front())};
    const replication::BodyLimits limits = limits_of(snapshots.front());
    replication::DecodeScratch scratch;
    const double start = processor_us();
    for (const Bytes& body : bodies) {
        const Tick tick = reader.state.tick + 1;
        SnapshotEdit edit(codec.layout(), reader.snapshot);
        (void)decode_body(codec, body, BodyKind::Delta, Coverage::Public, tick, limits, reader.state, edit, &scratch);
        reader.snapshot = std::move(edit).finish(tick);
    }
    return processor_us() - start;
}

}  // namespace

Result<ReplayFigures> replay(const Codec& codec, std::span<const Snapshot> snapshots, const ReplayOptions& options) {
    if (snapshots.empty()) return ReplayFigures{};
    return Replay(codec, snapshots, options).run();
}

ReplayTimes time_replay(const Codec& codec, std::span<const Snapshot> snapshots, std::span<const Bytes> bodies,
                        std::size_t passes) {
    if (bodies.empty()) return {};
    const auto frames = static_cast<double>(bodies.size());
    std::vector<double> encodes;
    std::vector<double> decodes;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        encodes.push_back(encode_us(codec, snapshots) / frames);
        decodes.push_back(decode_us(codec, snapshots, bodies) / frames);
    }
    return {median(encodes), median(decodes)};
}

}  // namespace tidewire::bench
