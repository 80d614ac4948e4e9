// The world is RandomWorld's, with steady motion besides, so that streams have something to remember.

#include "tests/sdk/replication/group_room.h"

#include <cmath>
#include <utility>

#include "sdk/core/replication/row_sets.h"
#include "sdk/core/replication/scalar_io.h"

namespace tidewire::replication::testing {

namespace {

std::int32_t entity_slot(const Snapshot& snapshot, std::size_t slot, std::uint32_t entity) {
    const Chunk* const chunk = snapshot.chunk(0, entity / Chunk::rows);
    const std::size_t row = entity % Chunk::rows;
    return chunk == nullptr || (chunk->present >> row & 1) == 0 ? 0 : chunk->column(slot)[row];
}

}  // namespace

std::uint32_t Moment::generation(std::uint32_t entity) const {
    return static_cast<std::uint32_t>(entity_slot(snapshot, 0, entity));
}

PlayerId Moment::owner(std::uint32_t entity) const { return static_cast<PlayerId>(entity_slot(snapshot, 1, entity)); }

GroupRoom::GroupRoom(const Codec& codec, std::uint32_t entities_max, std::uint64_t seed)
    : codec_(&codec), entities_max_(entities_max), game_(codec.layout().schema(), entities_max, seed) {
    moments_[0];
}

const Moment* GroupRoom::at(Tick tick) const {
    const auto found = moments_.find(tick);
    return found == moments_.end() ? nullptr : &found->second;
}

BodySource GroupRoom::source(Tick before, Tick after, Coverage coverage, const Members* stayed) const {
    const Moment& then = moments_.at(after);
    return {.codec = *codec_,
            .before = moments_.at(before).snapshot,
            .after = then.snapshot,
            .coverage = coverage,
            .group_of =
                [&then](std::uint32_t entity) {
                    const std::uint16_t group = then.groups[entity];
                    return group < told_groups ? group : std::uint16_t{0xffff};
                },
            .stayed = stayed};
}

Members GroupRoom::stayed_in(std::uint16_t group, Tick before, Tick after) const {
    Members stayed;
    for_each_row(moments_.at(before).members[group], [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        bool stays = true;
        for (Tick tick = before + 1; tick <= after; ++tick) {
            const Moment& then = moments_.at(tick);
            stays &=
                then.members[group].has(entity) && then.generation(entity) == moments_.at(before).generation(entity);
        }
        if (stays) stayed.insert(entity);
    });
    return stayed;
}

void GroupRoom::step() {
    ++tick_;
    const std::uint32_t what = random().below(12);
    if (what == 0) game_.mutate(60);
    if (what > 2) game_.mutate(random().below(14));
    if (what > 1) drift();
    change_owners();
    Moment moment;
    moment.snapshot = game_.capture(codec_->layout(), tick_);
    assign_groups(moment);
    moments_[tick_] = std::move(moment);
    for (std::uint16_t group = 0; group < group_count; ++group)
        for (const Rate rate : {Rate::Full, Rate::Half, Rate::Quarter}) {
            if (tick_ % period_of(rate) != 0) continue;
            Stream& stream = streams_[group][static_cast<std::size_t>(rate)];
            stream.previous = stream.state.tick;
            stream.delta.clear();
            const Members stayed = stayed_in(group, stream.previous, tick_);
            encode_delta(source(stream.previous, tick_, Coverage::Public, &stayed), now().members[group], stream.state,
                         stream.delta);
        }
    while (moments_.size() > kept_ticks) moments_.erase(std::next(moments_.begin()));
}

/// Every other entity goes on as it did: as many steps of each field and tick as its index says.
void GroupRoom::drift() {
    World& world = game_.world();
    const auto components = static_cast<std::uint16_t>(world.schema().components.size());
    for (std::uint32_t entity = 0; entity < world.chunk_count() * World::chunk_entities; entity += 2) {
        const EntityId id = world.at(entity);
        for (std::uint16_t component = 0; id && component < components; ++component) {
            const StructInfo& info = world.schema().components[component];
            if ((entity + component) % 3 == 0) continue;
            std::byte* const aggregate = info.is_table ? nullptr : world.find(id, component);
            for (std::size_t i = 0; aggregate != nullptr && i < info.fields.size(); ++i) {
                const FieldInfo& field = info.fields[i];
                if ((entity + i) % 4 == 0 || field.scalar == Scalar::Bool) continue;
                const double speed = static_cast<double>(entity % 19) - 9;
                const double step = field.quantum > 0 ? field.quantum : field.quaternion_bits > 0 ? 0.01 : 1;
                double value = load_number(aggregate + field.offset, field.scalar) + speed * step;
                if (value > field.max || value < field.min) value -= 40 * speed * step;
                store_number(aggregate + field.offset, field.scalar, value);
            }
        }
    }
}

void GroupRoom::change_owners() {
    for (std::uint32_t left = random().below(3); left > 0; --left)
        if (const EntityId id = game_.world().at(random().below(entities_max())))
            game_.world().restore(id, random().below(player_count + 1));
}

void GroupRoom::assign_groups(Moment& moment) {
    const Moment& before = moments_.at(tick_ - 1);
    moment.groups = before.groups;
    moment.groups.resize(moment.snapshot.tables[0].size() * Chunk::rows, told_groups);
    for_each_row(all_members(moment.snapshot), [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        std::uint16_t& group = moment.groups[entity];
        if (moment.generation(entity) != before.generation(entity) || random().below(9) == 0)
            group = static_cast<std::uint16_t>(random().below(group_count));
        moment.members[group].insert(entity);
    });
}

}  // namespace tidewire::replication::testing
