// In step, a subscription is a function of the tick.
#include "server/room/following.h"

#include <algorithm>

namespace tidewire::server {

bool in_step(std::span<const Subscription> subscriptions, Tick tick) {
    return std::all_of(subscriptions.begin(), subscriptions.end(), [tick](const Subscription& each) {
        return each.written != 0 && each.written == tick - since_due(each, tick) && each.follows &&
               each.written_rate == each.rate && each.accumulator == 0 && !each.verify;
    });
}

void settle(std::span<Subscription> subscriptions, Tick tick) {
    for (Subscription& each : subscriptions) {
        each.written = tick - since_due(each, tick);
        each.written_rate = each.rate;
        each.accumulator = 0;
        each.follows = true;
        each.verify = false;
    }
}

bool follows_same(std::span<const Wanted> wanted, std::span<const Subscription> subscriptions) {
    return std::equal(wanted.begin(), wanted.end(), subscriptions.begin(), subscriptions.end(),
                      [](const Wanted& each, const Subscription& subscription) {
                          return each.group == subscription.group && each.rate == subscription.rate &&
                                 each.own == subscription.own;
                      });
}

}  // namespace tidewire::server
