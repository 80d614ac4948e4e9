// A world with positions, a weighty component and a secret one, and the interest groups over it, without a room: tests move entities
// and take snapshots themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/interest.h"
#include "tidewire/state.h"

namespace tidewire::test {

struct Place {
    float x = 0;
    float y = 0;
};
struct Flag {
    std::uint8_t color = 0;
};
struct Purse {
    std::uint16_t coins = 0;
};

inline const SchemaInfo& interest_schema() {
    static constexpr FieldInfo place[] = {{"x", Scalar::Float, offsetof(Place, x), 0.125, 0, 1024},
                                          {"y", Scalar::Float, offsetof(Place, y), 0.125, 0, 1024}};
    static constexpr FieldInfo flag[] = {{"color", Scalar::UInt8, 0, 0, 0, 255}};
    static constexpr FieldInfo purse[] = {{"coins", Scalar::UInt16, 0, 0, 0, 65535}};
    static constexpr StructInfo components[] = {
        {.name = "test.Place", .size = sizeof(Place), .alignment = alignof(Place), .fields = place},
        {.name = "test.Flag", .size = sizeof(Flag), .alignment = alignof(Flag), .fields = flag, .priority = 8},
        {.name = "test.Purse",
         .size = sizeof(Purse),
         .alignment = alignof(Purse),
         .fields = purse,
         .owner_only = true}};
    static constexpr SchemaInfo info{.name = "test", .hash = 1, .components = components, .inputs = {}};
    return info;
}

/// 16 by 16 cells of 64 units; margin 4, radii 100 and 140, dwell of 10 ticks at 10 Hz.
inline InterestOptions sample_grid() {
    return {.grid = GridOptions{.cell_size = 64, .enter_radius = 100, .leave_radius = 140},
            .component = 0,
            .x_offset = offsetof(Place, x),
            .y_offset = offsetof(Place, y)};
}

class InterestWorld {
public:
    static constexpr std::size_t ticks_held = 8;

    explicit InterestWorld(const InterestOptions& options = sample_grid(), std::uint32_t entities_max = 8192)
        : world(interest_schema(), entities_max),
          groups(options, layout, world, {.tick_rate = 10, .ticks_held = ticks_held}) {}

    Entity spawn(float x, float y, PlayerId owner = 0) { return Sim(world, 0, 0).spawn_for(owner, Place{x, y}); }
    PlayerId join() {
        groups.join(++players_, false);
        return players_;
    }
    void leave(PlayerId player) {
        for (std::uint32_t index = 0; index < world.chunk_count() * World::chunk_entities; ++index)
            if (world.owner(world.at(index)) == player) world.despawn(world.at(index));
        groups.leave(player);
    }
    const replication::Snapshot& tick(int count = 1) {
        for (int i = 0; i < count; ++i)
            groups.update(snapshots.push(capture(layout, world, snapshots.newest(), ++now, counters)));
        return *snapshots.newest();
    }

    server::GroupId group_of(Entity entity) const { return groups.group_of(entity.index()); }
    /// Null when the player is not told of the group.
    const server::Wanted* wanted(PlayerId player, server::GroupId group) const {
        for (const server::Wanted& each : groups.wanted(player))
            if (each.group == group) return &each;
        return nullptr;
    }
    bool sees(PlayerId player, Entity entity) const { return wanted(player, group_of(entity)) != nullptr; }

    replication::Layout layout{interest_schema()};
    World world;
    replication::SnapshotRing snapshots{ticks_held};
    replication::QuantizeCounters counters;
    server::InterestGroups groups;
    Interest game{groups};
    Tick now = 0;

private:
    PlayerId players_ = 0;
};

}  // namespace tidewire::test

template <>
struct tidewire::ComponentIndex<tidewire::test::Place> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::ComponentIndex<tidewire::test::Flag> {
    static constexpr std::uint16_t value = 1;
};
template <>
struct tidewire::ComponentIndex<tidewire::test::Purse> {
    static constexpr std::uint16_t value = 2;
};
