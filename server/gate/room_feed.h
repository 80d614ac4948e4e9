// The list of public rooms as one connection knows it, and what it is to be told next.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sdk/core/wire/message.h"
#include "server/gate/room_directory.h"

namespace tidewire::server {

/// Told to one connection: further rooms are known to who wishes them by their properties. As many fit into two messages.
inline constexpr std::size_t watched_rooms_max = 256;
/// Looked at for that.
inline constexpr std::size_t listed_rooms_max = 8192;
/// What changes more often is told as it is then: a player who comes and goes is no news.
inline constexpr Duration rooms_told_every = std::chrono::milliseconds(500);

/// One of ClientRoomOptions::watchers_max, as long as this lives.
class WatchPlace {
public:
    /// Empty when so many are used. `used` must outlive it.
    static std::optional<WatchPlace> take(std::atomic<std::uint32_t>& used, std::uint32_t max) {
        if (used.fetch_add(1) < max) return WatchPlace(used);
        --used;
        return std::nullopt;
    }
    WatchPlace(WatchPlace&& other) noexcept : used_(std::exchange(other.used_, nullptr)) {}
    WatchPlace& operator=(WatchPlace&&) = delete;
    ~WatchPlace() {
        if (used_ != nullptr) --*used_;
    }

private:
    explicit WatchPlace(std::atomic<std::uint32_t>& used) : used_(&used) {}
    std::atomic<std::uint32_t>* used_;
};

class RoomFeed {
public:
    /// Rooms that have all of these.
    RoomFeed(RoomProperties wished, WatchPlace place) : place_(std::move(place)), wished_(std::move(wished)) {}

    /// The messages that make what was told before into `rooms`, which are by number; none when it is that. The first call tells the
    /// whole list, though it may be empty.
    std::vector<wire::RoomList> next(std::span<const RoomListing> rooms);

private:
    bool wants(const RoomListing& room) const;

    WatchPlace place_;
    RoomProperties wished_;
    std::map<RoomNumber, std::uint64_t> told_;  // and its revision
    bool anew_ = true;
};

}  // namespace tidewire::server
