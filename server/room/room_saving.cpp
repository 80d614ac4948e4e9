// A room, to values and back. What its game knows beyond the world and the players the game keeps itself.
#include <utility>

#include "server/room/room.h"
#include "server/room/saved_room.h"

namespace tidewire::server {

SavedRoom Room::save() {
    SavedRoom saved{.tick = tick_, .next_player = next_player_};
    if (game_->on_save) {
        ServerSim now = sim();
        saved.game = game_->on_save(now);
    }
    // Whoever came or left since the last tick is in it.
    saved.world = replication::capture(*layout_, world_, snapshots_.newest(), tick_, counters_.quantize);
    for (std::size_t chunk = 0; chunk < world_.chunk_count(); ++chunk) {
        const World::EntityChunk& entities = std::as_const(world_).entities(chunk);
        for (std::uint32_t row = 0; row < World::chunk_entities; ++row)
            if ((entities.present >> row & 1) == 0 && entities.generation[row] != 0)
                saved.retired.push_back({static_cast<std::uint32_t>(chunk) * World::chunk_entities + row, entities.generation[row]});
    }
    for (const auto [id, player] : players_)
        saved.players.push_back({.id = id,
                                 .name = player.name,
                                 .bot = player.bot,
                                 .identity = player.identity,
                                 .bulks_received = bulk_.popped(id),
                                 .bulk = bulk_.waiting(id),
                                 .muted_until = player.muted_until});
    saved.interest = interest_.save();
    saved.arrived = arrived_;
    saved.outgoing = outbox_.waiting();
    return saved;
}

Result<void> Room::restore(const SavedRoom& saved) {
    tick_ = saved.tick;
    next_player_ = saved.next_player;
    for (const EntityId id : saved.retired) {
        world_.restore(id, 0);
        world_.despawn(id);
    }
    replication::restore(*layout_, saved.world, world_);
    for (const SavedPlayer& each : saved.players) {
        players_.add(each.id, {.name = each.name,
                               .bot = each.bot,
                               .identity = each.identity,
                               .inputs = InputQueue(options_.inputs_ahead_max, options_.input_repeats_max),
                               .written = {},
                               .idleness = Idleness(tick_),
                               .connected = each.bot,
                               .muted_until = each.muted_until});
        interest_.join(each.id, each.bot);
        if (!each.bot) bulk_.restore(each.id, each.bulks_received, each.bulk);
    }
    interest_.restore(saved.interest, tick_);
    // As after its last tick: groups have their members, and events that are sent now find who is told.
    interest_.update(snapshots_.push(saved.world));
    arrived_ = saved.arrived;
    outbox_.restore(saved.outgoing);
    if (!game_->on_restore) return {};
    ServerSim now = sim();
    return game_->on_restore(now, saved.game);
}

}  // namespace tidewire::server
