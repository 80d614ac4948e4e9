// One switch over the kinds for each direction.

#include "sdk/core/replication/field_code.h"

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/scalar_io.h"

namespace tidewire::replication {

namespace {

std::uint64_t join(const std::int32_t* slots, std::size_t stride) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(slots[stride])) << 32 |
           static_cast<std::uint32_t>(slots[0]);
}

void split(std::uint64_t value, std::int32_t* slots, std::size_t stride) {
    slots[0] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    slots[stride] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value >> 32));
}

template <class T>
T clamp_counted(T value, T low, T high, QuantizeCounters& counters) {
    if (value >= low && value <= high) return value;
    ++counters.saturated;
    return value < low ? low : high;
}

}  // namespace

FieldCode::FieldCode(const FieldInfo& field) : kind_(kind_of(field)), scalar_(field.scalar), offset_(field.offset) {
    const double low = std::max(field.min, range_of(scalar_).low);
    const double high = std::min(field.max, range_of(scalar_).high);
    switch (kind_) {
        case Kind::Grid:
            grid_.emplace(field);
            break;
        case Kind::Float:
            // The range as a float sees it: whoever writes 0.3F is not beyond 0.3.
            low_ = static_cast<double>(to_float(low));
            high_ = static_cast<double>(to_float(high));
            break;
        case Kind::Double:
            low_ = low;
            high_ = high;
            break;
        case Kind::Integer:
        case Kind::Integer64:
            first_ = to_int64(std::ceil(low));
            last_ = to_int64(std::floor(high));
            break;
        case Kind::Unsigned64:
            first_ = static_cast<std::int64_t>(to_uint64(std::ceil(low)));
            last_ = static_cast<std::int64_t>(to_uint64(std::floor(high)));
            break;
    }
}

FieldCode::Kind FieldCode::kind_of(const FieldInfo& field) {
    if (field.quantum > 0) return Kind::Grid;
    switch (field.scalar) {
        case Scalar::Float:
            return Kind::Float;
        case Scalar::Double:
            return Kind::Double;
        case Scalar::Int64:
            return Kind::Integer64;
        case Scalar::UInt64:
            return Kind::Unsigned64;
        default:
            return Kind::Integer;
    }
}

/// What an exact real number becomes: itself when the schema allows it.
double FieldCode::hold(double value, double previous, QuantizeCounters& counters) const {
    if (!std::isnan(value)) return clamp_counted(value, low_, high_, counters);
    ++counters.nan;
    return std::clamp(std::isnan(previous) ? 0.0 : previous, low_, high_);
}

void FieldCode::quantize(const std::byte* aggregate, std::int32_t* slots, std::size_t stride,
                         QuantizeCounters& counters) const {
    const std::byte* const at = aggregate + offset_;
    switch (kind_) {
        case Kind::Grid: {
            const double value = load_number(at, scalar_);
            if (std::isnan(value)) {
                ++counters.nan;
                slots[0] = grid_->clamped(slots[0]);
                break;
            }
            if (grid_->beyond(value)) ++counters.saturated;
            slots[0] = grid_->step(value);
            break;
        }
        case Kind::Integer: {
            const std::int64_t value = clamp_counted(load_integer(at, scalar_), first_, last_, counters);
            slots[0] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
            break;
        }
        case Kind::Float: {
            const auto previous = static_cast<double>(bit_cast<float>(slots[0]));
            const double value = hold(static_cast<double>(load<float>(at)), previous, counters);
            slots[0] = bit_cast<std::int32_t>(static_cast<float>(value));
            break;
        }
        case Kind::Integer64: {
            const std::int64_t value = clamp_counted(load<std::int64_t>(at), first_, last_, counters);
            split(static_cast<std::uint64_t>(value), slots, stride);
            break;
        }
        case Kind::Unsigned64: {
            const auto first = static_cast<std::uint64_t>(first_);
            const auto last = static_cast<std::uint64_t>(last_);
            split(clamp_counted(load<std::uint64_t>(at), first, last, counters), slots, stride);
            break;
        }
        case Kind::Double: {
            const auto previous = bit_cast<double>(join(slots, stride));
            split(bit_cast<std::uint64_t>(hold(load<double>(at), previous, counters)), slots, stride);
            break;
        }
    }
}

void FieldCode::dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const {
    std::byte* const at = aggregate + offset_;
    switch (kind_) {
        case Kind::Grid:
            return store_number(at, scalar_, grid_->value(slots[0]));
        case Kind::Integer:
            return store_integer(at, scalar_, slots[0]);
        case Kind::Float:
            return store(at, slots[0]);
        case Kind::Integer64:
        case Kind::Unsigned64:
        case Kind::Double:
            return store(at, join(slots, stride));
    }
}

bool FieldCode::in_range(const std::int32_t* slots, std::size_t stride) const {
    const auto within = [](auto value, auto low, auto high) { return value >= low && value <= high; };
    switch (kind_) {
        case Kind::Grid:
            return grid_->has(slots[0]);
        case Kind::Integer: {
            const std::int64_t value = scalar_ == Scalar::UInt32
                                           ? static_cast<std::int64_t>(static_cast<std::uint32_t>(slots[0]))
                                           : static_cast<std::int64_t>(slots[0]);
            return within(value, first_, last_);
        }
        case Kind::Float:
            return within(static_cast<double>(bit_cast<float>(slots[0])), low_, high_);
        case Kind::Integer64:
            return within(static_cast<std::int64_t>(join(slots, stride)), first_, last_);
        case Kind::Unsigned64:
            return within(join(slots, stride), static_cast<std::uint64_t>(first_), static_cast<std::uint64_t>(last_));
        case Kind::Double:
            return within(bit_cast<double>(join(slots, stride)), low_, high_);
    }
    return false;
}

}  // namespace tidewire::replication
