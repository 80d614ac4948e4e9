// What belongs to each connection, found by its id. Ids rise and are never used twice, so that the id itself says where to look first.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "server/gate/gate_event.h"

namespace tidewire::server {

/// It owns what it holds, which stays where it is in memory.
template <class T>
class ConnectionTable {
public:
    std::size_t size() const { return size_; }

    /// Null when there is none.
    T* find(ConnectionId id) const {
        if (places_.empty()) return nullptr;
        for (std::size_t at = first_place(id);; at = next(at)) {
            if (!places_[at].value) return nullptr;
            if (places_[at].id == id) return places_[at].value.get();
        }
    }

    /// Precondition: there is none of this id.
    T& insert(ConnectionId id, std::unique_ptr<T> value) {
        assert(find(id) == nullptr);
        if ((size_ + 1) * 2 > places_.size()) grow();
        ++size_;
        return put({id, std::move(value)});
    }

    /// Null when there is none.
    std::unique_ptr<T> take(ConnectionId id) {
        if (places_.empty()) return nullptr;
        std::size_t at = first_place(id);
        while (places_[at].value && places_[at].id != id) at = next(at);
        std::unique_ptr<T> taken = std::move(places_[at].value);
        if (!taken) return nullptr;
        --size_;
        // Whoever stands behind it only because its place was taken moves up.
        for (std::size_t hole = at, look = next(at); places_[look].value; look = next(look)) {
            const std::size_t wanted = first_place(places_[look].id);
            const bool stays = hole <= look ? hole < wanted && wanted <= look : hole < wanted || wanted <= look;
            if (stays) continue;
            places_[hole] = std::move(places_[look]);
            hole = look;
        }
        return taken;
    }

    /// In an order that depends on nothing but what was inserted and taken. `visit` must do neither.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const Place& place : places_)
            if (place.value) visit(place.id, *place.value);
    }

private:
    struct Place {
        ConnectionId id{};
        std::unique_ptr<T> value;
    };

    std::size_t first_place(ConnectionId id) const {
        return static_cast<std::size_t>(static_cast<std::uint64_t>(id)) & (places_.size() - 1);
    }
    std::size_t next(std::size_t at) const { return (at + 1) & (places_.size() - 1); }

    T& put(Place place) {
        std::size_t at = first_place(place.id);
        while (places_[at].value) at = next(at);
        places_[at] = std::move(place);
        return *places_[at].value;
    }

    void grow() {
        std::vector<Place> before(places_.empty() ? 16 : places_.size() * 2);
        before.swap(places_);
        for (Place& place : before)
            if (place.value) put(std::move(place));
    }

    std::vector<Place> places_;  // a power of two, half of them free at least
    std::size_t size_ = 0;
};

}  // namespace tidewire::server
