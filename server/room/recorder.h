// Keeps all that happens in a room as a flight recording: the view of a client that follows every group, private ones too, at full
// rate and without a budget. Bytes come out; the file is whoever keeps them. What nobody can be told is not in it: owner_only
// components of bots' entities, and of those without an owner.
#pragma once

#include <map>

#include "sdk/core/base/bytes.h"
#include "server/room/fanout.h"
#include "server/room/room.h"
#include "tidewire/result.h"

namespace tidewire::server {

class Recorder {
public:
    /// `room` must outlive the recorder. It has streams of its own: what clients are told does not depend on whether it is there.
    Recorder(const Room& room, RoomResources resources);

    /// Appends what the room's newest tick says, the first time with the recording's header. To be called after each tick; a tick
    /// that was missed is not in the recording. Fails when the room has more groups than a Tick can tell of; there it ends.
    Result<void> record(Bytes& out);

private:
    void follow_all();
    void follow_changed();
    /// Follows it when it has members, and counts its time when it has none.
    void look_at(GroupId group);
    void end_long_empty();
    void append_header(Bytes& out) const;

    const Room* room_;
    Fanout fanout_;
    Following following_;
    std::map<GroupId, Tick> empty_since_;
    wire::TickMessage message_;
    Tick last_ = 0;  // that was recorded
};

}  // namespace tidewire::server
