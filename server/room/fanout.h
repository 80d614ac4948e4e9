// What a tick looks like on the wire: each body is encoded once per baseline, whatever the number of clients.
#pragma once

#include <map>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "server/room/room.h"

namespace tidewire::server {

/// The bodies of one room's newest tick. Valid until the next begin().
class Fanout {
public:
    explicit Fanout(const Room& room) : room_(&room) {}

    /// A new tick: forgets the bodies of the last one.
    void begin();
    /// The body that takes a client from the last snapshot written to it (`baseline`; 0: none) to the newest one: a delta
    /// when the room still holds the baseline and it is less than 256 ticks old, the keyframe otherwise.
    wire::GroupBody body(Tick baseline);
    /// Of this tick's keyframe before compression, with a margin of less than 1 KiB; 0 until body() made one.
    std::size_t keyframe_bytes() const { return keyframe_bytes_; }

private:
    const Room* room_;
    Bytes encode_keyframe(const replication::Snapshot& snapshot);

    std::size_t keyframe_bytes_ = 0;
    std::map<Tick, Bytes> bodies_;  // by baseline; 0 is the keyframe
};

}  // namespace tidewire::server
