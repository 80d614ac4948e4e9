// Encoding late: a body is made when the first client with its baseline asks, and shared with all others.
#include "server/room/fanout.h"

#include <cassert>

#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/keyframe.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

constexpr std::size_t table_bytes_max = 64;  // of a table's FlatBuffers around its bytes

constexpr Tick baseline_age_max = 255;  // GroupBody::baseline_age is one byte

}  // namespace

void Fanout::begin() {
    bodies_.clear();
    keyframe_bytes_ = 0;
}

Bytes Fanout::encode_keyframe(const replication::Snapshot& snapshot) {
    const std::vector<replication::TablePlanes> tables = replication::encode_planes(room_->layout(), snapshot);
    wire::Keyframe keyframe{.group = 0, .tick = snapshot.tick, .tables = {}};
    keyframe_bytes_ = table_bytes_max;
    for (const replication::TablePlanes& table : tables) {
        keyframe.tables.push_back({table.table, table.present, table.planes});
        keyframe_bytes_ += table_bytes_max + table.present.size() + table.planes.size();
    }
    return wire::encode(keyframe);
}

wire::GroupBody Fanout::body(Tick baseline) {
    const replication::Snapshot* newest = room_->snapshots().newest();
    assert(newest != nullptr && "the room has not ticked");
    const bool near = baseline != 0 && baseline < newest->tick && newest->tick - baseline <= baseline_age_max;
    const replication::Snapshot* from = near ? room_->snapshots().find(baseline) : nullptr;

    const auto [entry, missing] = bodies_.try_emplace(from == nullptr ? 0 : baseline);
    if (missing)
        entry->second =
            from == nullptr ? encode_keyframe(*newest) : replication::encode_delta(room_->layout(), *from, *newest);
    return {.group = 0,
            .coding = from == nullptr ? wire::BodyCoding::Keyframe : wire::BodyCoding::Delta,
            .baseline_age = static_cast<std::uint8_t>(from == nullptr ? 0 : newest->tick - baseline),
            .bytes = entry->second};
}

}  // namespace tidewire::server
