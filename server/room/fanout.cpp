// Encoding late: a body is made when the first client with its baseline asks, and shared with all others.
#include "server/room/fanout.h"

#include <cassert>

#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/keyframe.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

constexpr Tick baseline_age_max = 255;  // GroupBody::baseline_age is one byte

Bytes encode_keyframe(const replication::Layout& layout, const replication::Snapshot& snapshot) {
    const std::vector<replication::TablePlanes> tables = replication::encode_planes(layout, snapshot);
    wire::Keyframe keyframe{.group = 0, .tick = snapshot.tick, .tables = {}};
    for (const replication::TablePlanes& table : tables)
        keyframe.tables.push_back({table.table, table.present, table.planes});
    return wire::encode(keyframe);
}

}  // namespace

void Fanout::begin() { bodies_.clear(); }

wire::GroupBody Fanout::body(Tick baseline) {
    const replication::Snapshot* newest = room_->snapshots().newest();
    assert(newest != nullptr && "the room has not ticked");
    const bool near = baseline != 0 && baseline < newest->tick && newest->tick - baseline <= baseline_age_max;
    const replication::Snapshot* from = near ? room_->snapshots().find(baseline) : nullptr;

    const auto [entry, missing] = bodies_.try_emplace(from == nullptr ? 0 : baseline);
    if (missing)
        entry->second = from == nullptr ? encode_keyframe(room_->layout(), *newest)
                                        : replication::encode_delta(room_->layout(), *from, *newest);
    return {.group = 0,
            .coding = from == nullptr ? wire::BodyCoding::Keyframe : wire::BodyCoding::Delta,
            .baseline_age = static_cast<std::uint8_t>(from == nullptr ? 0 : newest->tick - baseline),
            .bytes = entry->second};
}

}  // namespace tidewire::server
