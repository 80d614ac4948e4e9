// A world told as one group, for tests of what carries bodies: the server's end of its stream.
#pragma once

#include "sdk/core/replication/body.h"
#include "sdk/core/replication/snapshot.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::test {

/// Group 0 with every entity in it. Owner-only components are not told.
class WholeWorld {
public:
    /// `layout` must outlive it.
    explicit WholeWorld(const replication::Layout& layout, std::uint16_t tick_rate = 30,
                        const replication::CodeTables& tables = replication::CodeTables::built_in())
        : codec_(layout, tables, tick_rate) {}

    /// All of `snapshot`, packed. The stream goes on from it.
    Bytes keyframe(const replication::Snapshot& snapshot, const wire::Dictionary* dictionary = nullptr) {
        begin_at(snapshot);
        const replication::Snapshot nothing;
        Bytes body;
        replication::encode_keyframe(source(nothing, snapshot), replication::all_members(snapshot), body);
        return wire::pack_body(body, dictionary);
    }
    /// From one to the other. The stream goes on from `after`.
    Bytes delta(const replication::Snapshot& before, const replication::Snapshot& after) {
        begin_at(before);
        Bytes body;
        replication::encode_delta(source(before, after), replication::all_members(after), stream_, body);
        return body;
    }
    /// For who has `before`, but did not follow since then.
    Bytes catch_up(const replication::Snapshot& before, const replication::Snapshot& after) {
        begin_at(after);
        Bytes body;
        replication::encode_catch_up(source(before, after), replication::all_members(before), stream_, body);
        return body;
    }

    const replication::Codec& codec() const { return codec_; }

private:
    /// A stream that is elsewhere begins anew.
    void begin_at(const replication::Snapshot& snapshot) {
        if (stream_.tick == snapshot.tick) return;
        stream_ = {.tick = snapshot.tick, .members = replication::all_members(snapshot), .trails = {}};
    }
    replication::BodySource source(const replication::Snapshot& before, const replication::Snapshot& after) const {
        return {.codec = codec_, .before = before, .after = after};
    }

    replication::Codec codec_;
    replication::StreamState stream_;
};

}  // namespace tidewire::test
