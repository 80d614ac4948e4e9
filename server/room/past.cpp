// What a game sees of the past: the typed shell's way to the room.
#include "server/room/past_world.h"
#include "server/room/room.h"
#include "tidewire/game.h"
#include "tidewire/rewind.h"

namespace tidewire {

Past ServerSim::past_of(PlayerId player) const {
    RewindReport report;
    server::PastWorld& world = parts_.room->rewind(player, report);
    return Past(world, report);
}

bool Past::alive(EntityId entity) const { return entity && world_->at(entity.index) == entity; }

std::size_t Past::chunk_count() const { return world_->chunk_count(); }

std::uint64_t Past::rows(std::uint16_t component, std::size_t chunk) const { return world_->rows(component, chunk); }

const std::byte* Past::value(std::uint16_t component, std::uint32_t index) const {
    return world_->value(component, index);
}

Entity Past::entity(std::uint32_t index) const { return Entity(world_->present(), world_->at(index)); }

const std::byte* Past::find(EntityId entity, std::uint16_t component) const {
    if (!alive(entity)) return nullptr;
    const std::uint64_t rows = world_->rows(component, entity.index / World::chunk_entities);
    return (rows >> (entity.index % World::chunk_entities) & 1) != 0 ? world_->value(component, entity.index) : nullptr;
}

}  // namespace tidewire
