// Rooms that are gone go first: their numbers never come again.
#include "sdk/client/listed_rooms.h"

#include <algorithm>
#include <utility>

namespace tidewire {

Result<void> ListedRooms::apply(const wire::RoomList& message) {
    constexpr std::uint16_t protocol_error = 1002;
    constexpr std::uint16_t too_big = 1009;
    if (!message.anew && !begun_)
        return unexpected(Blame::Peer, "the server tells of changes in a list of rooms that it has not told", protocol_error);
    std::vector<ListedRoom> rooms = message.anew ? std::vector<ListedRoom>() : rooms_;
    for (const std::uint32_t number : message.gone)
        rooms.erase(std::remove_if(rooms.begin(), rooms.end(),
                                   [&](const ListedRoom& each) { return each.number == number; }),
                    rooms.end());
    for (const wire::RoomList::Room& room : message.rooms) {
        ListedRoom told{.number = room.number,
                        .name = room.name,
                        .properties = room.properties,
                        .players = room.players,
                        .seats = room.seats};
        const auto place = std::lower_bound(rooms.begin(), rooms.end(), room.number, [](const ListedRoom& each, std::uint32_t number) {
            return each.number < number;
        });
        if (place != rooms.end() && place->number == room.number)
            *place = std::move(told);
        else if (rooms.size() >= rooms_max)
            return unexpected(Blame::Peer, "the server tells of more rooms than a list may have", too_big);
        else
            rooms.insert(place, std::move(told));
    }
    rooms_ = std::move(rooms);
    begun_ = true;
    more_ = message.more;
    return {};
}

}  // namespace tidewire
