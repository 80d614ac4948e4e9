// A list of rooms, kept up by what a server tells of it.
#pragma once

#include <cstddef>
#include <vector>

#include "sdk/core/wire/message.h"
#include "tidewire/result.h"
#include "tidewire/room_browser.h"

namespace tidewire {

class ListedRooms {
public:
    static constexpr std::size_t rooms_max = 1024;  ///< Four times what a server of ours tells.

    /// Errors blame the peer: too many rooms (1009), or a change before there was a list (1002). Nothing has changed then.
    Result<void> apply(const wire::RoomList& message);
    /// All of a list has come, and no further message belongs to what was last.
    bool complete() const { return begun_ && !more_; }
    /// By number.
    const std::vector<ListedRoom>& rooms() const { return rooms_; }

private:
    std::vector<ListedRoom> rooms_;
    bool begun_ = false;
    bool more_ = false;
};

}  // namespace tidewire
