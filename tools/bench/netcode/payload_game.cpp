// The schema as data, and the noise.
#include "tools/bench/netcode/payload_game.h"

#include <array>
#include <string>

namespace tidewire::bench {

namespace {

const SchemaInfo& payload_schema() {
    static const std::array<std::string, noise_bytes> names = [] {
        std::array<std::string, noise_bytes> made;
        for (std::size_t i = 0; i < noise_bytes; ++i) made[i] = "b" + std::to_string(i);
        return made;
    }();
    static const std::array<FieldInfo, noise_bytes> fields = [] {
        std::array<FieldInfo, noise_bytes> made{};
        for (std::size_t i = 0; i < noise_bytes; ++i)
            made[i] = {.name = names[i].c_str(),
                       .scalar = Scalar::UInt8,
                       .offset = static_cast<std::uint16_t>(i),
                       .quantum = 0,
                       .min = 0,
                       .max = 255};
        return made;
    }();
    static constexpr FieldInfo nudge_fields[] = {
        {.name = "dx", .scalar = Scalar::Int8, .offset = 0, .quantum = 0, .min = -1, .max = 1}};
    static const StructInfo components[] = {
        {.name = "payload.Noise", .size = sizeof(Noise), .alignment = alignof(Noise), .fields = fields}};
    static constexpr StructInfo inputs[] = {
        {.name = "payload.Nudge", .size = sizeof(Nudge), .alignment = alignof(Nudge), .fields = nudge_fields}};
    static constexpr FieldInfo noted_fields[] = {
        {.name = "number", .scalar = Scalar::UInt32, .offset = 0, .quantum = 0, .min = 0, .max = 4294967295.0}};
    static constexpr StructInfo events[] = {
        {.name = "payload.Noted", .size = sizeof(Noted), .alignment = alignof(Noted), .fields = noted_fields}};
    static const SchemaInfo schema{
        .name = "payload", .hash = 0x9a710ad, .components = components, .inputs = inputs, .events = events};
    return schema;
}

}  // namespace

PayloadGame::PayloadGame(std::size_t state_bytes, std::uint64_t seed, std::size_t still_bytes)
    : entities_((state_bytes + noise_bytes - 1) / noise_bytes),
      still_entities_((still_bytes + noise_bytes - 1) / noise_bytes),
      random_(seed) {
    game_.schema = &payload_schema();
    game_.apply_input = [](Sim&, Entity, std::uint16_t, const std::byte*) {};
    game_.on_tick = [this](ServerSim& sim) {
        while (sim.world().entity_count() < still_entities_) {
            Noise noise;
            fill(noise);
            sim.spawn(noise);
        }
        while (sim.world().entity_count() < still_entities_ + entities_) sim.spawn(Noise{});
        std::size_t before = still_entities_;
        for (auto [entity, noise] : sim.view<Noise>()) {
            if (before > 0)
                --before;
            else
                fill(noise);
        }
    };
}

void PayloadGame::fill(Noise& noise) {
    for (std::uint8_t& byte : noise.bytes) byte = static_cast<std::uint8_t>(random_.next() >> 56);
}

}  // namespace tidewire::bench
