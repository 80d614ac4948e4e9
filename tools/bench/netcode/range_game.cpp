// The schema as data, the targets' ways, and the judge.
#include "tools/bench/netcode/range_game.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "sdk/core/base/hash.h"
#include "tidewire/rules.h"

namespace tidewire::bench {

namespace {

constexpr float range_size = 400;

constexpr FieldInfo target_fields[] = {
    {.name = "x",
     .scalar = Scalar::Float,
     .offset = offsetof(Target, x),
     .quantum = target_quantum,
     .min = -range_size,
     .max = range_size,
     .interpolation = Interpolation::Linear},
    {.name = "y",
     .scalar = Scalar::Float,
     .offset = offsetof(Target, y),
     .quantum = target_quantum,
     .min = -range_size,
     .max = range_size,
     .interpolation = Interpolation::Linear},
};
constexpr FieldInfo whole(const char* name, Scalar scalar, std::size_t offset, double max) {
    return {.name = name,
            .scalar = scalar,
            .offset = static_cast<std::uint16_t>(offset),
            .quantum = 0,
            .min = 0,
            .max = max};
}
constexpr FieldInfo coordinate(const char* name, std::size_t offset) {
    return {.name = name,
            .scalar = Scalar::Float,
            .offset = static_cast<std::uint16_t>(offset),
            .quantum = 0,
            .min = -1e6,
            .max = 1e6};
}
constexpr double most = 4294967295.0;
constexpr FieldInfo gun_fields[] = {
    coordinate("x", offsetof(Gun, x)),
    coordinate("y", offsetof(Gun, y)),
    whole("shot", Scalar::UInt32, offsetof(Gun, shot), most),
    whole("fired_tick", Scalar::UInt32, offsetof(Gun, fired_tick), most),
    whole("target", Scalar::UInt8, offsetof(Gun, target), 255),
};
constexpr FieldInfo trigger_fields[] = {
    coordinate("x", offsetof(Trigger, x)),
    coordinate("y", offsetof(Trigger, y)),
    whole("shot", Scalar::UInt32, offsetof(Trigger, shot), most),
    whole("target", Scalar::UInt8, offsetof(Trigger, target), 255),
};
constexpr StructInfo components[] = {
    {.name = "range.Target", .size = sizeof(Target), .alignment = alignof(Target), .fields = target_fields},
    {.name = "range.Gun", .size = sizeof(Gun), .alignment = alignof(Gun), .fields = gun_fields},
};
constexpr StructInfo inputs[] = {
    {.name = "range.Trigger", .size = sizeof(Trigger), .alignment = alignof(Trigger), .fields = trigger_fields},
};
constexpr SchemaInfo schema{.name = "range", .hash = 0x7a9e7, .components = components, .inputs = inputs};

struct RangeRules {
    void operator()(Sim& sim, Entity entity, const Trigger& trigger) const {
        auto* const gun = entity.find<Gun>();
        if (gun == nullptr || trigger.shot <= gun->shot) return;
        *gun = {
            .x = trigger.x, .y = trigger.y, .shot = trigger.shot, .fired_tick = sim.tick(), .target = trigger.target};
    }
};

}  // namespace

RangeGame::RangeGame(std::uint64_t seed, bool half_rate) : seed_(seed), half_rate_(half_rate) {
    game_.schema = &schema;
    game_.apply_input = to_apply_input(RangeRules{}, InputList<Trigger>{});
    game_.on_join = [this](ServerSim& sim, Player player) {
        if (sim.world().entity_count() == 0) begin(sim);
        if (half_rate_) sim.interest().subscribe(player.id(), group_, UpdateRate::Half);
        player.spawn(Gun{});
    };
    game_.on_tick = [this](ServerSim& sim) {
        run_targets(sim);
        judge_shots(sim);
    };
}

/// The targets are the entities 0, 1, ….
void RangeGame::begin(ServerSim& sim) {
    if (half_rate_) group_ = sim.interest().add_group();
    for (std::size_t i = 0; i < target_speeds.size(); ++i) {
        const Entity target = sim.spawn(Target{.x = 0, .y = static_cast<float>(i) * 40 - 60});
        if (half_rate_) sim.interest().place(target.id(), group_);
    }
}

void RangeGame::run_targets(ServerSim& sim) {
    for (auto [entity, target] : sim.view<Target>()) {
        const std::size_t number = entity.index();
        // A wide arc most of the time, and a sharp turn now and then.
        const std::uint64_t random = hash_combine(hash_combine(seed_, sim.tick()), number);
        float& heading = headings_[number];
        heading += random % 24 == 0 ? static_cast<float>(random / 24 % 628) * 0.01F : 0.9F * sim.dt();
        const float step = target_speeds[number] * sim.dt();
        target.x += std::cos(heading) * step;
        target.y += std::sin(heading) * step;
        if (std::abs(target.x) > range_size - 20 || std::abs(target.y) > range_size - 20)
            heading = std::atan2(-target.y, -target.x);
        target.x = std::clamp(target.x, -range_size, range_size);
        target.y = std::clamp(target.y, -range_size, range_size);
    }
}

void RangeGame::judge_shots(ServerSim& sim) {
    for (auto [shooter, gun] : sim.view<const Gun>()) {
        if (gun.shot == 0 || gun.fired_tick != sim.tick()) continue;
        JudgedShot shot{.shot = gun.shot, .target = gun.target, .tick = sim.tick(), .report = {}};
        shot.report = sim.rewind(shooter.owner(), [&, &gun = gun](const Past& past) {
            for (auto [entity, target] : past.view<Target>())
                if (entity.index() == gun.target)
                    shot.distance = std::hypot(static_cast<double>(target.x) - static_cast<double>(gun.x),
                                               static_cast<double>(target.y) - static_cast<double>(gun.y));
        });
        shot.hit = shot.distance <= static_cast<double>(target_radius);
        shots_.push_back(shot);
    }
}

}  // namespace tidewire::bench
