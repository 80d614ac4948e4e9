// A server's world, its snapshots and a client's prediction, without anything between them: what the tests of prediction play with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "sdk/core/netcode/prediction.h"

namespace tidewire::test {

struct Mover {
    float x = 0;             // linear, snap 20
    float angle = 0;         // a turn
    std::int32_t steps = 0;  // holds
};
struct Spin {
    float q[4] = {0, 0, 0, 1};
};
/// Not predicted.
struct Health {
    std::int32_t hp = 0;
};

struct Push {
    std::int8_t dx = 0;
    float turn = 0;
};
struct Dash {
    std::uint8_t power = 0;
};

inline const SchemaInfo& predicted_schema() {
    static constexpr FieldInfo mover[] = {
        {.name = "x",
         .scalar = Scalar::Float,
         .offset = offsetof(Mover, x),
         .quantum = 0.01,
         .min = -1000,
         .max = 1000,
         .interpolation = Interpolation::Linear,
         .snap = 20},
        {.name = "angle",
         .scalar = Scalar::Float,
         .offset = offsetof(Mover, angle),
         .quantum = 0.001,
         .min = -4,
         .max = 4,
         .interpolation = Interpolation::Angle,
         .angle = true},
        {.name = "steps",
         .scalar = Scalar::Int32,
         .offset = offsetof(Mover, steps),
         .quantum = 0,
         .min = 0,
         .max = 1e9},
    };
    static constexpr auto part = [](const char* name, std::uint16_t i) {
        return FieldInfo{.name = name,
                         .scalar = Scalar::Float,
                         .offset = static_cast<std::uint16_t>(i * sizeof(float)),
                         .quantum = 0,
                         .min = -1,
                         .max = 1,
                         .interpolation = Interpolation::Quaternion,
                         .snap = 1,
                         .quaternion_bits = 14};
    };
    static constexpr FieldInfo spin[] = {part("q.x", 0), part("q.y", 1), part("q.z", 2), part("q.w", 3)};
    static constexpr FieldInfo health[] = {
        {.name = "hp", .scalar = Scalar::Int32, .offset = 0, .quantum = 0, .min = 0, .max = 100}};
    static constexpr FieldInfo push[] = {
        {.name = "dx", .scalar = Scalar::Int8, .offset = offsetof(Push, dx), .quantum = 0, .min = -1, .max = 1},
        {.name = "turn", .scalar = Scalar::Float, .offset = offsetof(Push, turn), .quantum = 0.1, .min = -1, .max = 1}};
    static constexpr FieldInfo dash[] = {
        {.name = "power", .scalar = Scalar::UInt8, .offset = 0, .quantum = 0, .min = 0, .max = 255}};
    static constexpr StructInfo components[] = {
        {.name = "test.Mover", .size = sizeof(Mover), .alignment = alignof(Mover), .fields = mover, .predicted = true},
        {.name = "test.Health", .size = sizeof(Health), .alignment = alignof(Health), .fields = health},
        {.name = "test.Spin", .size = sizeof(Spin), .alignment = alignof(Spin), .fields = spin, .predicted = true}};
    static constexpr StructInfo inputs[] = {
        {.name = "test.Push", .size = sizeof(Push), .alignment = alignof(Push), .fields = push},
        {.name = "test.Dash", .size = sizeof(Dash), .alignment = alignof(Dash), .fields = dash}};
    static constexpr SchemaInfo schema{.name = "test", .hash = 1, .components = components, .inputs = inputs};
    return schema;
}

}  // namespace tidewire::test

template <>
struct tidewire::ComponentIndex<tidewire::test::Mover> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::ComponentIndex<tidewire::test::Health> {
    static constexpr std::uint16_t value = 1;
};
template <>
struct tidewire::ComponentIndex<tidewire::test::Spin> {
    static constexpr std::uint16_t value = 2;
};
template <>
struct tidewire::InputIndex<tidewire::test::Push> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::InputIndex<tidewire::test::Dash> {
    static constexpr std::uint16_t value = 1;
};

namespace tidewire::test {

/// Steps that no grid of a hundredth holds exactly. The dead do not move, and a dash begins a spin.
struct MoverRules {
    void operator()(Sim& sim, Entity entity, const Push& push) const {
        Mover* const mover = entity.find<Mover>();
        const Health* const health = entity.find<const Health>();
        if (mover == nullptr || (health != nullptr && health->hp == 0)) return;
        mover->x += static_cast<float>(push.dx) * 10.0F * sim.dt();
        mover->angle += push.turn * 0.3F;
        ++mover->steps;
    }
    void operator()(Sim&, Entity entity, const Dash& dash) const {
        if (Mover* const mover = entity.find<Mover>()) mover->x += static_cast<float>(dash.power);
        entity.set(Spin{.q = {0.6F, 0, 0, 0.8F}});
    }
};

class PredictedStage {
public:
    static constexpr PlayerId player = 7;
    static constexpr int tick_rate = 60;

    explicit PredictedStage(netcode::PredictionOptions options = {}, ApplyInput given = {})
        : rules(given ? std::move(given) : to_apply_input(MoverRules{}, InputList<Push, Dash>{})),
          prediction(layout, {.player = player, .tick_rate = tick_rate, .entities_max = 256}, counted(), options) {}

    Entity spawn(PlayerId owner, float x = 0) {
        const Entity entity(server, server.spawn(owner));
        entity.set(Mover{.x = x});
        entity.set(Health{.hp = 100});
        return entity;
    }
    template <class T>
    void send(Tick at, const T& value) {
        prediction.input(at, input_index<T>, static_cast<const std::byte*>(static_cast<const void*>(&value)));
    }
    /// One tick of the server with this input of the player's.
    template <class T>
    void serve(const T& value) {
        ++tick;
        Sim sim(server, tick, 1.0F / tick_rate);
        for (std::uint32_t index = 0; index < server.entities_max(); ++index) {
            const EntityId id = server.at(index);
            if (id && server.owner(id) == player) rules(sim, Entity(server, id), input_index<T>, bytes(value));
        }
        if (on_tick) on_tick(sim);
        replication::QuantizeCounters counters;
        ring.push(replication::capture(layout, server, ring.newest(), tick, counters));
    }
    void reconcile() { prediction.reconcile(ring); }
    /// As the rules see it on the client.
    const Mover& predicted(Entity entity) const {
        const std::byte* const found = prediction.world().find(entity.id(), component_index<Mover>);
        return *static_cast<const Mover*>(static_cast<const void*>(found));
    }

    replication::Layout layout{predicted_schema()};
    World server{predicted_schema(), 256};
    replication::SnapshotRing ring{600};
    Tick tick = 0;
    std::function<void(Sim&)> on_tick;
    ApplyInput rules;
    std::map<Tick, int> first_times;  // on the client, by tick
    std::map<Tick, int> runs;
    netcode::Prediction prediction;

private:
    template <class T>
    static const std::byte* bytes(const T& value) {
        return static_cast<const std::byte*>(static_cast<const void*>(&value));
    }
    ApplyInput counted() {
        return [this](Sim& sim, Entity entity, std::uint16_t type, const std::byte* input) {
            ++runs[sim.tick()];
            if (sim.first_time()) ++first_times[sim.tick()];
            rules(sim, entity, type, input);
        };
    }
};

}  // namespace tidewire::test
