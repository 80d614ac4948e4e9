// What the game sends to its players beside the state, and waits for its turn: maps, replays, level data. Who carries it takes it from
// here, so that a slow player's waits here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "server/room/player_table.h"
#include "tidewire/game.h"
#include "tidewire/result.h"

namespace tidewire::server {

struct BulkItem {
    std::uint32_t id = 0;
    BulkBytes bytes;
};

class BulkQueues {
public:
    /// `bytes_max` waits for one player, what is on its way included.
    explicit BulkQueues(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Of humans only: a bot takes none.
    void join(PlayerId player) { queues_.add(player); }
    void leave(PlayerId player);
    /// Errors (Caller): nothing to send, no such player, or too much waits for it.
    Result<void> push(PlayerId player, std::uint32_t id, BulkBytes bytes);
    /// The oldest; null when none waits. Valid until it is popped or the player leaves.
    const BulkItem* front(PlayerId player) const;
    /// The player has the oldest.
    void pop(PlayerId player);
    /// How many it has; 0 when there is no such player.
    std::uint32_t popped(PlayerId player) const;
    /// All that it does not have yet, oldest first.
    std::vector<BulkItem> waiting(PlayerId player) const;
    /// Instead of join(), of a player that has so many already.
    void restore(PlayerId player, std::uint32_t popped, const std::vector<BulkItem>& waiting);

private:
    struct Queue {
        std::deque<BulkItem> items;
        std::size_t bytes = 0;
        std::uint32_t popped = 0;
    };

    std::size_t bytes_max_;
    PlayerTable<Queue> queues_;
    std::size_t waiting_ = 0;  // items of all
};

}  // namespace tidewire::server
