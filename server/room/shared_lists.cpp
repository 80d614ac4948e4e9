// Lists by what they follow. Priorities are not in it: they choose among groups only where not all can be told.
#include "server/room/shared_lists.h"

#include <algorithm>

#include "sdk/core/base/hash.h"

namespace tidewire::server {

namespace {

/// What tells subscriptions of one list from those of another.
std::uint64_t key_of(const Subscription& each) {
    return std::uint64_t{each.group} | static_cast<std::uint64_t>(each.rate) << 16 | std::uint64_t{each.own} << 24;
}

std::uint64_t key_of(const Following& following) {
    std::uint64_t key = following.hashed ? 1 : 0;
    for (const Subscription& each : following.subscriptions) key = hash_combine(key, key_of(each));
    return key;
}

bool same(const Following& a, const Following& b) {
    return a.hashed == b.hashed &&
           std::equal(a.subscriptions.begin(), a.subscriptions.end(), b.subscriptions.begin(), b.subscriptions.end(),
                      [](const Subscription& one, const Subscription& other) { return key_of(one) == key_of(other); });
}

}  // namespace

std::shared_ptr<SharedList> SharedLists::of(const Following& following) {
    const std::uint64_t key = key_of(following);
    auto at = std::lower_bound(lists_.begin(), lists_.end(), key,
                               [](const Entry& each, std::uint64_t wanted) { return each.key < wanted; });
    for (; at != lists_.end() && at->key == key; ++at)
        if (same(at->list->following, following)) return at->list;
    std::shared_ptr<SharedList> list;
    if (spare_.empty()) {
        list = std::make_shared<SharedList>();
    } else {
        list = std::move(spare_.back());
        spare_.pop_back();
    }
    list->following.subscriptions = following.subscriptions;
    list->following.hashed = following.hashed;
    list->stage = SharedList::Stage::Parted;
    list->tick = 0;
    return lists_.insert(at, {key, std::move(list)})->list;
}

void SharedLists::drop_unused() {
    const auto dropped = std::remove_if(lists_.begin(), lists_.end(), [&](Entry& each) {
        if (each.list.use_count() != 1) return false;
        spare_.push_back(std::move(each.list));
        return true;
    });
    lists_.erase(dropped, lists_.end());
    // As many as are in use may be wanted anew; what was many once must not stay for ever.
    if (spare_.size() > lists_.size() + 1) spare_.resize(lists_.size() + 1);
}

}  // namespace tidewire::server
