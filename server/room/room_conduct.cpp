// How players behave, and what is done about it: mutes, idleness, and orders to whoever runs the room.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "server/room/room.h"

namespace tidewire::server {

std::optional<Order> Room::poll_order() {
    if (orders_.empty()) return std::nullopt;
    std::optional<Order> order = std::move(orders_.front());
    orders_.pop_front();
    return order;
}

bool Room::mute(PlayerId id, std::chrono::milliseconds time) {
    PlayerState* const player = players_.find(id);
    if (player == nullptr) return false;
    const std::int64_t rate = options_.tick_rate;
    const std::int64_t milliseconds_max = std::numeric_limits<std::int64_t>::max() / 1000 / rate;
    const std::int64_t ticks = (std::clamp<std::int64_t>(time.count(), 0, milliseconds_max) * rate + 999) / 1000;
    // As long as the room lives, where that is longer.
    const auto left = static_cast<std::int64_t>(std::numeric_limits<Tick>::max() - tick_);
    player->muted_until = ticks == 0 ? 0 : tick_ + static_cast<Tick>(std::min(ticks, left));
    return true;
}

bool Room::muted(PlayerId id) const {
    const PlayerState* const player = players_.find(id);
    // Between two ticks it is as the next one will have it.
    return player != nullptr && tick_ < player->muted_until;
}

void Room::note_hidden(PlayerId id, bool hidden) {
    if (PlayerState* const player = players_.find(id)) player->idleness.hide(hidden, tick_);
}

std::vector<Room::PlayerStatus> Room::players() const {
    std::vector<PlayerStatus> all;
    all.reserve(players_.size());
    for (const auto [id, player] : players_)
        all.push_back({.id = id,
                       .name = player.name,
                       .identity = &player.identity,
                       .bot = player.bot,
                       .connected = player.connected,
                       .muted_for = time_of(player.muted_until > tick_ ? player.muted_until - tick_ : 0),
                       .quiet_for = time_of(player.bot ? 0 : tick_ - player.idleness.active_at())});
    return all;
}

std::chrono::milliseconds Room::time_of(Tick ticks) const {
    return std::chrono::milliseconds(std::int64_t{ticks} * 1000 / options_.tick_rate);
}

void Room::watch(PlayerId id, PlayerState& player, ServerSim& now) {
    // Who is away is given the time in which it may come back.
    if (!player.connected) return;
    const auto tell = [&](const auto& callback) {
        if (callback) callback(now, Player(world_, id, player.name, player.bot, player.identity));
    };
    switch (player.idleness.advance(tick_, idle_)) {
        case Idleness::Change::None:
            break;
        case Idleness::Change::Idle:
            tell(game_->on_idle);
            break;
        case Idleness::Change::Active:
            tell(game_->on_active);
            break;
        case Idleness::Change::TooLong:
            order({.kind = Order::Kind::Idle, .player = id, .time = options_.idle.kick_after});
            break;
        case Idleness::Change::HiddenTooLong:
            order({.kind = Order::Kind::Hidden, .player = id, .time = options_.idle.hidden_kick_after});
            break;
    }
}

void Room::silence(const PlayerState& player, const PlayerEvent& event) {
    ++counters_.events_muted;
    if (event.request == 0) return;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(time_of(player.muted_until - tick_ + 1));
    outbox_.refuse(event.player, event.request, "you are muted, for " + std::to_string(seconds.count()) + " s more");
}

}  // namespace tidewire::server

namespace tidewire {

using server::Order;

void ServerSim::kick(PlayerId player, std::string reason) const {
    parts_.room->order({.kind = Order::Kind::Kick, .player = player, .reason = std::move(reason)});
}

void ServerSim::ban(PlayerId player, std::chrono::seconds time, std::string reason) const {
    // For ever, as far as anybody will know; and what comes of it has a date that can be written.
    constexpr std::chrono::seconds longest = std::chrono::hours(100 * 365 * 24);
    const std::chrono::milliseconds bounded = std::clamp(time, std::chrono::seconds(0), longest);
    parts_.room->order({.kind = Order::Kind::Ban, .player = player, .time = bounded, .reason = std::move(reason)});
}

void ServerSim::mute(PlayerId player, std::chrono::milliseconds time) const {
    parts_.room->order({.kind = Order::Kind::Mute, .player = player, .time = time});
}

bool ServerSim::muted(PlayerId player) const { return parts_.room->muted(player); }

}  // namespace tidewire
