// Lists by what they follow. Priorities are not in it: they choose among groups only where not all can be told.
#include "server/room/shared_lists.h"

namespace tidewire::server {

std::shared_ptr<SharedList> SharedLists::of(const Following& following) {
    key_.assign(1, following.hashed ? 1 : 0);
    for (const Subscription& each : following.subscriptions)
        key_.push_back(std::uint32_t{each.group} | static_cast<std::uint32_t>(each.rate) << 16 |
                       std::uint32_t{each.own} << 24);
    std::shared_ptr<SharedList>& list = lists_[key_];
    if (!list) {
        list = std::make_shared<SharedList>();
        list->following.subscriptions = following.subscriptions;
        list->following.hashed = following.hashed;
    }
    return list;
}

void SharedLists::drop_unused() {
    std::erase_if(lists_, [](const auto& list) { return list.second.use_count() == 1; });
}

}  // namespace tidewire::server
