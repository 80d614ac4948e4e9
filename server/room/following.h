// What the server remembers of the groups that somebody follows. In step is who has missed nothing: then the tick alone says how far it is
// in each group, and all who follow the same groups are told the same.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "server/room/budget.h"

namespace tidewire::server {

struct Following {
    std::vector<Subscription> subscriptions;  ///< By group.
    std::vector<GroupId> ended;               ///< That are still to be told of.
    bool hashed = true;                       ///< Hashes are told: the client's schema is all of the server's.
    struct Written {
        std::uint32_t subscription;  // its index
        bool follows;                // afterwards, the stream
    };
    std::vector<Written> written;   ///< What the message at hand tells of.
    std::size_t ended_written = 0;  ///< And so many of `ended`.
};

/// How many ticks ago it was the group's turn; 0: it is. Groups of one class take turns. Periods are powers of two.
constexpr Tick since_due(const Subscription& subscription, Tick tick) {
    return (tick + subscription.group) & (replication::period_of(subscription.rate) - 1);
}

/// Whether every group was written at its last turn up to `tick`, follows its stream, and nothing else is owed.
bool in_step(std::span<const Subscription> subscriptions, Tick tick);
/// Writes down how far the groups of one who is in step at `tick` are.
void settle(std::span<Subscription> subscriptions, Tick tick);
/// Whether the same groups are wanted at the same rates, whatever their priorities.
bool follows_same(std::span<const Wanted> wanted, std::span<const Subscription> subscriptions);

}  // namespace tidewire::server
