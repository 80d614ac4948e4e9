// What the schema compiler knows about a game's types, as data. Generated headers fill these in; nobody writes them by hand.
#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <type_traits>

namespace tidewire {

/// The FlatBuffers scalar type that a field is stored as in its C++ aggregate.
enum class Scalar : std::uint8_t { Bool, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float, Double };

/// How a field moves between the snapshots that a client draws from (attribute `interpolate`).
enum class Interpolation : std::uint8_t {
    Hold,        ///< Keeps the older snapshot's value until the newer one's time. The default.
    Linear,      ///< Straight line between both.
    Angle,       ///< Radians, along the shorter arc.
    Quaternion,  ///< One of four numbers that turn together, along the shorter way.
};

/// How the value of the next tick is guessed before its residual is coded (attribute `predict`).
enum class Prediction : std::uint8_t {
    Delta,     ///< The last value.
    Linear,    ///< The last value plus its last change.
    Integral,  ///< The last value plus another field's, times the tick (see FieldInfo::integral_of).
    Static,    ///< Never changes after the spawn.
};

/// One scalar of a component, input or event. Nested structs and fixed arrays are flattened: "corner.x", "slots[2]".
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
    double snap = 0;  ///< A larger move between two snapshots is a teleport and is not interpolated; 0: never.
    bool angle =
        false;  ///< Radians that wrap at two pi: nothing saturates, and the way across the edge is short. Needs a quantum.
    /// Of four floats in a row (x, y, z, w) that make a unit quaternion: bits of each of its smallest three. 0: no quaternion.
    std::uint8_t quaternion_bits = 0;
};

// g++ 12 takes the last enumerator for a shadow of the core's tidewire::Bytes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
/// What a field of a table holds.
enum class RecordType : std::uint8_t { Number, Text, Bytes };
#pragma GCC diagnostic pop

/// One field of a component or event that is a table: a scalar (FieldInfo's rules without a quantum), a std::string or a
/// std::vector<std::uint8_t>.
struct RecordFieldInfo {
    const char* name;
    RecordType type;
    Scalar scalar;         ///< Of a Number.
    std::uint16_t id;      ///< Its place in the table, from 0: what the wire calls it. Ids only grow.
    std::uint16_t offset;  ///< In bytes from the start of the aggregate.
    double min;            ///< Of a Number its value, of a Text (UTF-8) or Bytes its length in bytes; inclusive.
    double max;
};

/// How an aggregate that owns memory begins and ends. All null for plain ones, which begin as zeros and are copied as bytes.
struct Lifecycle {
    void (*construct)(void* at) = nullptr;
    void (*destroy)(void* at) = nullptr;
    void (*assign)(void* to, const void* from) = nullptr;

    template <class T>
    static constexpr Lifecycle of() {
        return {.construct = [](void* at) { ::new (at) T(); },
                .destroy = [](void* at) { static_cast<T*>(at)->~T(); },
                .assign = [](void* to, const void* from) { *static_cast<T*>(to) = *static_cast<const T*>(from); }};
    }
};

/// One component, input or event, in declaration order of its fields. A struct is a plain aggregate of numbers (`fields`); a
/// table (`is_table`) may own memory (`record`, `lifecycle`) and is for rare data.
struct StructInfo {
    const char* name;  ///< With its namespace: "game.Pos".
    std::uint32_t size;
    std::uint32_t alignment;
    std::span<const FieldInfo> fields{};
    bool predicted = false;   ///< Clients run the rules ahead on it for their own entities.
    bool owner_only = false;  ///< Only the owner of the entity is told.
    std::uint8_t priority =
        1;  ///< 1 to 255: groups with entities that have it come sooner when a client's budget is short.
    bool is_table = false;
    std::span<const RecordFieldInfo> record{};
    Lifecycle lifecycle{};
};

/// A whole game.fbs. Two programs can talk when their hashes are equal, and an older client can talk to a server whose
/// schema only appends to its own.
struct SchemaInfo {
    const char* name;    ///< The namespace: "game".
    std::uint64_t hash;  ///< Over the description of all declarations: white space and comments do not count.
    std::span<const StructInfo> components;
    std::span<const StructInfo> inputs;
    std::span<const StructInfo> events{};
};

/// The place of T in SchemaInfo::components; specialised by generated code, an error for any other type.
template <class T>
struct ComponentIndex;
/// The place of T in SchemaInfo::inputs.
template <class T>
struct InputIndex;
/// The place of T in SchemaInfo::events.
template <class T>
struct EventIndex;

template <class T>
inline constexpr std::uint16_t component_index = ComponentIndex<std::remove_const_t<T>>::value;
template <class T>
inline constexpr std::uint16_t input_index = InputIndex<std::remove_const_t<T>>::value;
template <class T>
inline constexpr std::uint16_t event_index = EventIndex<std::remove_const_t<T>>::value;

/// Whether T is an event of a schema: a struct or table that is marked (event).
template <class T>
concept IsEvent = requires {
    EventIndex<std::remove_const_t<T>>::value;
};

/// All inputs of a schema as types: what Rules must take each of.
template <class... T>
struct InputList {};

}  // namespace tidewire
