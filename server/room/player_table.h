// What is kept of each player of a room, by its id. A room's ids rise from join to join and are never used again, so the table is a
// sorted list: a look-up is a guess that is right as long as few have left, and a search over neighbouring numbers otherwise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "tidewire/state.h"

namespace tidewire::server {

/// Values stay where they are until their player goes.
template <class T>
class PlayerTable {
public:
    struct Item {
        PlayerId id;
        T& value;
    };
    struct ConstItem {
        PlayerId id;
        const T& value;
    };

    /// Precondition: it is not there. Cheap for an id above all others.
    T& add(PlayerId id, T value = T()) {
        const auto at = std::upper_bound(entries_.begin(), entries_.end(), id,
                                         [](PlayerId added, const Entry& each) { return added < each.id; });
        return *entries_.insert(at, Entry{id, std::make_unique<T>(std::move(value))})->value;
    }
    /// Nothing happens when it is not there.
    void remove(PlayerId id) {
        const std::size_t at = place_of(id);
        if (at != entries_.size()) entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    /// Null when it is not there.
    T* find(PlayerId id) {
        const std::size_t at = place_of(id);
        return at == entries_.size() ? nullptr : entries_[at].value.get();
    }
    const T* find(PlayerId id) const { return const_cast<PlayerTable*>(this)->find(id); }
    std::size_t size() const { return entries_.size(); }

    // By id: `for (const auto [id, value] : table)`, where `value` is a reference.
    auto begin() { return Iterator<Item>(entries_.data()); }
    auto end() { return Iterator<Item>(entries_.data() + entries_.size()); }
    auto begin() const { return Iterator<ConstItem>(entries_.data()); }
    auto end() const { return Iterator<ConstItem>(entries_.data() + entries_.size()); }

private:
    struct Entry {
        PlayerId id;
        std::unique_ptr<T> value;
    };
    template <class Each>
    class Iterator {
    public:
        explicit Iterator(const Entry* at) : at_(at) {}
        Each operator*() const { return {at_->id, *at_->value}; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at_ != other.at_; }

    private:
        const Entry* at_;
    };

    /// entries_.size() when it is not there.
    std::size_t place_of(PlayerId id) const {
        if (entries_.empty() || id < entries_.front().id) return entries_.size();
        // Nobody is further back than if nobody had left.
        const std::size_t guess = std::min<std::size_t>(id - entries_.front().id, entries_.size() - 1);
        if (entries_[guess].id == id) return guess;
        const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(guess);
        const auto found =
            std::lower_bound(entries_.begin(), end, id, [](const Entry& each, PlayerId wanted) { return each.id < wanted; });
        return found != end && found->id == id ? static_cast<std::size_t>(found - entries_.begin()) : entries_.size();
    }

    std::vector<Entry> entries_;
};

}  // namespace tidewire::server
