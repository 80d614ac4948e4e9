// How one field of an aggregate becomes slots, and which slots it can become.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "sdk/core/replication/grid.h"
#include "sdk/core/replication/quaternion_code.h"
#include "sdk/core/replication/turn.h"
#include "tidewire/schema.h"

namespace tidewire::replication {

/// What quantisation had to do to values that the schema does not allow.
struct QuantizeCounters {
    std::uint64_t saturated = 0;  ///< Outside the declared range: held at its edge.
    std::uint64_t nan = 0;        ///< Not a number: the previous tick's value stays (0 when there is none).
    friend bool operator==(const QuantizeCounters&, const QuantizeCounters&) = default;
};

/// What the integer of a slot stands for.
enum class SlotKind : std::uint8_t {
    Number,             ///< A whole number, or a step of a grid.
    ExactFloat,         ///< The bits of a float.
    WideLow,            ///< The low half of a 64-bit integer or of the bits of a double.
    WideHigh,           ///< Its high half.
    Angle,              ///< A step of a turn; the one after the last is the first.
    QuaternionLargest,  ///< Which of the four is largest.
    QuaternionPart,     ///< One of the other three.
};

/// A whole number is its slot, or the low and high half of it in two; a quantised one is its step; an exact float or
/// double is its bit pattern. Four floats that are a quaternion make one code of four slots.
class FieldCode {
public:
    /// Of the first of `fields`, or of the first four when they are a quaternion. Precondition: not empty.
    explicit FieldCode(std::span<const FieldInfo> fields);

    /// How many of `fields` it took.
    std::size_t field_count() const { return kind_ == Kind::Quaternion ? 4 : 1; }
    std::size_t slot_count() const;
    SlotKind slot_kind(std::size_t slot) const;
    /// The least and most that a slot of this kind holds. Of a 32-bit number without sign beyond 2^31 and of bits, all that
    /// 32 bits hold. Not every integer in it needs to be one that quantize() makes.
    struct SlotRange {
        std::int32_t first;
        std::int32_t last;
    };
    SlotRange slot_range(std::size_t slot) const;
    /// True when in_range() is true of all that lies in slot_range().
    bool slot_range_is_whole() const;
    /// What one step is in the field's unit; 1 where the slot is no step of a grid.
    double slot_quantum(std::size_t slot) const;

    /// Aggregates in a row and those of them that are meant: bit i is the one at first + i * size.
    struct Rows {
        const std::byte* first;
        std::size_t size;
        std::uint64_t present;
    };
    /// Slot s of row i is slots[i + s * stride], and holds the previous value on entry. One aggregate is row 0.
    void quantize(const Rows& rows, std::int32_t* slots, std::size_t stride, QuantizeCounters& counters) const;
    /// `aggregate` is the row's own, and `slots` begins with its first.
    void dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const;
    /// True when quantize() could have made these.
    bool in_range(const std::int32_t* slots, std::size_t stride) const;

private:
    enum class Kind : std::uint8_t { Grid, Angle, Integer, Float, Integer64, Unsigned64, Double, Quaternion };

    static Kind kind_of(std::span<const FieldInfo> fields);
    double hold(double value, double previous, QuantizeCounters& counters) const;
    void quantize_turn(const Rows& rows, std::int32_t* slots, QuantizeCounters& counters) const;
    void quantize_quaternion(const Rows& rows, std::int32_t* slots, std::size_t stride,
                             QuantizeCounters& counters) const;

    Kind kind_;
    Scalar scalar_;
    std::uint16_t offsets_[4];                  // Of the field, or of the quaternion's four.
    std::optional<Grid> grid_;                  // Kind::Grid
    std::optional<Turn> turn_;                  // Kind::Angle
    std::optional<QuaternionCode> quaternion_;  // Kind::Quaternion
    double low_ = 0, high_ = 0;                 // Float and Double.
    std::int64_t first_ = 0, last_ = 0;         // Integer and Integer64; of Unsigned64 the bit patterns.
};

}  // namespace tidewire::replication
