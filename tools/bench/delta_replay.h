// A recorded world told to one client, frame by frame, as a room would tell it as a single group. Every body is decoded again and
// compared: figures of a codec that is wrong are never printed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sdk/core/replication/body.h"
#include "tidewire/result.h"

namespace tidewire::bench {

struct ReplayOptions {
    std::size_t sample_period = 50;        ///< Frames from one keyframe, with its catch-ups, to the next.
    std::vector<Tick> skips = {1, 5, 60};  ///< Ticks that a client has missed before it catches up; ascending.
};

/// For clients that lack a number of ticks.
struct CatchUpSizes {
    Tick skip_ticks = 0;
    double catchup_bytes_mean = 0;
    double fresh_delta_bytes_mean = 0;  ///< Of a stream that begins at the client's baseline and remembers nothing.
};

struct KeyframeSize {
    std::size_t frame = 0;
    std::size_t bytes = 0;  ///< As replication makes it.
};

/// Means over frames, in bytes; 0 where there was nothing to take one of.
struct ReplayFigures {
    double bytes_mean = 0;               ///< Of the delta to the frame before.
    double order0_bound_bytes_mean = 0;  ///< See SymbolMeter.
    double prefix_bytes_mean = 0;        ///< With the same head and sections, whose codes end at a whole byte.
    double symbols_mean = 0;             ///< Coded for a delta.
    double keyframe_bytes_mean = 0;      ///< As replication makes it.
    double keyframe_packed_bytes_mean =
        0;  ///< As it is sent: with an envelope byte, in a zstd frame where that is smaller.
    double after_keyframe_bytes_mean =
        0;  ///< Of the catch-up from a keyframe to the frame after it: it tells the memory, too.
    std::vector<KeyframeSize> keyframes;  ///< That the means are of.
    std::vector<CatchUpSizes> catch_ups;  ///< One for each of the skips.
    bool never_above_keyframe = true;     ///< No catch-up was larger than the keyframe of its frame.
    std::vector<Bytes> bodies;            ///< The deltas to each frame but the first.
};

/// Precondition: the snapshots are of consecutive ticks and have the same entities. Errors: Machine, when a decoder made anything
/// else than what was encoded.
Result<ReplayFigures> replay(const replication::Codec& codec, std::span<const replication::Snapshot> snapshots,
                             const ReplayOptions& options = {});

/// Processor time per frame: means over the frames of a pass, of which the medians over the passes. An encoder's time begins with
/// two snapshots, a decoder's ends with one.
struct ReplayTimes {
    double encode_us_mean = 0;
    double decode_us_mean = 0;
};

/// `bodies` are replay()'s.
ReplayTimes time_replay(const replication::Codec& codec, std::span<const replication::Snapshot> snapshots,
                        std::span<const Bytes> bodies, std::size_t passes);

}  // namespace tidewire::bench
