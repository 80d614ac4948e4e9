// Put together from the room and from who is connected to it.
#include "server/gate/room_report.h"

#include <algorithm>

#include "server/gate/hosted_room.h"
#include "server/gate/peer.h"

namespace tidewire::server {

RoomReport HostedRoom::report() const {
    const std::vector<Room::PlayerStatus> players = room_.players();
    const auto count = [&](const auto& is) {
        return static_cast<std::uint32_t>(std::count_if(players.begin(), players.end(), is));
    };
    return {.room = number(),
            .players = static_cast<std::uint32_t>(players.size()),
            .players_max = room_.options().players_max,
            .bots = count([](const auto& each) { return each.bot; }),
            .away = count([](const auto& each) { return !each.bot && !each.connected; }),
            .spectators = static_cast<std::uint32_t>(stand_ ? stand_->spectators() : 0),
            .tick = room_.tick_number(),
            .tick_rate = room_.options().tick_rate,
            .load = name_of(load_.level()),
            .busy = load_.busy(),
            .memory_bytes = memory_bytes_,
            .ended = ended_.has_value()};
}

std::vector<PlayerReport> HostedRoom::report_players() const {
    std::vector<PlayerReport> reports;
    const auto add_connection = [](PlayerReport& report, const Peer& peer) {
        report.connection = peer.id();
        report.rtt = peer.rtt();
        if (const auto rung = peer.rung()) report.rung = name_of(*rung);
    };
    for (const Room::PlayerStatus& status : room_.players()) {
        PlayerReport report{.room = number(),
                            .player = status.id,
                            .name = std::string(status.name),
                            .subject = status.identity->subject,
                            .bot = status.bot,
                            .away = !status.connected,
                            .muted_for = status.muted_for,
                            .quiet_for = status.quiet_for};
        if (const Membership* const membership = find_membership(status.id)) report.address = membership->address;
        for (const Peer* const peer : players()) {
            if (peer->membership() == nullptr || peer->membership()->player != status.id) continue;
            add_connection(report, *peer);
        }
        reports.push_back(std::move(report));
    }
    for (const Peer* const peer : spectators()) {
        const Membership* const membership = peer->membership();
        if (membership == nullptr) continue;
        PlayerReport report{.room = number(),
                            .player = membership->player,
                            .name = membership->name,
                            .subject = membership->subject,
                            .address = membership->address,
                            .spectates = true};
        add_connection(report, *peer);
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace tidewire::server
