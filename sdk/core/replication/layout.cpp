// Aggregates to slots and back. Every step is a single IEEE operation, so all machines round alike.

#include "sdk/core/replication/layout.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "sdk/core/base/byte_io.h"

namespace tidewire::replication {

namespace {

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}

template <class T>
void store(std::byte* at, T value) {
    std::memcpy(at, &value, sizeof(T));
}

bool is_64_bit_exact(const FieldInfo& field) {
    return !(field.quantum > 0) &&
           (field.scalar == Scalar::Int64 || field.scalar == Scalar::UInt64 || field.scalar == Scalar::Double);
}

std::int64_t load_integer(const std::byte* at, Scalar scalar) {
    switch (scalar) {
        case Scalar::Bool:
            return load<std::uint8_t>(at) != 0;
        case Scalar::Int8:
            return load<std::int8_t>(at);
        case Scalar::UInt8:
            return load<std::uint8_t>(at);
        case Scalar::Int16:
            return load<std::int16_t>(at);
        case Scalar::UInt16:
            return load<std::uint16_t>(at);
        case Scalar::Int32:
            return load<std::int32_t>(at);
        case Scalar::UInt32:
            return load<std::uint32_t>(at);
        default:
            return load<std::int64_t>(at);
    }
}

void store_integer(std::byte* at, Scalar scalar, std::int64_t value) {
    switch (scalar) {
        case Scalar::Bool:
            return store(at, static_cast<std::uint8_t>(value != 0));
        case Scalar::Int8:
            return store(at, static_cast<std::int8_t>(value));
        case Scalar::UInt8:
            return store(at, static_cast<std::uint8_t>(value));
        case Scalar::Int16:
            return store(at, static_cast<std::int16_t>(value));
        case Scalar::UInt16:
            return store(at, static_cast<std::uint16_t>(value));
        case Scalar::Int32:
            return store(at, static_cast<std::int32_t>(value));
        case Scalar::UInt32:
            return store(at, static_cast<std::uint32_t>(value));
        default:
            return store(at, value);
    }
}

double load_number(const std::byte* at, Scalar scalar) {
    switch (scalar) {
        case Scalar::Float:
            return static_cast<double>(load<float>(at));
        case Scalar::Double:
            return load<double>(at);
        case Scalar::UInt64:
            return static_cast<double>(load<std::uint64_t>(at));
        default:
            return static_cast<double>(load_integer(at, scalar));
    }
}

std::int64_t to_int64(double value) {
    if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
    if (!(value > -0x1p63)) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(value);
}

std::uint64_t to_uint64(double value) {
    if (value >= 0x1p64) return std::numeric_limits<std::uint64_t>::max();
    return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

/// The nearest float, but not infinity where `value` is finite.
double to_float(double value) {
    constexpr double most = static_cast<double>(std::numeric_limits<float>::max());
    if (std::isfinite(value)) value = std::clamp(value, -most, most);
    return static_cast<double>(static_cast<float>(value));
}

struct Range {
    double low;
    double high;
};

Range range_of(Scalar scalar) {
    switch (scalar) {
        case Scalar::Bool:
            return {0, 1};
        case Scalar::Int8:
            return {-0x1p7, 0x1p7 - 1};
        case Scalar::UInt8:
            return {0, 0x1p8 - 1};
        case Scalar::Int16:
            return {-0x1p15, 0x1p15 - 1};
        case Scalar::UInt16:
            return {0, 0x1p16 - 1};
        case Scalar::Int32:
            return {-0x1p31, 0x1p31 - 1};
        case Scalar::UInt32:
            return {0, 0x1p32 - 1};
        case Scalar::Int64:
            return {-0x1p63, 0x1p63};
        case Scalar::UInt64:
            return {0, 0x1p64};
        default:
            return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    }
}

/// An edge of a range in steps. One that misses a step by no more than a rounding error lies on it; others move inwards.
std::int64_t edge_step(double edge, double quantum, bool is_low) {
    const double exact = edge / quantum;
    const double nearest = std::round(exact);
    const bool on_grid = std::abs(exact - nearest) <= 1e-9 * std::max(1.0, std::abs(nearest));
    const double step = on_grid ? nearest : is_low ? std::ceil(exact) : std::floor(exact);
    return to_int64(std::clamp(step, -0x1p31, 0x1p31 - 1));
}

std::uint64_t join(std::int32_t low, std::int32_t high) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(high)) << 32 | static_cast<std::uint32_t>(low);
}

std::int32_t low_half(std::uint64_t value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); }
std::int32_t high_half(std::uint64_t value) { return low_half(value >> 32); }

template <class T>
T clamp_counted(T value, T low, T high, QuantizeCounters& counters) {
    if (value >= low && value <= high) return value;
    ++counters.saturated;
    return value < low ? low : high;
}

}  // namespace

StructLayout::Code StructLayout::code_of(const FieldInfo& field, std::size_t slot) {
    const Range type = range_of(field.scalar);
    Code code{};
    code.scalar = field.scalar;
    code.offset = field.offset;
    code.slot = static_cast<std::uint32_t>(slot);
    code.quantum = field.quantum;
    code.low = std::max(field.min, type.low);
    code.high = std::min(field.max, type.high);
    if (field.scalar == Scalar::Float) {
        code.low = to_float(code.low);
        code.high = to_float(code.high);
    }
    const bool is_real = field.scalar == Scalar::Float || field.scalar == Scalar::Double;
    if (field.quantum > 0) {
        code.kind = Code::Kind::Grid;
        code.first = edge_step(field.min, field.quantum, true);
        code.last = edge_step(field.max, field.quantum, false);
        if (code.first > code.last) code.first = code.last;  // No step inside: every value is the range's one step.
        // A float has 24 bits; half a step of error must still round to the right step.
        if (field.scalar == Scalar::Float)
            code.steps_exact = std::int64_t{1} << 22;
        else if (is_real || std::floor(field.quantum) == field.quantum)
            code.steps_exact = std::numeric_limits<std::int64_t>::max();
    } else if (field.scalar == Scalar::Float) {
        code.kind = Code::Kind::Float;
    } else if (field.scalar == Scalar::Double) {
        code.kind = Code::Kind::Double;
    } else if (field.scalar == Scalar::UInt64) {
        code.kind = Code::Kind::Unsigned64;
        code.first = static_cast<std::int64_t>(to_uint64(std::ceil(code.low)));
        code.last = static_cast<std::int64_t>(to_uint64(std::floor(code.high)));
    } else {
        code.kind = field.scalar == Scalar::Int64 ? Code::Kind::Integer64 : Code::Kind::Integer;
        code.first = to_int64(std::ceil(code.low));
        code.last = to_int64(std::floor(code.high));
    }
    return code;
}

StructLayout::StructLayout(const StructInfo& info) : info_(&info) {
    for (const FieldInfo& field : info.fields) {
        codes_.push_back(code_of(field, slots_.size()));
        slots_.push_back({&field, 0});
        if (is_64_bit_exact(field)) slots_.push_back({&field, 1});
    }
}

std::string StructLayout::slot_name(std::size_t index) const {
    return std::string(info_->name) + "." + slots_[index].field->name;
}

/// The value that a step stands for, as the field's type holds it.
double StructLayout::grid_value(const Code& code, std::int32_t step) {
    const double value = std::clamp(static_cast<double>(step) * code.quantum, code.low, code.high);
    if (code.scalar == Scalar::Double) return value;
    return code.scalar == Scalar::Float ? to_float(value) : std::round(value);
}

/// The nearest step within the range. `value` is a number.
std::int32_t StructLayout::grid_step(const Code& code, double value) {
    const double step = value / code.quantum;
    if (step <= static_cast<double>(code.first)) return static_cast<std::int32_t>(code.first);
    if (step >= static_cast<double>(code.last)) return static_cast<std::int32_t>(code.last);
    return static_cast<std::int32_t>(step + (step < 0 ? -0.5 : 0.5));
}

/// Far from 0 a float cannot hold every step of a fine grid. This is the step that its value rounds to, for good.
std::int32_t StructLayout::settled_step(const Code& code, std::int32_t step) {
    if (std::abs(static_cast<std::int64_t>(step)) < code.steps_exact) return step;
    // Once is enough but beside a power of two, where floats are nearer to each other on one side.
    for (int i = 0; i < 3; ++i) {
        const std::int32_t again = grid_step(code, grid_value(code, step));
        if (again == step) break;
        step = again;
    }
    return step;
}

void StructLayout::quantize_grid(const Code& code, double value, std::int32_t& slot, QuantizeCounters& counters) {
    if (std::isnan(value)) {
        ++counters.nan;
        const auto held = std::clamp(static_cast<std::int64_t>(slot), code.first, code.last);
        slot = settled_step(code, static_cast<std::int32_t>(held));
        return;
    }
    // A value that rounds to the edge has lost nothing.
    if (value < code.low || value > code.high) {
        const double step = value / code.quantum;
        if (step < static_cast<double>(code.first) - 0.5 || step > static_cast<double>(code.last) + 0.5)
            ++counters.saturated;
    }
    slot = settled_step(code, grid_step(code, value));
}

/// What an exact float or double becomes: itself when the schema allows it.
double StructLayout::hold(const Code& code, double value, double previous, QuantizeCounters& counters) {
    if (!std::isnan(value)) return clamp_counted(value, code.low, code.high, counters);
    ++counters.nan;
    return std::clamp(std::isnan(previous) ? 0.0 : previous, code.low, code.high);
}

void StructLayout::quantize(const std::byte* aggregate, std::int32_t* slots, std::size_t stride,
                            QuantizeCounters& counters) const {
    for (const Code& code : codes_) {
        const std::byte* at = aggregate + code.offset;
        std::int32_t& slot = slots[code.slot * stride];
        switch (code.kind) {
            case Code::Kind::Grid:
                quantize_grid(code, load_number(at, code.scalar), slot, counters);
                break;
            case Code::Kind::Integer: {
                const std::int64_t value =
                    clamp_counted(load_integer(at, code.scalar), code.first, code.last, counters);
                slot = low_half(static_cast<std::uint64_t>(value));
                break;
            }
            case Code::Kind::Float: {
                const auto previous = static_cast<double>(bit_cast<float>(slot));
                const double value = hold(code, static_cast<double>(load<float>(at)), previous, counters);
                slot = bit_cast<std::int32_t>(static_cast<float>(value));
                break;
            }
            case Code::Kind::Integer64:
            case Code::Kind::Unsigned64:
            case Code::Kind::Double: {
                std::int32_t& high = slots[(code.slot + 1) * stride];
                std::uint64_t bits = 0;
                if (code.kind == Code::Kind::Integer64) {
                    bits = static_cast<std::uint64_t>(
                        clamp_counted(load<std::int64_t>(at), code.first, code.last, counters));
                } else if (code.kind == Code::Kind::Unsigned64) {
                    bits = clamp_counted(load<std::uint64_t>(at), static_cast<std::uint64_t>(code.first),
                                         static_cast<std::uint64_t>(code.last), counters);
                } else {
                    const auto previous = bit_cast<double>(join(slot, high));
                    bits = bit_cast<std::uint64_t>(hold(code, load<double>(at), previous, counters));
                }
                slot = low_half(bits);
                high = high_half(bits);
                break;
            }
        }
    }
}

void StructLayout::dequantize(const std::int32_t* slots, std::size_t stride, std::byte* aggregate) const {
    for (const Code& code : codes_) {
        std::byte* at = aggregate + code.offset;
        const std::int32_t slot = slots[code.slot * stride];
        switch (code.kind) {
            case Code::Kind::Grid: {
                const double value = grid_value(code, slot);
                switch (code.scalar) {
                    case Scalar::Float:
                        store(at, static_cast<float>(value));
                        break;
                    case Scalar::Double:
                        store(at, value);
                        break;
                    case Scalar::UInt64:
                        store(at, to_uint64(value));
                        break;
                    default:
                        store_integer(at, code.scalar, to_int64(value));
                        break;
                }
                break;
            }
            case Code::Kind::Integer:
                store_integer(at, code.scalar, slot);
                break;
            case Code::Kind::Float:
                store(at, slot);
                break;
            case Code::Kind::Integer64:
            case Code::Kind::Unsigned64:
            case Code::Kind::Double:
                store(at, join(slot, slots[(code.slot + 1) * stride]));
                break;
        }
    }
}

std::size_t StructLayout::first_out_of_range(const std::int32_t* slots, std::size_t stride) const {
    const auto allowed = [&](const Code& code) {
        const std::int32_t slot = slots[code.slot * stride];
        const auto joined = [&] { return join(slot, slots[(code.slot + 1) * stride]); };
        switch (code.kind) {
            case Code::Kind::Grid:
                return slot >= code.first && slot <= code.last && settled_step(code, slot) == slot;
            case Code::Kind::Integer: {
                const std::int64_t value =
                    code.scalar == Scalar::UInt32 ? static_cast<std::int64_t>(static_cast<std::uint32_t>(slot)) : slot;
                return value >= code.first && value <= code.last;
            }
            case Code::Kind::Integer64: {
                const auto value = static_cast<std::int64_t>(joined());
                return value >= code.first && value <= code.last;
            }
            case Code::Kind::Unsigned64:
                return joined() >= static_cast<std::uint64_t>(code.first) &&
                       joined() <= static_cast<std::uint64_t>(code.last);
            case Code::Kind::Float: {
                const auto value = static_cast<double>(bit_cast<float>(slot));
                return value >= code.low && value <= code.high;
            }
            case Code::Kind::Double: {
                const auto value = bit_cast<double>(joined());
                return value >= code.low && value <= code.high;
            }
        }
        return false;
    };
    for (const Code& code : codes_)
        if (!allowed(code)) return code.slot;
    return slot_count();
}

Layout::Layout(const SchemaInfo& schema) : schema_(&schema) {
    for (const StructInfo& component : schema.components) components_.emplace_back(component);
    for (const StructInfo& input : schema.inputs) inputs_.emplace_back(input);
}

std::string Layout::table_name(std::size_t table) const {
    return table == 0 ? "entity" : components_[table - 1].info().name;
}

std::string Layout::slot_name(std::size_t table, std::size_t slot) const {
    if (table == 0) return slot == 0 ? "entity.generation" : "entity.owner";
    return components_[table - 1].slot_name(slot);
}

}  // namespace tidewire::replication
