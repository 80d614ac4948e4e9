// The past, row by row as it is asked for, against the picture that a client draws of the same snapshots.
#include "server/room/past_world.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "sdk/core/netcode/interpolation.h"
#include "sdk/core/replication/record.h"
#include "test_schema.h"
#include "tests/sdk/replication/random_schema.h"
#include "tests/sdk/replication/random_world.h"

using namespace tidewire;
using namespace tidewire::server;
using replication::Layout;
using replication::Snapshot;
using replication::SnapshotRing;

namespace {

/// A schema whose numbers move between snapshots, and teleport now and then.
class MovingSchema {
public:
    explicit MovingSchema(const SchemaInfo& still)
        : fields_(still.components.size()),
          components_(still.components.begin(), still.components.end()),
          info_(still) {
        for (std::size_t i = 0; i < components_.size(); ++i) {
            fields_[i].assign(components_[i].fields.begin(), components_[i].fields.end());
            for (FieldInfo& field : fields_[i]) {
                field.interpolation = field.quaternion_bits != 0 ? Interpolation::Quaternion
                                      : field.angle              ? Interpolation::Angle
                                                                 : Interpolation::Linear;
                field.snap = field.quaternion_bits != 0 ? 1 : (field.max - field.min) / 8;
            }
            components_[i].fields = fields_[i];
        }
        info_.components = components_;
    }
    const SchemaInfo& info() const { return info_; }

private:
    std::vector<std::vector<FieldInfo>> fields_;
    std::vector<StructInfo> components_;
    SchemaInfo info_;
};

/// Between which two snapshots of a ring a tick is.
PastInstant instant_of(const SnapshotRing& ring, double tick) {
    PastInstant instant;
    for (const Snapshot& snapshot : ring.all()) {
        if (snapshot.tick <= tick) instant.from = &snapshot;
        instant.to = &snapshot;
        if (snapshot.tick > tick) break;
    }
    if (instant.from != instant.to)
        instant.fraction = (tick - instant.from->tick) / (static_cast<double>(instant.to->tick) - instant.from->tick);
    return instant;
}

bool same_value(const StructInfo& info, const std::byte* a, const std::byte* b) {
    if (!info.is_table) return std::memcmp(a, b, info.size) == 0;
    replication::QuantizeCounters counters;
    return replication::encode_record(info, a, counters) == replication::encode_record(info, b, counters);
}

/// Counts values that are not as in `picture`, and who is in one only.
int differences(const Layout& layout, PastWorld& past, const World& picture) {
    int count = 0;
    for (std::uint32_t index = 0; index < past.chunk_count() * World::chunk_entities; ++index) {
        const EntityId entity = picture.at(index);
        if (past.at(index) != entity) ++count;
        for (std::uint16_t i = 0; i < layout.schema().components.size(); ++i) {
            const std::byte* const drawn = entity ? picture.find(entity, i) : nullptr;
            const bool has = (past.rows(i, index / World::chunk_entities) >> (index % World::chunk_entities) & 1) != 0;
            if (has != (drawn != nullptr))
                ++count;
            else if (has && !same_value(layout.schema().components[i], past.value(i, index), drawn))
                ++count;
        }
    }
    return count;
}

}  // namespace

TEST_CASE("the past is what a client draws of the same snapshots, of every schema", "[room][rewind]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        SeededRandom random(seed);
        const replication::OwnedSchema still = replication::testing::random_schema(random);
        const MovingSchema schema(still.info());
        const Layout layout(schema.info());
        replication::testing::RandomWorld game(schema.info(), 300, seed);
        SnapshotRing ring(64);
        game.mutate(200);
        Tick tick = 0;
        for (int i = 0; i < 20; ++i) {
            // A client that did not get every tick.
            tick += 1 + static_cast<Tick>(random.below(3));
            game.mutate(100);
            ring.push(game.capture(layout, tick));
        }
        PastWorld past(layout, game.world());
        World screen(schema.info(), 300);
        netcode::Picture picture(layout);
        for (int i = 0; i < 40; ++i) {
            const double at = 3 + static_cast<double>(random.below((tick - 3) * 256)) / 256;
            INFO("tick " << at);
            picture.draw(ring, at, screen);
            past.look(instant_of(ring, at));
            REQUIRE(differences(layout, past, screen) == 0);
            // What was drawn once is there for who looks at the same instant.
            past.look(instant_of(ring, at));
            CHECK(differences(layout, past, screen) == 0);
        }
    }
}

TEST_CASE("who moves further than its snap, or dies, stands where it was", "[room][rewind]") {
    const Layout layout(test::Schema::info());
    World world(test::Schema::info(), 64);
    const Sim sim(world, 0, 0);
    const Entity walks = sim.spawn(test::Position{.x = 0, .y = 0});
    const Entity jumps = sim.spawn(test::Position{.x = 0, .y = 0});
    const Entity dies = sim.spawn(test::Position{.x = 7, .y = 0});
    SnapshotRing ring(8);
    replication::QuantizeCounters counters;
    ring.push(replication::capture(layout, world, nullptr, 1, counters));
    walks.get<test::Position>() = {.x = 10, .y = 4};
    jumps.get<test::Position>() = {.x = 1, .y = 60};
    dies.despawn();
    const Entity next = sim.spawn(test::Position{.x = 20, .y = 0});
    REQUIRE(next.index() == dies.index());
    ring.push(replication::capture(layout, world, ring.newest(), 2, counters));

    PastWorld past(layout, world);
    past.look(instant_of(ring, 1.5));
    const auto position = [&](std::uint32_t index) {
        return *static_cast<const test::Position*>(
            static_cast<const void*>(past.value(component_index<test::Position>, index)));
    };
    CHECK(position(walks.index()).x == Approx(5));
    CHECK(position(walks.index()).y == Approx(2));
    CHECK(position(jumps.index()).x == Approx(0));
    CHECK(position(jumps.index()).y == Approx(0));
    CHECK(past.at(dies.index()) == dies.id());
    CHECK(position(dies.index()).x == Approx(7));
    past.look(instant_of(ring, 2));
    CHECK(past.at(dies.index()) == next.id());
    CHECK(position(next.index()).x == Approx(20));
}
