// The connections of a server under ids that are never used twice. It owns them and does nothing with them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sdk/websocket/peer.h"

namespace tidewire::websocket {

class Slots {
public:
    ConnectionId insert(std::unique_ptr<Peer> peer) {
        if (free_.empty()) {
            slots_.emplace_back();
            free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
        }
        const std::uint32_t at = free_.back();
        free_.pop_back();
        slots_[at].peer = std::move(peer);
        return id(at);
    }

    /// Null when it is gone.
    Peer* find(ConnectionId connection) const {
        const auto number = static_cast<std::uint64_t>(connection);
        const std::size_t at = index(connection);
        return at < slots_.size() && slots_[at].generation == number >> 32 ? slots_[at].peer.get() : nullptr;
    }

    /// Precondition: find() has it.
    void erase(ConnectionId connection) {
        const std::size_t at = index(connection);
        slots_[at].peer.reset();
        ++slots_[at].generation;
        free_.push_back(static_cast<std::uint32_t>(at));
    }

    std::size_t size() const { return slots_.size() - free_.size(); }

    template <class Visit>
    void for_each(Visit visit) const {
        for (std::uint32_t at = 0; at < slots_.size(); ++at)
            if (slots_[at].peer) visit(id(at), *slots_[at].peer);
    }

private:
    struct Slot {
        std::uint32_t generation = 1;
        std::unique_ptr<Peer> peer;
    };

    static std::size_t index(ConnectionId connection) {
        return (static_cast<std::uint64_t>(connection) & 0xffffffff) - 1;
    }
    ConnectionId id(std::uint32_t at) const {
        return static_cast<ConnectionId>((static_cast<std::uint64_t>(slots_[at].generation) << 32) |
                                         (std::uint64_t{at} + 1));
    }

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace tidewire::websocket
