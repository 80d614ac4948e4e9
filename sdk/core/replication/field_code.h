// How one field of an aggregate becomes slots, and which slots it can become.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sdk/core/replication/grid.h"
#include "tidewire/schema.h"

namespace tidewire::replication {

/// What quantisation had to do to values that the schema does not allow.
struct QuantizeCounters {
    std::uint64_t saturated = 0;  ///< Outside the declared range: held at its edge.
    std::uint64_t nan = 0;        ///< Not a number: the previous tick's value stays (0 when there is none).
};

/// A whole number is its slot, or the low and high half of it in two; a quantised one is its step; an exact float or
/// double is its bit pattern.
class FieldCode {
public:
    explicit FieldCode(const FieldInfo& field);

    /// 1, or 2 when the field is 64 bits wide and sent exactly.
    std::size_t slot_count() const { return kind_ < Kind::Integer64 ? 1 : 2; }

    /// `slots` is the field's first one and holds the previous value on entry; the second is slots[stride].
    void quantize(const std::byte* aggregate, std::int32_t* slots, std::size_t stride,
                  QuantizeCounters& counters) const;
    void dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const;
    /// True when quantize() could have made these.
    bool in_range(const std::int32_t* slots, std::size_t stride) const;

private:
    enum class Kind : std::uint8_t { Grid, Integer, Float, Integer64, Unsigned64, Double };

    static Kind kind_of(const FieldInfo& field);
    double hold(double value, double previous, QuantizeCounters& counters) const;

    Kind kind_;
    Scalar scalar_;
    std::uint16_t offset_;
    std::optional<Grid> grid_;           // Kind::Grid
    double low_ = 0, high_ = 0;          // Float and Double.
    std::int64_t first_ = 0, last_ = 0;  // Integer and Integer64; of Unsigned64 the bit patterns.
};

}  // namespace tidewire::replication
