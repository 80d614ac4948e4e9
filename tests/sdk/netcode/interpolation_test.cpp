// What is drawn between two snapshots, for each kind of field, and when nothing may be drawn between them.
#include "sdk/core/netcode/interpolation.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <string>

#include "sdk/core/base/random.h"

using namespace tidewire;
using netcode::Picture;
using replication::Layout;
using replication::SnapshotRing;

namespace {

constexpr double pi = 3.14159265358979323846;

struct Body {
    float x = 0;            // linear, snap 10
    float angle = 0;        // -pi to pi, the shorter arc
    std::int32_t hp = 0;    // hold
    std::int16_t fuel = 0;  // linear, snap 500
    double far = 0;         // linear, exact
    bool shooting = false;  // asks for linear, but a bool has nothing between
};

/// What turns: a rotation with a snap of one radian, and an angle that wraps.
struct Turning {
    float q[4] = {0, 0, 0, 1};
    float heading = 0;
};

struct Label {
    std::string text = {};
};

struct Name {
    std::uint32_t id = 0;
    friend bool operator==(const Name&, const Name&) = default;
};

constexpr FieldInfo body_fields[] = {
    {.name = "x",
     .scalar = Scalar::Float,
     .offset = offsetof(Body, x),
     .quantum = 0.01,
     .min = -1000,
     .max = 1000,
     .interpolation = Interpolation::Linear,
     .snap = 10},
    {.name = "angle",
     .scalar = Scalar::Float,
     .offset = offsetof(Body, angle),
     .quantum = 0.001,
     .min = -pi,
     .max = pi,
     .interpolation = Interpolation::Angle},
    {.name = "hp", .scalar = Scalar::Int32, .offset = offsetof(Body, hp), .quantum = 0, .min = 0, .max = 100},
    {.name = "fuel",
     .scalar = Scalar::Int16,
     .offset = offsetof(Body, fuel),
     .quantum = 0,
     .min = -30000,
     .max = 30000,
     .interpolation = Interpolation::Linear,
     .snap = 500},
    {.name = "far",
     .scalar = Scalar::Double,
     .offset = offsetof(Body, far),
     .quantum = 0,
     .min = -1e300,
     .max = 1e300,
     .interpolation = Interpolation::Linear},
    {.name = "shooting",
     .scalar = Scalar::Bool,
     .offset = offsetof(Body, shooting),
     .quantum = 0,
     .min = 0,
     .max = 1,
     .interpolation = Interpolation::Linear},
};
constexpr FieldInfo name_fields[] = {
    {.name = "id", .scalar = Scalar::UInt32, .offset = offsetof(Name, id), .quantum = 0, .min = 0, .max = 4294967295.0},
};
constexpr FieldInfo rotation_field(const char* name, std::uint16_t i) {
    return {.name = name,
            .scalar = Scalar::Float,
            .offset = static_cast<std::uint16_t>(i * sizeof(float)),
            .quantum = 0,
            .min = -1,
            .max = 1,
            .interpolation = Interpolation::Quaternion,
            .snap = 1,
            .quaternion_bits = 14};
}
constexpr FieldInfo turning_fields[] = {
    rotation_field("q.x", 0),
    rotation_field("q.y", 1),
    rotation_field("q.z", 2),
    rotation_field("q.w", 3),
    {.name = "heading",
     .scalar = Scalar::Float,
     .offset = offsetof(Turning, heading),
     .quantum = 0.001,
     .min = -1e300,
     .max = 1e300,
     .interpolation = Interpolation::Angle,
     .angle = true},
};
constexpr RecordFieldInfo label_fields[] = {{"text", RecordType::Text, Scalar::UInt8, 0, offsetof(Label, text), 0, 64}};
constexpr StructInfo components[] = {
    {.name = "test.Body", .size = sizeof(Body), .alignment = alignof(Body), .fields = body_fields},
    {.name = "test.Name", .size = sizeof(Name), .alignment = alignof(Name), .fields = name_fields},
    {.name = "test.Turning", .size = sizeof(Turning), .alignment = alignof(Turning), .fields = turning_fields},
    {.name = "test.Label",
     .size = sizeof(Label),
     .alignment = alignof(Label),
     .is_table = true,
     .record = label_fields,
     .lifecycle = Lifecycle::of<Label>()},
};
constexpr SchemaInfo schema{.name = "test", .hash = 1, .components = components, .inputs = {}};

}  // namespace

template <>
struct tidewire::ComponentIndex<Body> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::ComponentIndex<Name> {
    static constexpr std::uint16_t value = 1;
};
template <>
struct tidewire::ComponentIndex<Turning> {
    static constexpr std::uint16_t value = 2;
};
template <>
struct tidewire::ComponentIndex<Label> {
    static constexpr std::uint16_t value = 3;
};

namespace {

/// A world that is simulated, its snapshots, and the world that is drawn from them.
struct Stage {
    Layout layout{schema};
    World simulated{schema, 8192};
    SnapshotRing ring{8};
    World drawn{schema, 8192};
    Picture picture{layout};

    void capture(Tick tick) {
        replication::QuantizeCounters counters;
        ring.push(replication::capture(layout, simulated, ring.newest(), tick, counters));
    }
    void draw(double tick) { picture.draw(ring, tick, drawn); }
    Body body(Entity entity) { return Entity(drawn, entity.id()).get<Body>(); }
    bool shows(Entity entity) const { return drawn.alive(entity.id()); }
    Entity spawn(const Body& body) {
        Entity entity(simulated, simulated.spawn(3));
        entity.set(body);
        return entity;
    }
};

}  // namespace

TEST_CASE("each kind of field moves as the schema says", "[netcode][interpolation]") {
    Stage stage;
    Entity entity = stage.spawn({.x = 1, .angle = 0.5F, .hp = 10, .fuel = 100, .far = 1e100, .shooting = false});
    stage.capture(10);
    entity.set(Body{.x = 3, .angle = 1.5F, .hp = 20, .fuel = 103, .far = 2e100, .shooting = true});
    stage.capture(12);

    const auto [tick, share] = GENERATE(std::pair{10.0, 0.0}, std::pair{10.5, 0.25}, std::pair{11.0, 0.5},
                                        std::pair{11.5, 0.75}, std::pair{11.999, 0.9995});
    CAPTURE(tick);
    stage.draw(tick);
    const Body body = stage.body(entity);
    CHECK(static_cast<double>(body.x) == Approx(1 + 2 * share));
    CHECK(static_cast<double>(body.angle) == Approx(0.5 + share));
    CHECK(body.hp == 10);
    CHECK(body.fuel == std::lround(100 + 3 * share));
    CHECK(body.far == Approx(1e100 * (1 + share)));
    CHECK_FALSE(body.shooting);

    stage.draw(12.0);
    CHECK(stage.body(entity).hp == 20);
    CHECK(stage.body(entity).shooting);
    CHECK(stage.body(entity).x == 3.0F);
}

TEST_CASE("an angle takes the shorter arc and stays within its range", "[netcode][interpolation]") {
    const auto [from, to] = GENERATE(std::pair{3.0, -3.0}, std::pair{-3.0, 3.0}, std::pair{-0.1, 0.1},
                                     std::pair{2.0, -2.0}, std::pair{1.5, -1.5});
    CAPTURE(from, to);
    Stage stage;
    Entity entity = stage.spawn({.angle = static_cast<float>(from)});
    stage.capture(1);
    entity.get<Body>().angle = static_cast<float>(to);
    stage.capture(2);
    const double arc = std::remainder(to - from, 2 * pi);
    for (double share = 0; share < 1; share += 0.1) {
        stage.draw(1 + share);
        const auto drawn = static_cast<double>(stage.body(entity).angle);
        CHECK(std::abs(drawn) <= pi + 1e-6);
        CHECK(std::abs(std::remainder(drawn - (from + arc * share), 2 * pi)) < 1e-5);
    }
}

TEST_CASE("a quaternion turns the shorter way and stays of length one", "[netcode][interpolation]") {
    const double half = GENERATE(0.2, -0.2, 0.49, 0.01);
    const bool far_side = GENERATE(false, true);
    CAPTURE(half, far_side);
    Stage stage;
    Entity entity(stage.simulated, stage.simulated.spawn(0));
    // About z, from 2.2 radians on: near the end of the half circle the largest component changes.
    const auto about_z = [](double half_angle, float sign) {
        return Turning{.q = {0, 0, sign * static_cast<float>(std::sin(half_angle)),
                             sign * static_cast<float>(std::cos(half_angle))}};
    };
    entity.set(about_z(0.75, 1));
    stage.capture(1);
    entity.set(about_z(0.75 + half, far_side ? -1.0F : 1.0F));
    stage.capture(2);
    for (double share = 0; share <= 1; share += 0.125) {
        stage.draw(1 + share);
        const Turning drawn = Entity(stage.drawn, entity.id()).get<Turning>();
        const auto z = static_cast<double>(drawn.q[2]);
        const auto w = static_cast<double>(drawn.q[3]);
        CHECK(z * z + w * w == Approx(1).margin(1e-5));
        // Straight between the two, seen from the middle of the circle.
        const double x = std::sin(half * share) + 0;
        CHECK(std::abs(std::remainder(std::atan2(z, w) - 0.75, pi) - half * share) < 0.02 * std::abs(x) + 0.001);
    }
}

TEST_CASE("a turn beyond the snap holds the whole component", "[netcode][interpolation]") {
    Stage stage;
    Entity entity(stage.simulated, stage.simulated.spawn(0));
    entity.set(Turning{.heading = 1});
    stage.capture(1);
    entity.set(Turning{.q = {0, 0, 1, 1}, .heading = 2});
    stage.capture(2);
    stage.draw(1.5);
    const Turning drawn = Entity(stage.drawn, entity.id()).get<Turning>();
    CHECK(drawn.q[3] == 1.0F);
    CHECK(static_cast<double>(drawn.heading) == Approx(1).margin(0.001));
}

TEST_CASE("an angle that wraps is drawn across the edge", "[netcode][interpolation]") {
    Stage stage;
    Entity entity(stage.simulated, stage.simulated.spawn(0));
    entity.set(Turning{.heading = 3});
    stage.capture(1);
    entity.set(Turning{.heading = 3.6F});
    stage.capture(2);
    for (double share = 0; share < 1; share += 0.1) {
        stage.draw(1 + share);
        const auto drawn = static_cast<double>(Entity(stage.drawn, entity.id()).get<Turning>().heading);
        CHECK(std::abs(drawn) <= pi + 1e-6);
        CHECK(std::abs(std::remainder(drawn - (3 + 0.6 * share), 2 * pi)) < 0.001);
    }
}

TEST_CASE("tables hold until their snapshot's time has come", "[netcode][interpolation]") {
    const std::string long_text = "a label that is too long to lie within the string";
    Stage stage;
    Entity first(stage.simulated, stage.simulated.spawn(0));
    Entity second(stage.simulated, stage.simulated.spawn(0));
    first.set(Label{long_text});
    second.set(Label{"second"});
    stage.capture(1);
    second.set(Label{"changed"});
    stage.capture(2);
    const auto label = [&](Entity entity) { return Entity(stage.drawn, entity.id()).get<const Label>().text; };
    stage.draw(1.9);
    CHECK(label(first) == long_text);
    CHECK(label(second) == "second");
    stage.draw(2);
    CHECK(label(first) == long_text);
    CHECK(label(second) == "changed");
    Entity(stage.drawn, first.id()).get<Label>().text = "scribbled";
    stage.draw(2);
    CHECK(label(first) == long_text);

    first.despawn();
    Entity third(stage.simulated, stage.simulated.spawn(0));
    REQUIRE(third.index() == first.index());
    third.set(Label{long_text});
    stage.capture(3);
    stage.draw(3);
    CHECK(label(third) == long_text);
}

TEST_CASE("a move beyond the snap distance holds the whole component, then jumps", "[netcode][interpolation]") {
    Stage stage;
    Entity entity = stage.spawn({.x = 0, .fuel = 0});
    Entity walker = stage.spawn({.x = 0, .fuel = 0});
    Entity refuelled = stage.spawn({.x = 0, .fuel = 0});
    stage.capture(1);
    entity.set(Body{.x = 10.5F, .fuel = 100});
    refuelled.set(Body{.x = 1, .fuel = 501});
    walker.set(Body{.x = 9.5F, .fuel = 100});
    stage.capture(2);
    stage.draw(1.9);
    CHECK(stage.body(entity).x == 0.0F);
    CHECK(stage.body(entity).fuel == 0);
    CHECK(stage.body(refuelled).x == 0.0F);
    CHECK(stage.body(refuelled).fuel == 0);
    CHECK(static_cast<double>(stage.body(walker).x) == Approx(8.55));
    stage.draw(2.0);
    CHECK(stage.body(entity).x == 10.5F);
    CHECK(stage.body(entity).fuel == 100);
}

TEST_CASE("entities appear and go when their snapshot's time has come", "[netcode][interpolation]") {
    Stage stage;
    Entity first = stage.spawn({.x = 1});
    stage.capture(1);
    Entity second = stage.spawn({.x = 2});
    first.despawn();
    stage.capture(2);
    stage.draw(1.99);
    CHECK(stage.shows(first));
    CHECK_FALSE(stage.shows(second));
    CHECK(stage.drawn.entity_count() == 1);
    stage.draw(2.0);
    CHECK_FALSE(stage.shows(first));
    CHECK(stage.shows(second));
    CHECK(stage.drawn.owner(second.id()) == 3);
    CHECK(stage.drawn.entity_count() == 1);
}

TEST_CASE("an index that is used again does not glide from the old entity to the new one", "[netcode][interpolation]") {
    Stage stage;
    Entity old = stage.spawn({.x = 1});
    stage.capture(1);
    old.despawn();
    Entity young = stage.spawn({.x = 5});
    REQUIRE(young.index() == old.index());
    stage.capture(2);
    young.get<Body>().x = 6;
    stage.capture(3);
    stage.draw(1.5);
    REQUIRE(stage.shows(old));
    CHECK(stage.body(old).x == 1.0F);
    stage.draw(2.5);
    CHECK_FALSE(stage.shows(old));
    CHECK(stage.body(young).x == Approx(5.5));
}

TEST_CASE("a component that comes or goes between two snapshots holds", "[netcode][interpolation]") {
    Stage stage;
    Entity entity = stage.spawn({.x = 1});
    entity.set(Name{7});
    Entity nameless(stage.simulated, stage.simulated.spawn(0));
    stage.capture(1);
    entity.remove<Body>();
    entity.get<Name>().id = 9;
    nameless.set(Body{.x = 4});
    stage.capture(2);
    stage.draw(1.5);
    CHECK(stage.body(entity).x == 1.0F);
    CHECK(Entity(stage.drawn, entity.id()).get<Name>().id == 7);
    CHECK_FALSE(Entity(stage.drawn, nameless.id()).has<Body>());
    stage.draw(2);
    CHECK_FALSE(Entity(stage.drawn, entity.id()).has<Body>());
    CHECK(Entity(stage.drawn, entity.id()).get<Name>().id == 9);
    CHECK(stage.body(nameless).x == 4.0F);
}

TEST_CASE("before the oldest and after the newest snapshot everything holds", "[netcode][interpolation]") {
    Stage stage;
    Entity entity = stage.spawn({.x = 1});
    stage.capture(5);
    entity.get<Body>().x = 2;
    stage.capture(6);
    for (const double tick : {-3.0, 0.0, 4.9, 5.0}) {
        stage.draw(tick);
        CHECK(stage.body(entity).x == 1.0F);
    }
    for (const double tick : {6.0, 6.5, 1e9}) {
        stage.draw(tick);
        CHECK(stage.body(entity).x == 2.0F);
    }
}

TEST_CASE("what someone else wrote into the drawn world is drawn anew", "[netcode][interpolation]") {
    Stage stage;
    Entity entity = stage.spawn({.x = 1, .hp = 50});
    stage.capture(1);
    stage.capture(2);
    stage.draw(1);
    Entity drawn(stage.drawn, entity.id());
    drawn.get<Body>().hp = 1;
    drawn.set(Name{5});
    const Entity stranger(stage.drawn, stage.drawn.spawn(0));
    stage.draw(1);
    CHECK(stage.body(entity).hp == 50);
    CHECK_FALSE(drawn.has<Name>());
    CHECK_FALSE(stranger.alive());
    drawn.despawn();
    stage.draw(1);
    CHECK(stage.body(entity).hp == 50);
    CHECK(stage.drawn.owner(entity.id()) == 3);
}

TEST_CASE("a picture that remembers draws what one without memory draws", "[netcode][interpolation]") {
    const auto seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    SeededRandom random(seed);
    Stage stage;
    std::vector<Entity> entities;
    double tick = 0;
    for (Tick t = 1; t < 60; ++t) {
        for (int change = 0; change < 40; ++change) {
            const std::uint32_t what = random.below(10);
            if (what == 0 || entities.empty()) {
                entities.push_back(stage.spawn({.x = random.range(-9, 9)}));
                continue;
            }
            const std::size_t which = random.below(static_cast<std::uint32_t>(entities.size()));
            Entity& entity = entities[which];
            if (what == 1) {
                entity.despawn();
                entities.erase(entities.begin() + static_cast<std::ptrdiff_t>(which));
            } else if (what == 2) {
                entity.set(Name{random.below(1000)});
            } else if (what == 3) {
                entity.remove<Name>();
            } else {
                entity.set(Body{.x = random.range(-20, 20), .angle = random.range(-3, 3), .hp = 5});
            }
        }
        stage.capture(t);
        for (int frame = 0; frame < 3; ++frame) {
            tick = std::max(tick + 0.3 * static_cast<double>(random.unit()), t - 3.0);
            stage.draw(tick);
            World fresh(schema, 8192);
            netcode::draw(stage.layout, stage.ring, tick, fresh);
            REQUIRE(fresh.entity_count() == stage.drawn.entity_count());
            for (auto [entity, body] : View<const Body>(fresh)) {
                const Body shown = stage.body(entity);
                REQUIRE(shown.x == body.x);
                REQUIRE(shown.angle == body.angle);
                REQUIRE(shown.hp == body.hp);
            }
            for (auto [entity, name] : View<const Name>(stage.drawn)) {
                const Entity other(fresh, entity.id());
                REQUIRE(other.has<Name>());
                REQUIRE(other.get<Name>() == name);
            }
        }
    }
}

TEST_CASE("drawing eight thousand entities", "[netcode][interpolation][!benchmark][.]") {
    Stage stage;
    std::vector<Entity> entities;
    for (int i = 0; i < 8000; ++i) entities.push_back(stage.spawn({.x = static_cast<float>(i % 900), .hp = 3}));
    stage.capture(1);
    for (Entity& entity : entities) {
        entity.get<Body>().x += 1;
        entity.get<Body>().angle += 0.1F;
    }
    stage.capture(2);
    stage.capture(3);
    const auto measure = [](auto&& work) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < 200; ++i) work(i);
        return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / 200;
    };
    WARN("nothing moves: " << measure([&](int) { stage.draw(2.5); }) << " us");
    WARN("all move, same snapshots: " << measure([&](int i) { stage.draw(1 + i / 200.0); }) << " us");
    WARN("all move, new snapshots: " << measure([&](int i) { stage.draw(i % 2 == 0 ? 1.5 : 2.5); }) << " us");
}
