// What the schema compiler would make of:
//     struct Cube { rotation:[float:4] (quaternion, bits:10); x:float (…); … interacting:bool; }
//     struct Entity { x:float (predict:"integral(of: velocity_x)", …); … name:[ubyte:11] (predict:"static"); }

#include "tools/bench/delta_schema.h"

#include <cstddef>
#include <utility>

#include "sdk/core/replication/schema_description.h"

namespace tidewire::bench {

namespace {

constexpr double pi = 3.14159265358979323846;

FieldInfo quantised(const char* name, std::size_t offset, double quantum, double min, double max) {
    return {.name = name,
            .scalar = Scalar::Float,
            .offset = static_cast<std::uint16_t>(offset),
            .quantum = quantum,
            .min = min,
            .max = max};
}

FieldInfo whole(const char* name, Scalar scalar, std::size_t offset, double max) {
    return {.name = name,
            .scalar = scalar,
            .offset = static_cast<std::uint16_t>(offset),
            .quantum = 0,
            .min = 0,
            .max = max};
}

/// Recorded parts have 9 bits. Ten make a grid that holds 0 to 511 and more, and what is not there costs nothing.
constexpr std::uint8_t rotation_bits = 10;

std::vector<FieldInfo> cube_fields() {
    std::vector<FieldInfo> fields;
    for (const char* const name : {"rotation[0]", "rotation[1]", "rotation[2]", "rotation[3]"}) {
        const std::size_t offset = offsetof(Cube, rotation) + fields.size() * sizeof(float);
        fields.push_back(quantised(name, offset, 0, -1, 1));
        fields.back().interpolation = Interpolation::Quaternion;
        fields.back().quaternion_bits = rotation_bits;
    }
    constexpr double step = 1.0 / 512;
    fields.push_back(quantised("x", offsetof(Cube, x), step, -256, 256 - step));
    fields.push_back(quantised("y", offsetof(Cube, y), step, -256, 256 - step));
    fields.push_back(quantised("z", offsetof(Cube, z), step, 0, 32 - step));
    fields.push_back(whole("interacting", Scalar::Bool, offsetof(Cube, interacting), 1));
    return fields;
}

void predict_positions(std::vector<FieldInfo>& fields, ArenaPrediction prediction) {
    constexpr std::size_t velocities = 2;  // x, y, then theirs
    if (prediction == ArenaPrediction::Integral)
        for (std::size_t i = 0; i < velocities; ++i) {
            fields[i].prediction = Prediction::Integral;
            fields[i].integral_of = static_cast<std::int16_t>(velocities + i);
        }
    if (prediction == ArenaPrediction::Linear)
        for (std::size_t i = 0; i < 2 * velocities; ++i) fields[i].prediction = Prediction::Linear;
}

/// Of a Walker, with which an ArenaEntity begins.
std::vector<FieldInfo> walker_fields(ArenaPrediction prediction) {
    static_assert(offsetof(ArenaEntity, angle) == offsetof(Walker, angle) &&
                  offsetof(ArenaEntity, hp) == offsetof(Walker, hp));
    std::vector<FieldInfo> fields = {
        quantised("x", offsetof(Walker, x), 1.0 / 64, 0, 2000),
        quantised("y", offsetof(Walker, y), 1.0 / 64, 0, 2000),
        quantised("velocity_x", offsetof(Walker, velocity_x), 0.25, -300, 300),
        quantised("velocity_y", offsetof(Walker, velocity_y), 0.25, -300, 300),
        quantised("angle", offsetof(Walker, angle), 2 * pi / 4096, -pi, pi),
        whole("hp", Scalar::UInt8, offsetof(Walker, hp), 100),
    };
    predict_positions(fields, prediction);
    fields[4].angle = true;
    return fields;
}

std::vector<FieldInfo> arena_fields(ArenaPrediction prediction) {
    std::vector<FieldInfo> fields = walker_fields(prediction);
    constexpr std::array<const char*, 11> letters = {"name[0]", "name[1]", "name[2]", "name[3]", "name[4]", "name[5]",
                                                     "name[6]", "name[7]", "name[8]", "name[9]", "name[10]"};
    for (std::size_t i = 0; i < letters.size(); ++i) {
        fields.push_back(whole(letters[i], Scalar::UInt8, offsetof(ArenaEntity, name) + i, 255));
        fields.back().prediction = Prediction::Static;
    }
    return fields;
}

}  // namespace

DeltaSchema::DeltaSchema(const char* component, std::uint32_t size, std::vector<FieldInfo> fields)
    : fields_(std::move(fields)),
      component_{.name = component, .size = size, .alignment = alignof(float), .fields = fields_},
      info_{.name = "bench", .hash = 0, .components = std::span(&component_, 1), .inputs = {}},
      layout_(info_) {
    info_.hash = replication::schema_hash(info_);
}

DeltaSchema cube_schema() { return DeltaSchema("bench.Cube", sizeof(Cube), cube_fields()); }

DeltaSchema arena_schema(ArenaPrediction prediction) {
    return DeltaSchema("bench.Entity", sizeof(ArenaEntity), arena_fields(prediction));
}

DeltaSchema walker_schema() {
    return DeltaSchema("bench.Walker", sizeof(Walker), walker_fields(ArenaPrediction::Integral));
}

}  // namespace tidewire::bench
