// One switch over the kinds for each direction.

#include "sdk/core/replication/field_code.h"

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/scalar_io.h"

namespace tidewire::replication {

namespace {

using Int32 = std::numeric_limits<std::int32_t>;

std::uint64_t join(const std::int32_t* slots, std::size_t stride) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(slots[stride])) << 32 |
           static_cast<std::uint32_t>(slots[0]);
}

void split(std::uint64_t value, std::int32_t* slots, std::size_t stride) {
    slots[0] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    slots[stride] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value >> 32));
}

QuaternionCode::Slots gather(const std::int32_t* slots, std::size_t stride) {
    return {slots[0], slots[stride], slots[2 * stride], slots[3 * stride]};
}

template <class T>
T clamp_counted(T value, T low, T high, QuantizeCounters& counters) {
    if (value >= low && value <= high) return value;
    ++counters.saturated;
    return value < low ? low : high;
}

/// Calls `row(at, slots)` for each row that is meant: where its field lies, and its first slot.
template <class Row>
void for_each(const FieldCode::Rows& rows, std::size_t offset, std::int32_t* slots, const Row& row) {
    for (std::uint64_t rest = rows.present; rest != 0; rest &= rest - 1) {
        const auto i = static_cast<std::size_t>(__builtin_ctzll(rest));
        row(rows.first + i * rows.size + offset, slots + i);
    }
}

template <class Load>
void quantize_grid(const Grid& grid, const FieldCode::Rows& rows, std::size_t offset, std::int32_t* slots,
                   QuantizeCounters& counters, const Load& load_value) {
    for_each(rows, offset, slots, [&](const std::byte* at, std::int32_t* slot) {
        const double value = load_value(at);
        if (std::isnan(value)) {
            ++counters.nan;
            *slot = grid.clamped(*slot);
            return;
        }
        if (grid.beyond(value)) ++counters.saturated;
        *slot = grid.step(value);
    });
}

}  // namespace

FieldCode::FieldCode(std::span<const FieldInfo> fields) : kind_(kind_of(fields)), scalar_(fields[0].scalar) {
    const FieldInfo& field = fields[0];
    for (std::size_t i = 0; i < 4; ++i) offsets_[i] = fields[i < field_count() ? i : 0].offset;
    const double low = std::max(field.min, range_of(scalar_).low);
    const double high = std::min(field.max, range_of(scalar_).high);
    switch (kind_) {
        case Kind::Grid:
            grid_.emplace(field);
            break;
        case Kind::Angle:
            turn_.emplace(field);
            break;
        case Kind::Quaternion:
            quaternion_.emplace(field.quaternion_bits);
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

FieldCode::Kind FieldCode::kind_of(std::span<const FieldInfo> fields) {
    const FieldInfo& field = fields[0];
    const bool is_real = field.scalar == Scalar::Float || field.scalar == Scalar::Double;
    const auto turns_with_it = [&](const FieldInfo& other) {
        return other.scalar == Scalar::Float && other.quaternion_bits == field.quaternion_bits;
    };
    if (field.quaternion_bits != 0 && fields.size() >= 4 && std::all_of(&fields[0], &fields[0] + 4, turns_with_it))
        return Kind::Quaternion;
    if (field.quantum > 0) return field.angle && is_real ? Kind::Angle : Kind::Grid;
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

std::size_t FieldCode::slot_count() const {
    if (kind_ == Kind::Quaternion) return 4;
    return kind_ == Kind::Integer64 || kind_ == Kind::Unsigned64 || kind_ == Kind::Double ? 2 : 1;
}

SlotKind FieldCode::slot_kind(std::size_t slot) const {
    switch (kind_) {
        case Kind::Grid:
        case Kind::Integer:
            return SlotKind::Number;
        case Kind::Angle:
            return SlotKind::Angle;
        case Kind::Float:
            return SlotKind::ExactFloat;
        case Kind::Quaternion:
            return slot == 0 ? SlotKind::QuaternionLargest : SlotKind::QuaternionPart;
        case Kind::Integer64:
        case Kind::Unsigned64:
        case Kind::Double:
            break;
    }
    return slot == 0 ? SlotKind::WideLow : SlotKind::WideHigh;
}

FieldCode::SlotRange FieldCode::slot_range(std::size_t slot) const {
    switch (kind_) {
        case Kind::Grid:
            return {grid_->first(), grid_->last()};
        case Kind::Angle:
            return {turn_->first(), turn_->last()};
        case Kind::Integer:
            if (last_ > Int32::max()) break;
            return {static_cast<std::int32_t>(first_), static_cast<std::int32_t>(last_)};
        case Kind::Quaternion:
            return {0, slot == 0 ? 3 : quaternion_->part_last()};
        default:
            break;
    }
    return {Int32::min(), Int32::max()};
}

bool FieldCode::slot_range_is_whole() const {
    switch (kind_) {
        case Kind::Grid:
            return grid_->has_all();
        case Kind::Integer:
            return last_ <= Int32::max();
        case Kind::Angle:
        case Kind::Quaternion:
            return true;
        default:
            return false;
    }
}

double FieldCode::slot_quantum(std::size_t slot) const {
    if (kind_ == Kind::Grid) return grid_->quantum();
    if (kind_ == Kind::Angle) return turn_->quantum();
    return kind_ == Kind::Quaternion && slot != 0 ? quaternion_->quantum() : 1;
}

/// What an exact real number becomes: itself when the schema allows it.
double FieldCode::hold(double value, double previous, QuantizeCounters& counters) const {
    if (!std::isnan(value)) return clamp_counted(value, low_, high_, counters);
    ++counters.nan;
    return std::clamp(std::isnan(previous) ? 0.0 : previous, low_, high_);
}

void FieldCode::quantize(const Rows& rows, std::int32_t* slots, std::size_t stride, QuantizeCounters& counters) const {
    const auto each = [&](const auto& row) { for_each(rows, offsets_[0], slots, row); };
    switch (kind_) {
        case Kind::Grid:
            if (scalar_ == Scalar::Float)
                return quantize_grid(*grid_, rows, offsets_[0], slots, counters,
                                     [](const std::byte* at) { return static_cast<double>(load<float>(at)); });
            return quantize_grid(*grid_, rows, offsets_[0], slots, counters,
                                 [this](const std::byte* at) { return load_number(at, scalar_); });
        case Kind::Angle:
            return quantize_turn(rows, slots, counters);
        case Kind::Quaternion:
            return quantize_quaternion(rows, slots, stride, counters);
        case Kind::Integer:
            return each([&](const std::byte* at, std::int32_t* slot) {
                const std::int64_t value = clamp_counted(load_integer(at, scalar_), first_, last_, counters);
                *slot = static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
            });
        case Kind::Float:
            return each([&](const std::byte* at, std::int32_t* slot) {
                const auto previous = static_cast<double>(bit_cast<float>(*slot));
                const double value = hold(static_cast<double>(load<float>(at)), previous, counters);
                *slot = bit_cast<std::int32_t>(static_cast<float>(value));
            });
        case Kind::Integer64:
            return each([&](const std::byte* at, std::int32_t* slot) {
                const std::int64_t value = clamp_counted(load<std::int64_t>(at), first_, last_, counters);
                split(static_cast<std::uint64_t>(value), slot, stride);
            });
        case Kind::Unsigned64:
            return each([&](const std::byte* at, std::int32_t* slot) {
                const auto first = static_cast<std::uint64_t>(first_);
                const auto last = static_cast<std::uint64_t>(last_);
                split(clamp_counted(load<std::uint64_t>(at), first, last, counters), slot, stride);
            });
        case Kind::Double:
            return each([&](const std::byte* at, std::int32_t* slot) {
                const auto previous = bit_cast<double>(join(slot, stride));
                split(bit_cast<std::uint64_t>(hold(load<double>(at), previous, counters)), slot, stride);
            });
    }
}

void FieldCode::quantize_turn(const Rows& rows, std::int32_t* slots, QuantizeCounters& counters) const {
    for_each(rows, offsets_[0], slots, [&](const std::byte* at, std::int32_t* slot) {
        const double radians = load_number(at, scalar_);
        if (std::isfinite(radians)) {
            *slot = turn_->step(radians);
            return;
        }
        ++counters.nan;
        if (!turn_->has(*slot)) *slot = 0;
    });
}

void FieldCode::quantize_quaternion(const Rows& rows, std::int32_t* slots, std::size_t stride,
                                    QuantizeCounters& counters) const {
    for_each(rows, 0, slots, [&](const std::byte* at, std::int32_t* slot) {
        QuaternionCode::Components q;
        for (std::size_t i = 0; i < 4; ++i) q[i] = load<float>(at + offsets_[i]);
        auto made = quaternion_->slots(q);
        if (!made) {
            ++counters.nan;
            made = gather(slot, stride);
            if (!quaternion_->has(*made)) made = quaternion_->identity();
        }
        for (std::size_t i = 0; i < 4; ++i) slot[i * stride] = (*made)[i];
    });
}

void FieldCode::dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const {
    std::byte* const at = aggregate + offsets_[0];
    switch (kind_) {
        case Kind::Grid:
            return store_number(at, scalar_, grid_->value(slots[0]));
        case Kind::Angle:
            return store_number(at, scalar_, turn_->value(slots[0]));
        case Kind::Quaternion: {
            const QuaternionCode::Components q = quaternion_->value(gather(slots, stride));
            for (std::size_t i = 0; i < 4; ++i) store(aggregate + offsets_[i], q[i]);
            return;
        }
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
        case Kind::Angle:
            return turn_->has(slots[0]);
        case Kind::Quaternion:
            // Steps that no rotation rounds to still are a rotation.
            return quaternion_->in_range(gather(slots, stride));
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
