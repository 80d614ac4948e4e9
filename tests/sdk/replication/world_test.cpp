// Worlds, entities and views as a game meets them.

#include "tidewire/state.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using sample::Pos;
using sample::Status;

namespace {

void clear_marks(World& world) {
    for (std::size_t chunk = 0; chunk < world.chunk_count(); ++chunk) {
        world.entities(chunk).touched = false;
        for (std::uint16_t i = 0; i < world.schema().components.size(); ++i) world.component(i, chunk).touched = false;
    }
}

}  // namespace

TEST_CASE("a spawn takes the lowest free index and a new generation of it", "[replication][world]") {
    World world(sample::schema(), 1000);
    std::vector<EntityId> ids;
    for (std::uint32_t i = 0; i < 200; ++i) {
        ids.push_back(world.spawn(i));
        CHECK(ids.back() == EntityId{i, 1});
        CHECK(world.owner(ids.back()) == i);
    }
    world.despawn(ids[130]);
    world.despawn(ids[7]);
    CHECK(world.entity_count() == 198);
    CHECK(world.spawn(0) == EntityId{7, 2});
    CHECK(world.spawn(0) == EntityId{130, 2});
    CHECK(world.spawn(0) == EntityId{200, 1});
    CHECK_FALSE(world.alive(ids[7]));
    CHECK(world.at(7) == EntityId{7, 2});
}

TEST_CASE("a full world spawns nothing, until somebody leaves", "[replication][world]") {
    World world(sample::schema(), 70);
    for (int i = 0; i < 70; ++i) CHECK(world.spawn(0));
    CHECK_FALSE(world.spawn(0));
    CHECK(world.entity_count() == 70);
    world.despawn(world.at(69));
    CHECK(world.spawn(0) == EntityId{69, 2});
    CHECK_FALSE(world.spawn(0));
    World nothing(sample::schema(), 0);
    CHECK_FALSE(nothing.spawn(0));
}

TEST_CASE("generations pass over 0, which names no entity", "[replication][world]") {
    World world(sample::schema(), 1);
    world.restore({0, 0xffffffff}, 3);
    CHECK(world.owner({0, 0xffffffff}) == 3);
    world.despawn({0, 0xffffffff});
    CHECK(world.spawn(0) == EntityId{0, 1});
}

TEST_CASE("a despawn takes the components away, and its second call nothing", "[replication][world]") {
    World world(sample::schema(), 10);
    const Entity first(world, world.spawn(0));
    first.set(Pos{1, 2});
    first.despawn();
    CHECK_FALSE(first.alive());
    CHECK(first.find<Pos>() == nullptr);
    const Entity second(world, world.spawn(0));
    CHECK(second.index() == first.index());
    CHECK_FALSE(second.has<Pos>());
    first.despawn();
    CHECK(second.alive());
    // New storage is zero, whatever lay there before.
    const std::byte* const value = world.add(second.id(), component_index<Pos>);
    CHECK(*reinterpret_cast<const Pos*>(value) == Pos{});
}

TEST_CASE("components keep their address while the world grows", "[replication][world]") {
    World world(sample::schema(), 10000);
    const Entity first(world, world.spawn(0));
    Pos* const address = &first.set(Pos{1, 2});
    for (int i = 0; i < 9999; ++i) Entity(world, world.spawn(0)).set(Pos{});
    CHECK(&first.get<Pos>() == address);
    World moved = std::move(world);
    CHECK(Entity(moved, first.id()).find<Pos>() == address);
    CHECK(*address == Pos{1, 2});
}

TEST_CASE("a default-made entity is dead and safe to ask", "[replication][world]") {
    const Entity none;
    CHECK_FALSE(none.alive());
    CHECK(none.owner() == 0);
    CHECK(none.find<Pos>() == nullptr);
    CHECK_FALSE(none.has<Pos>());
    none.remove<Pos>();
    none.despawn();
}

TEST_CASE("a view meets exactly the entities with all its components, by index", "[replication][world]") {
    World world(sample::schema(), 1000);
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < 300; ++i) {
        const Entity entity(world, world.spawn(0));
        if (i % 2 == 0) entity.set(Pos{static_cast<float>(i), 0});
        if (i % 3 == 0 && (i < 64 || i > 192)) entity.set(Status{.health = 5, .flags = i});
        if (i % 6 == 0 && (i < 64 || i > 192)) expected.push_back(i);
    }
    std::vector<std::uint32_t> met;
    for (auto [entity, pos, status] : View<Pos, const Status>(world)) {
        met.push_back(entity.index());
        CHECK(entity.alive());
        CHECK(pos.x == static_cast<float>(entity.index()));
        CHECK(status.flags == entity.index());
    }
    CHECK(met == expected);
    World empty(sample::schema(), 10);
    for ([[maybe_unused]] auto met_nobody : View<Pos>(empty)) FAIL("nobody is there");
}

TEST_CASE("entities may be despawned while a view iterates", "[replication][world]") {
    World world(sample::schema(), 1000);
    for (int i = 0; i < 200; ++i) Entity(world, world.spawn(0)).set(Pos{});
    SECTION("the one that is met") {
        int met = 0;
        for (auto [entity, pos] : View<Pos>(world)) {
            ++met;
            entity.despawn();
        }
        CHECK(met == 200);
        CHECK(world.entity_count() == 0);
    }
    SECTION("a later one, which is not met then") {
        int met = 0;
        for (auto [entity, pos] : View<Pos>(world)) {
            ++met;
            REQUIRE(entity.index() % 2 == 0);
            world.despawn(world.at(entity.index() + 1));
        }
        CHECK(met == 100);
    }
    SECTION("all, by the first") {
        int met = 0;
        for ([[maybe_unused]] auto met_one : View<Pos>(world)) {
            ++met;
            for (std::uint32_t i = 0; i < 200; ++i) world.despawn(world.at(i));
        }
        CHECK(met == 1);
    }
    SECTION("and spawned: nobody is met twice") {
        std::vector<int> met(1000);
        for (auto [entity, pos] : View<Pos>(world)) {
            REQUIRE(++met[entity.index()] == 1);
            if (world.entity_count() < 900) Entity(world, world.spawn(0)).set(Pos{});
        }
    }
}

TEST_CASE("reading does not mark a chunk as touched; writing does", "[replication][world]") {
    World world(sample::schema(), 100);
    const Entity entity(world, world.spawn(0));
    entity.set(Pos{1, 2});
    entity.set(Status{});
    clear_marks(world);
    const auto is_touched = [&](std::uint16_t component) { return world.component(component, 0).touched; };

    CHECK(entity.has<Pos>());
    CHECK(entity.find<const Pos>()->x == 1);
    CHECK(entity.get<const Pos>().y == 2);
    for (auto [met, pos] : View<const Pos>(world)) CHECK(pos.x == 1);
    CHECK_FALSE(is_touched(0));
    CHECK_FALSE(world.entities(0).touched);

    for (auto [met, pos, status] : View<const Pos, Status>(world)) status.health = 1;
    CHECK_FALSE(is_touched(0));
    CHECK(is_touched(1));
    clear_marks(world);
    entity.get<Pos>().x = 3;
    CHECK(is_touched(0));
    clear_marks(world);
    entity.remove<Pos>();
    CHECK(is_touched(0));
    CHECK_FALSE(is_touched(1));
    clear_marks(world);
    entity.remove<Pos>();
    CHECK_FALSE(is_touched(0));
    entity.despawn();
    CHECK(world.entities(0).touched);
    CHECK(is_touched(1));
    CHECK_FALSE(is_touched(0));
}

TEST_CASE("rules spawn through the sim; a full world gives a dead handle", "[replication][world]") {
    World world(sample::schema(), 1);
    const Sim sim(world, 7, 0.02F);
    const Entity shot = sim.spawn_for(3, Pos{1, 2}, Status{.health = 9});
    CHECK(shot.owner() == 3);
    CHECK(shot.get<Status>().health == 9);
    CHECK_FALSE(sim.spawn(Pos{}).alive());
    CHECK(sim.tick() == 7);
}

TEST_CASE("restoring an entity replaces whoever held its index", "[replication][world]") {
    World world(sample::schema(), 100);
    const Entity old(world, world.spawn(1));
    old.set(Pos{1, 2});
    world.restore({0, 5}, 2);
    CHECK_FALSE(old.alive());
    CHECK(world.at(0) == EntityId{0, 5});
    CHECK(world.find({0, 5}, 0) == nullptr);
    world.restore({90, 1}, 2);
    CHECK(world.entity_count() == 2);
    world.restore({90, 1}, 4);
    CHECK(world.owner({90, 1}) == 4);
    CHECK(world.entity_count() == 2);
    CHECK(world.spawn(0) == EntityId{1, 1});
}

namespace {

/// Counts how many live, and must lie where a cache line begins.
struct alignas(64) Counted {
    std::string text = "a text that is too long to lie within the string itself";
    Counted() { ++living; }
    Counted(const Counted& other) : text(other.text) { ++living; }
    Counted& operator=(const Counted&) = default;
    ~Counted() { --living; }
    static inline int living = 0;
};

const SchemaInfo& counted_schema() {
    static constexpr RecordFieldInfo fields[] = {{"text", RecordType::Text, Scalar::UInt8, 0, 0, 0, 100}};
    static constexpr StructInfo components[] = {{.name = "test.Counted",
                                                 .size = sizeof(Counted),
                                                 .alignment = alignof(Counted),
                                                 .is_table = true,
                                                 .record = fields,
                                                 .lifecycle = Lifecycle::of<Counted>()}};
    static constexpr SchemaInfo schema{.name = "test", .hash = 1, .components = components, .inputs = {}};
    return schema;
}

}  // namespace

template <>
struct tidewire::ComponentIndex<Counted> {
    static constexpr std::uint16_t value = 0;
};

TEST_CASE("components that own memory begin and end with their entities", "[replication][world]") {
    REQUIRE(Counted::living == 0);
    {
        World world(counted_schema(), 1000);
        for (int i = 0; i < 200; ++i) {
            const Entity entity(world, world.spawn(0));
            CHECK(reinterpret_cast<std::uintptr_t>(&entity.set(Counted{})) % alignof(Counted) == 0);
        }
        CHECK(Counted::living == 200);
        const Entity seven(world, world.at(7));
        seven.set(Counted{});
        CHECK(Counted::living == 200);
        seven.remove<Counted>();
        seven.remove<Counted>();
        CHECK(Counted::living == 199);
        seven.despawn();
        Entity(world, world.at(8)).despawn();
        CHECK(Counted::living == 198);
        world.restore({9, 77}, 0);
        CHECK(Counted::living == 197);
        // What comes to the same place is new.
        Entity(world, world.at(10)).get<Counted>().text = "another";
        Entity(world, world.at(10)).remove<Counted>();
        world.add(world.at(10), component_index<Counted>);
        CHECK(Entity(world, world.at(10)).get<Counted>().text == Counted().text);

        World moved = std::move(world);
        CHECK(Counted::living == 197);
        World other(counted_schema(), 10);
        Entity(other, other.spawn(0)).set(Counted{});
        CHECK(Counted::living == 198);
        other = std::move(moved);
        CHECK(Counted::living == 197);
        CHECK(other.entity_count() == 198);
        other = World(counted_schema(), 10);
        CHECK(Counted::living == 0);
        CHECK(other.entity_count() == 0);
        CHECK(other.spawn(0) == EntityId{0, 1});
    }
    CHECK(Counted::living == 0);
}
