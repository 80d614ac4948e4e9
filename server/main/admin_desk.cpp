// Each question is a letter to every shard, and an answer that outlives whoever has stopped waiting for it.
#include "server/main/admin_desk.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

#include "server/gate/hosted_room.h"

namespace tidewire::server {

namespace {

/// What `look` finds in each shard, put together. Empty when one of them has not answered in time.
template <class Found, class Look>
std::optional<std::vector<Found>> gather(Shards& shards, std::chrono::milliseconds patience, Look look) {
    struct Gathering {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t answers = 0;
        std::vector<Found> found;
    };
    const auto gathering = std::make_shared<Gathering>();
    const std::size_t asked = shards.post([gathering, look](Gate& gate) {
        std::vector<Found> own;
        look(gate, own);
        const std::lock_guard lock(gathering->mutex);
        std::move(own.begin(), own.end(), std::back_inserter(gathering->found));
        ++gathering->answers;
        gathering->changed.notify_one();
    });
    if (asked < shards.size()) return std::nullopt;
    std::unique_lock lock(gathering->mutex);
    if (!gathering->changed.wait_for(lock, patience, [&] { return gathering->answers == asked; })) return std::nullopt;
    return std::move(gathering->found);
}

}  // namespace

Desk make_desk(Shards& shards, Site& site, Log& log, std::chrono::milliseconds patience) {
    Desk desk;
    desk.rooms = [&shards, patience] {
        auto reports = gather<RoomReport>(shards, patience, [](Gate& gate, std::vector<RoomReport>& found) {
            for (const HostedRoom* const room : gate.all_rooms()) found.push_back(room->report());
        });
        if (reports)
            std::sort(reports->begin(), reports->end(), [](const auto& a, const auto& b) { return a.room < b.room; });
        return reports;
    };
    desk.players = [&shards, patience] {
        auto reports = gather<PlayerReport>(shards, patience, [](Gate& gate, std::vector<PlayerReport>& found) {
            for (const HostedRoom* const room : gate.all_rooms())
                for (PlayerReport& report : room->report_players()) found.push_back(std::move(report));
        });
        if (reports)
            std::sort(reports->begin(), reports->end(), [](const auto& a, const auto& b) {
                return a.room != b.room ? a.room < b.room : a.player < b.player;
            });
        return reports;
    };
    desk.order = [&shards, patience](RoomNumber number, Order order) {
        const auto taken = gather<bool>(shards, patience, [number, order](Gate& gate, std::vector<bool>& found) {
            HostedRoom* const room = gate.find_room(number);
            if (room == nullptr || room->find_membership(order.player) == nullptr) return;
            // Who watches has no word that could be taken.
            if (order.kind == Order::Kind::Mute && order.player >= first_spectator) return;
            room->room().order(order);
            found.push_back(true);
        });
        if (!taken) return Desk::Done::NoAnswer;
        return taken->empty() ? Desk::Done::NoPlayer : Desk::Done::Yes;
    };
    desk.now = [&site] { return site.bans.now(); };
    desk.ban = [&site](Ban ban) { return site.bans.add(std::move(ban)); };
    desk.lift_ban = [&site](BanId id) { return site.bans.lift(id); };
    desk.bans = [&site] { return site.bans.list(); };
    // A signal may have begun it: of the two the first one counts, and no request is the second stop().
    desk.drain = [&shards] { return shards.drain(); };
    desk.log_level = [&log] { return std::string(log_level_names[static_cast<std::size_t>(log.level())]); };
    desk.set_log_level = [&log](std::string_view name) {
        const auto* const found = std::find(std::begin(log_level_names), std::end(log_level_names), name);
        if (found == std::end(log_level_names)) return false;
        log.set_level(static_cast<LogLevel>(found - std::begin(log_level_names)));
        return true;
    };
    return desk;
}

}  // namespace tidewire::server
