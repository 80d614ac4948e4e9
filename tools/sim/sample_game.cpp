// The rules of the sample game, and its schema as data.
#include "tools/sim/sample_game.h"

#include <algorithm>

namespace tidewire::sim {

namespace {

constexpr float arena = 100;

constexpr FieldInfo ball_fields[] = {
    {.name = "x",
     .scalar = Scalar::Float,
     .offset = offsetof(Ball, x),
     .quantum = 0.01,
     .min = -512,
     .max = 512,
     .interpolation = Interpolation::Linear},
    {.name = "y",
     .scalar = Scalar::Float,
     .offset = offsetof(Ball, y),
     .quantum = 0.01,
     .min = -512,
     .max = 512,
     .interpolation = Interpolation::Linear},
    {.name = "vx", .scalar = Scalar::Float, .offset = offsetof(Ball, vx), .quantum = 0.1, .min = -64, .max = 64},
    {.name = "vy", .scalar = Scalar::Float, .offset = offsetof(Ball, vy), .quantum = 0.1, .min = -64, .max = 64},
};
constexpr FieldInfo spark_fields[] = {
    {.name = "ticks_left",
     .scalar = Scalar::UInt16,
     .offset = offsetof(Spark, ticks_left),
     .quantum = 0,
     .min = 0,
     .max = 65535},
    {.name = "hue", .scalar = Scalar::UInt8, .offset = offsetof(Spark, hue), .quantum = 0, .min = 0, .max = 255},
};
constexpr FieldInfo push_fields[] = {
    {.name = "dx", .scalar = Scalar::Int8, .offset = offsetof(Push, dx), .quantum = 0, .min = -1, .max = 1},
    {.name = "dy", .scalar = Scalar::Int8, .offset = offsetof(Push, dy), .quantum = 0, .min = -1, .max = 1},
};
constexpr StructInfo components[] = {
    {.name = "sample.Ball", .size = sizeof(Ball), .alignment = alignof(Ball), .fields = ball_fields, .predicted = true},
    {.name = "sample.Spark", .size = sizeof(Spark), .alignment = alignof(Spark), .fields = spark_fields},
};
constexpr StructInfo inputs[] = {
    {.name = "sample.Push", .size = sizeof(Push), .alignment = alignof(Push), .fields = push_fields},
};

void bounce(float& position, float& velocity) {
    if (position > arena || position < -arena) velocity = -velocity;
    position = std::clamp(position, -arena, arena);
}

}  // namespace

const SchemaInfo& SampleSchema::info() {
    static constexpr SchemaInfo schema{.name = "sample", .hash = 0x5a3b1e, .components = components, .inputs = inputs};
    return schema;
}

const SchemaInfo& SampleSchema::other_version() {
    // A component more than the server has.
    static constexpr StructInfo more[] = {components[0], components[1], components[0]};
    static constexpr SchemaInfo schema{.name = "sample", .hash = 0x5a3b1f, .components = more, .inputs = inputs};
    return schema;
}

void SampleRules::operator()(Sim&, Entity entity, const Push& push) const {
    Ball& ball = entity.get<Ball>();
    ball.vx = std::clamp(ball.vx + static_cast<float>(push.dx), -20.0F, 20.0F);
    ball.vy = std::clamp(ball.vy + static_cast<float>(push.dy), -20.0F, 20.0F);
}

SampleGame::SampleGame(std::uint64_t seed) : random_(seed) {
    game_.schema = &SampleSchema::info();
    game_.apply_input = [](Sim& sim, Entity entity, std::uint16_t, const std::byte* input) {
        SampleRules{}(sim, entity, *static_cast<const Push*>(static_cast<const void*>(input)));
    };
    game_.on_join = [this](Sim&, Player player) {
        player.spawn(Ball{.x = random_.range(-arena, arena), .y = random_.range(-arena, arena)});
    };
    game_.on_tick = [this](Sim& sim) { advance(sim); };
    game_.bot_input = [this](Sim&, Entity, std::byte* input) {
        *static_cast<Push*>(static_cast<void*>(input)) = {.dx = static_cast<std::int8_t>(random_.below(3)), .dy = -1};
        static_cast<Push*>(static_cast<void*>(input))->dx -= 1;
    };
}

void SampleGame::advance(Sim& sim) {
    for (auto [entity, ball] : sim.view<Ball>()) {
        ball.x += ball.vx * sim.dt();
        ball.y += ball.vy * sim.dt();
        bounce(ball.x, ball.vx);
        bounce(ball.y, ball.vy);
        if (random_.below(16) == 0)
            sim.spawn(Spark{.ticks_left = static_cast<std::uint16_t>(1 + random_.below(40)),
                            .hue = static_cast<std::uint8_t>(random_.below(256))});
    }
    for (auto [entity, spark] : sim.view<Spark>())
        if (--spark.ticks_left == 0) entity.despawn();
}

}  // namespace tidewire::sim
