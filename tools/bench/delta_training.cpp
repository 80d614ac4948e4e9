// Encodes for nobody, and counts.
#include "tools/bench/delta_training.h"

#include <array>
#include <vector>

#include "sdk/core/replication/body.h"
#include "sdk/core/replication/members.h"
#include "server/room/room.h"
#include "tools/bench/delta_symbol_meter.h"

namespace tidewire::bench {

namespace {

using replication::BodySource;
using replication::Codec;
using replication::CodeTables;
using replication::Members;
using replication::Snapshot;
using replication::StreamState;

// Clients that come late are rare, but cost the most.
constexpr std::size_t sample_period = 10;
constexpr std::array<Tick, 7> skips = {0, 1, 2, 5, 11, 29, 59};  // 0: after a keyframe

BodySource source(const Codec& codec, const Snapshot& before, const Snapshot& after, SlotCounter& counter) {
    return {.codec = codec,
            .before = before,
            .after = after,
            .coverage = replication::Coverage::Public,
            .group_of = {},
            .stayed = nullptr,
            .changes = nullptr,
            .listener = &counter};
}

void count_keyframe(const Codec& codec, const StreamState& stream, const Snapshot& after, SlotCounter& counter) {
    Bytes body;
    encode_keyframe(source(codec, after, after, counter), stream.members, body);
}

}  // namespace

CodeTables train_on(const replication::Layout& layout, double tick_rate, std::span<const Snapshot> snapshots) {
    const Codec codec(layout, CodeTables::built_in(), tick_rate);
    SlotCounter counter(codec);
    StreamState stream{
        .tick = snapshots.front().tick, .members = replication::all_members(snapshots.front()), .trails = {}};
    for (std::size_t frame = 1; frame < snapshots.size(); ++frame) {
        const Snapshot& after = snapshots[frame];
        const Members members = replication::all_members(after);
        Bytes body;
        encode_delta(source(codec, snapshots[frame - 1], after, counter), members, stream, body);
        if (frame % sample_period != 0 || frame <= skips.back()) continue;
        count_keyframe(codec, stream, after, counter);
        for (const Tick skip : skips) {
            const Snapshot& before = snapshots[frame - 1 - skip];
            encode_catch_up(source(codec, before, after, counter), replication::all_members(before), stream, body);
        }
    }
    return CodeTables::train(counter.counts(), layout.schema().hash);
}

CodeTables train_on_room(const Game& game, const replication::Layout& layout, const RoomTraining& options) {
    server::Room room(game, layout, {.tick_rate = options.tick_rate, .entities_max = options.entities_max});
    const Codec codec(layout, CodeTables::built_in(), options.tick_rate);
    SlotCounter counter(codec);
    std::vector<StreamState> streams(options.groups);
    const server::InterestGroups& interest = room.interest();
    room.tick();
    for (std::size_t i = 0; i < streams.size(); ++i)
        streams[i] = {.tick = 1,
                      .members = interest.members(static_cast<server::GroupId>(server::group_first_cell + i)),
                      .trails = {}};
    while (room.tick_number() <= options.ticks) {
        room.tick();
        const Tick tick = room.tick_number();
        const Snapshot& after = *room.snapshots().newest();
        for (std::size_t i = 0; i < streams.size(); ++i) {
            const auto group = static_cast<server::GroupId>(server::group_first_cell + i);
            BodySource told = source(codec, *room.snapshots().find(tick - 1), after, counter);
            told.group_of = [&interest](std::uint32_t index) { return interest.group_of(index); };
            Bytes body;
            encode_delta(told, interest.members(group), streams[i], body);
            // Not all groups at one tick: what they have in common is not typical.
            if ((tick + i) % (sample_period * sample_period) != 0) continue;
            count_keyframe(codec, streams[i], after, counter);
            encode_catch_up(told, *interest.members_at(group, tick - 1), streams[i], body);
        }
    }
    return CodeTables::train(counter.counts(), layout.schema().hash);
}

}  // namespace tidewire::bench
