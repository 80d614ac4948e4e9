// What the game throws is the end of that room alone.
#include "server/gate/ordered_room.h"

#include <exception>
#include <memory>
#include <utility>

namespace tidewire::server {

namespace {

/// Null when the game could not make it.
std::unique_ptr<HostedRoom> open_room(Site& site, RoomOrder order, std::deque<GateEvent>& events, TimePoint now) {
    RoomSetup setup{.number = order.room,
                    .room = std::move(order.open->room),
                    .game = {},
                    .opened_by = order.open->by_client ? RoomOrigin::Client : RoomOrigin::Program};
    std::string failure = "its game threw something that is no std::exception";
    try {
        setup.game = site.make_game(setup.number, setup.room);
        events.push_back({.kind = GateEvent::Kind::RoomOpened, .room = order.room, .room_name = setup.room.name});
        return std::make_unique<HostedRoom>(site, std::move(setup), now);
    } catch (const std::exception& thrown) {
        failure = thrown.what();
    } catch (...) {
    }
    site.directory.close(order.room);
    events.push_back({.kind = GateEvent::Kind::RoomFailed, .room = order.room, .reason = std::move(failure)});
    return nullptr;
}

}  // namespace

void obey_orders(Site& site, std::uint32_t shard, RoomList& rooms, bool draining, std::deque<GateEvent>& events, TimePoint now) {
    while (auto order = site.directory.poll_order(shard)) {
        if (!order->open) {
            if (HostedRoom* const room = rooms.find(order->room)) room->end({.reason = order->reason});
        } else if (draining) {
            site.directory.close(order->room);
        } else if (auto opened = open_room(site, std::move(*order), events, now)) {
            rooms.add(std::move(opened));
        }
    }
}

}  // namespace tidewire::server
