// Rooms that were ordered in the directory, as their shard opens and ends them.
#pragma once

#include <cstdint>
#include <deque>

#include "server/gate/gate_event.h"
#include "server/gate/room_list.h"
#include "server/gate/site.h"

namespace tidewire::server {

/// Opens the rooms that the directory wants this shard to have, unless it is draining, and ends those that it wants to end: these tell
/// their players at their next tick. One that the game cannot make is closed in the directory. `events` are told of both.
void obey_orders(Site& site, std::uint32_t shard, RoomList& rooms, bool draining, std::deque<GateEvent>& events, TimePoint now);

}  // namespace tidewire::server
