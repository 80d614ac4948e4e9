// What the schema compiler knows about a game's types, as data. Generated headers fill these in; nobody writes them by hand.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

namespace tidewire {

/// The FlatBuffers scalar type that a field is stored as in its C++ aggregate.
enum class Scalar : std::uint8_t { Bool, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float, Double };

/// How a field moves between the snapshots that a client draws from (attribute `interpolate`).
enum class Interpolation : std::uint8_t {
    Hold,    ///< Keeps the older snapshot's value until the newer one's time. The default.
    Linear,  ///< Straight line between both.
    Angle,   ///< Radians, along the shorter arc.
};

/// How the value of the next tick is guessed before its residual is coded (attribute `predict`).
enum class Prediction : std::uint8_t {
    Delta,     ///< The last value.
    Linear,    ///< The last value plus its last change.
    Integral,  ///< The last value plus another field's, times the tick (see FieldInfo::integral_of).
    Static,    ///< Never changes after the spawn.
};

/// One scalar of a component or input. Nested structs and fixed arrays are flattened: "corner.x", "slots[2]".
struct FieldInfo {
    const char* name;
    Scalar scalar;
    std::uint16_t offset;  ///< In bytes from the start of the aggregate.
    double quantum;        ///< The step of the wire's grid, in the field's unit; 0 sends the value exactly as it is.
    double min;            ///< Inclusive; values beyond saturate and are counted.
    double max;
    Interpolation interpolation = Interpolation::Hold;
    Prediction prediction = Prediction::Delta;
    std::int16_t integral_of = -1;  ///< Index of the velocity field in the same component.
    double snap = 0;                ///< A larger move between two snapshots is a teleport and is not interpolated; 0: never.
};

/// One component or input: a plain aggregate and its scalars, in declaration order.
struct StructInfo {
    const char* name;  ///< With its namespace: "game.Pos".
    std::uint32_t size;
    std::uint32_t alignment;
    std::span<const FieldInfo> fields;
    bool predicted = false;   ///< Reserved: clients run the rules ahead on it for their own entities.
    bool owner_only = false;  ///< Reserved: only the owner of the entity is told. Today every client is.
    std::uint8_t priority = 1;
};

/// A whole game.fbs. Two programs can talk when their hashes are equal.
struct SchemaInfo {
    const char* name;    ///< The namespace: "game".
    std::uint64_t hash;  ///< Over the canonical text of all declarations: white space and comments do not count.
    std::span<const StructInfo> components;
    std::span<const StructInfo> inputs;
};

/// The place of T in SchemaInfo::components; specialised by generated code, an error for any other type.
template <class T>
struct ComponentIndex;

template <class T>
inline constexpr std::uint16_t component_index = ComponentIndex<std::remove_const_t<T>>::value;

}  // namespace tidewire
