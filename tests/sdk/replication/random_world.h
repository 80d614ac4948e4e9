// A world that a seed drives: spawns, despawns, components come and go, values move, of any schema.
#pragma once

#include "sdk/core/base/random.h"
#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication::testing {

class RandomWorld {
public:
    RandomWorld(const SchemaInfo& schema, std::uint32_t entities_max, std::uint64_t seed);

    World& world() { return world_; }
    SeededRandom& random() { return random_; }
    const QuantizeCounters& counters() const { return counters_; }

    /// About `changes` random changes.
    void mutate(std::uint32_t changes);
    /// The next tick's snapshot, taken with the last one as the previous.
    Snapshot capture(const Layout& layout, Tick tick);

private:
    void despawn_and_spawn_again(EntityId id);
    EntityId any();
    void give(EntityId id, std::uint16_t component);
    void nudge(EntityId id, std::uint16_t component);
    void nudge_length(const RecordFieldInfo& field, void* at);
    void nudge_scalar(Scalar scalar, std::byte* at);

    World world_;
    SeededRandom random_;
    QuantizeCounters counters_;
    Snapshot last_;
    bool captured_ = false;
};

/// Every row is of a living entity and holds what quantisation could have made; rows not present are zero.
/// Empty when all is well, else what is not.
std::string what_is_wrong(const Layout& layout, const Snapshot& snapshot, std::uint32_t entities_max);

}  // namespace tidewire::replication::testing
