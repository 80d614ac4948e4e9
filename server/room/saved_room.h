// All of a room that outlives its process, as plain values: another process makes a room of it that goes on where this one stood.
// Not in it are what clients have been told, which they are told anew, and the history that a rewind looks at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/bulk_queues.h"
#include "server/room/event_outbox.h"
#include "server/room/player_event.h"
#include "server/room/saved_interest.h"
#include "tidewire/identity.h"
#include "tidewire/state.h"

namespace tidewire::server {

struct SavedPlayer {
    PlayerId id = 0;
    std::string name{};
    bool bot = false;
    Identity identity{};
    std::uint32_t bulks_received = 0;
    std::vector<BulkItem> bulk{};  ///< That it does not have yet.
    Tick muted_until = 0;          ///< The last tick of its mute; 0: it has none.
};

struct SavedRoom {
    Tick tick = 0;  ///< The last that ran.
    PlayerId next_player = 1;
    replication::Snapshot world{};    ///< As it is after that, with whatever has come or gone since.
    std::vector<EntityId> retired{};  ///< Of indexes that nobody has: the last who had them. No later one may be taken for it.
    std::vector<SavedPlayer> players{};  ///< By id.
    SavedInterest interest{};
    std::vector<PlayerEvent> arrived{};     ///< Of clients, that the game has not been given yet.
    std::vector<OutgoingEvent> outgoing{};  ///< Of the game, that wait for the next tick.
    Bytes game{};                           ///< Its own.
};

}  // namespace tidewire::server
