// The schema as data, the rules, and what the server alone does.
#include "tools/bench/netcode/walkers_game.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tidewire::bench {

namespace {

constexpr float field_size = 400;  // from the middle to each side
constexpr float acceleration = 2400;

constexpr FieldInfo position(const char* name, std::size_t offset, std::int16_t rate) {
    return {.name = name,
            .scalar = Scalar::Float,
            .offset = static_cast<std::uint16_t>(offset),
            .quantum = 0.015625,
            .min = -field_size,
            .max = field_size,
            .interpolation = Interpolation::Linear,
            .prediction = Prediction::Integral,
            .integral_of = rate,
            .snap = 200};
}
constexpr FieldInfo velocity(const char* name, std::size_t offset) {
    return {.name = name,
            .scalar = Scalar::Float,
            .offset = static_cast<std::uint16_t>(offset),
            .quantum = 0.25,
            .min = -512,
            .max = 512};
}
constexpr FieldInfo walker_fields[] = {
    position("x", offsetof(Walker, x), 2),
    position("y", offsetof(Walker, y), 3),
    velocity("vx", offsetof(Walker, vx)),
    velocity("vy", offsetof(Walker, vy)),
};
constexpr FieldInfo steps_fields[] = {
    {.name = "dx", .scalar = Scalar::Int8, .offset = offsetof(Steps, dx), .quantum = 0, .min = -1, .max = 1},
    {.name = "dy", .scalar = Scalar::Int8, .offset = offsetof(Steps, dy), .quantum = 0, .min = -1, .max = 1},
};
constexpr StructInfo components[] = {
    {.name = "walkers.Walker",
     .size = sizeof(Walker),
     .alignment = alignof(Walker),
     .fields = walker_fields,
     .predicted = true},
};
constexpr StructInfo inputs[] = {
    {.name = "walkers.Steps", .size = sizeof(Steps), .alignment = alignof(Steps), .fields = steps_fields},
};
constexpr SchemaInfo schema{.name = "walkers", .hash = 0x3a1ce5, .components = components, .inputs = inputs};

/// Back onto the field, whose borders stop who walks against them.
void keep_inside(Walker& walker) {
    const auto inside = [](float& at, float& speed) {
        const float allowed = std::clamp(at, walker_radius - field_size, field_size - walker_radius);
        if (allowed != at) speed = 0;
        at = allowed;
    };
    inside(walker.x, walker.vx);
    inside(walker.y, walker.vy);
}

struct WalkerRules {
    void operator()(Sim& sim, Entity entity, const Steps& steps) const {
        auto* const walker = entity.find<Walker>();
        if (walker == nullptr) return;
        const float length = std::hypot(static_cast<float>(steps.dx), static_cast<float>(steps.dy));
        const float speed = length > 0 ? walk_speed / length : 0;
        const float dx = static_cast<float>(steps.dx) * speed - walker->vx;
        const float dy = static_cast<float>(steps.dy) * speed - walker->vy;
        const float change = std::hypot(dx, dy);
        const float part = change <= acceleration * sim.dt() ? 1 : acceleration * sim.dt() / change;
        walker->vx += dx * part;
        walker->vy += dy * part;
        walker->x += walker->vx * sim.dt();
        walker->y += walker->vy * sim.dt();
        keep_inside(*walker);
    }
};

void keep_apart(Sim& sim) {
    for (auto [entity, walker] : sim.view<Walker>())
        for (auto [other_entity, other] : sim.view<Walker>()) {
            if (other_entity.index() <= entity.index()) continue;
            const float dx = other.x - walker.x;
            const float dy = other.y - walker.y;
            const float distance = std::hypot(dx, dy);
            if (distance >= 2 * walker_radius) continue;
            const float share = distance > 0 ? (walker_radius - distance / 2) / distance : 0;
            walker.x -= dx * share;
            walker.y -= dy * share;
            other.x += dx * share;
            other.y += distance > 0 ? dy * share : walker_radius;
            keep_inside(walker);
            keep_inside(other);
        }
}

}  // namespace

ApplyInput walker_rules() { return to_apply_input(WalkerRules{}, InputList<Steps>{}); }

WalkersGame::WalkersGame(bool contention) {
    game_.schema = &schema;
    game_.apply_input = walker_rules();
    game_.on_join = [](Sim&, Player player) {
        player.spawn(Walker{.x = static_cast<float>(player.id() % 4) * 100 - 150, .y = -100});
    };
    if (contention) game_.on_tick = keep_apart;
}

}  // namespace tidewire::bench
