// A difference of two lists, cut into messages.
#include "server/gate/room_feed.h"

#include <algorithm>
#include <set>

#include "sdk/core/wire/codec.h"

namespace tidewire::server {

bool RoomFeed::wants(const RoomListing& room) const {
    return std::all_of(wished_.begin(), wished_.end(), [&](const auto& each) {
        const auto found = room.properties.find(each.first);
        return found != room.properties.end() && found->second == each.second;
    });
}

std::vector<wire::RoomList> RoomFeed::next(std::span<const RoomListing> rooms) {
    constexpr std::size_t most = wire::Limits{}.listed_rooms_max;
    std::vector<wire::RoomList> messages;
    const auto room_in = [&](const auto& list) {
        if (messages.empty() || list(messages.back()).size() >= most) messages.emplace_back();
        return &messages.back();
    };
    std::set<RoomNumber> here;
    for (const RoomListing& room : rooms) {
        if (here.size() >= watched_rooms_max) break;
        if (!wants(room)) continue;
        here.insert(room.number);
        const auto told = told_.find(room.number);
        if (told != told_.end() && told->second == room.revision) continue;
        told_[room.number] = room.revision;
        room_in([](const wire::RoomList& list) { return std::span(list.rooms); })
            ->rooms.push_back({.number = static_cast<std::uint32_t>(room.number),
                               .name = room.name,
                               .properties = room.properties,
                               .players = room.players,
                               .seats = room.seats});
    }
    for (auto each = told_.begin(); each != told_.end();) {
        if (here.count(each->first) != 0) {
            ++each;
            continue;
        }
        room_in([](const wire::RoomList& list) { return std::span(list.gone); })
            ->gone.push_back(static_cast<std::uint32_t>(each->first));
        each = told_.erase(each);
    }
    if (anew_ && messages.empty()) messages.emplace_back();
    if (!messages.empty()) {
        messages.front().anew = std::exchange(anew_, false);
        for (std::size_t i = 0; i + 1 < messages.size(); ++i) messages[i].more = true;
    }
    return messages;
}

}  // namespace tidewire::server
