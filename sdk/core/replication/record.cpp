// Writes, reads and checks records; record.h has the format.

#include "sdk/core/replication/record.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/replication/row_check.h"
#include "sdk/core/replication/scalar_io.h"

namespace tidewire::replication {

namespace {

using ByteVector = std::vector<std::uint8_t>;  // What generated aggregates hold of RecordType::Bytes.

enum class WireType : std::uint8_t { Varint, Fixed32, Fixed64, Length };

WireType wire_type(const RecordFieldInfo& field) {
    if (field.type != RecordType::Number) return WireType::Length;
    if (field.scalar == Scalar::Float) return WireType::Fixed32;
    return field.scalar == Scalar::Double ? WireType::Fixed64 : WireType::Varint;
}

bool has_sign(Scalar scalar) {
    return scalar == Scalar::Int8 || scalar == Scalar::Int16 || scalar == Scalar::Int32 || scalar == Scalar::Int64;
}

std::uint64_t to_zigzag64(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t from_zigzag64(std::uint64_t value) { return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

/// A field that is a number, and its values as the bits that travel: a whole number (zigzag where it has a sign), the bits of
/// a float or those of a double.
struct Number {
    const RecordFieldInfo& field;

    double low() const { return std::max(field.min, range_of(field.scalar).low); }
    double high() const { return std::min(field.max, range_of(field.scalar).high); }

    std::uint64_t load_bits(const std::byte* at) const {
        if (field.scalar == Scalar::Float) return load<std::uint32_t>(at);
        if (field.scalar == Scalar::Double) return load<std::uint64_t>(at);
        const std::int64_t whole = load_integer(at, field.scalar);
        return has_sign(field.scalar) ? to_zigzag64(whole) : static_cast<std::uint64_t>(whole);
    }
    void store_bits(std::byte* at, std::uint64_t bits) const {
        if (field.scalar == Scalar::Float) return store(at, static_cast<std::uint32_t>(bits));
        if (field.scalar == Scalar::Double) return store(at, bits);
        store_integer(at, field.scalar, has_sign(field.scalar) ? from_zigzag64(bits) : static_cast<std::int64_t>(bits));
    }
    /// The same bits when the schema allows them, else the nearest that it does; 0 for NaN.
    std::uint64_t clamped(std::uint64_t bits) const {
        if (field.scalar == Scalar::Float) {
            // The range as a float sees it: whoever writes 0.3F is not beyond 0.3.
            const auto value = bit_cast<float>(static_cast<std::uint32_t>(bits));
            return bit_cast<std::uint32_t>(std::isnan(value) ? clamp(0.0F, to_float(low()), to_float(high()))
                                                             : clamp(value, to_float(low()), to_float(high())));
        }
        if (field.scalar == Scalar::Double) {
            const auto value = bit_cast<double>(bits);
            return bit_cast<std::uint64_t>(clamp(std::isnan(value) ? 0.0 : value, low(), high()));
        }
        const double first = std::ceil(low());
        const double last = std::floor(high());
        if (has_sign(field.scalar)) return to_zigzag64(clamp(from_zigzag64(bits), to_int64(first), to_int64(last)));
        return clamp(bits, to_uint64(first), to_uint64(last));
    }
    bool is_nan(std::uint64_t bits) const {
        if (field.scalar == Scalar::Float) return std::isnan(bit_cast<float>(static_cast<std::uint32_t>(bits)));
        return field.scalar == Scalar::Double && std::isnan(bit_cast<double>(bits));
    }
    /// What the number is where a record says nothing of it.
    std::uint64_t absent() const { return clamped(0); }

    std::string to_text(std::uint64_t bits) const {
        if (field.scalar == Scalar::Float) return std::to_string(bit_cast<float>(static_cast<std::uint32_t>(bits)));
        if (field.scalar == Scalar::Double) return std::to_string(bit_cast<double>(bits));
        return has_sign(field.scalar) ? std::to_string(from_zigzag64(bits)) : std::to_string(bits);
    }

private:
    /// std::clamp that also has an answer for a range upside down.
    template <class T>
    static T clamp(T value, T low, T high) {
        return value > high ? high : value < low ? low : value;
    }
};

std::size_t length_max(const RecordFieldInfo& field) {
    return static_cast<std::size_t>(to_uint64(std::min(field.max, static_cast<double>(record_bytes_max))));
}

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    while (value >>= 7) ++size;
    return size;
}

/// What of `bytes` may stand in a field with `bytes_max` bytes.
ByteSpan fitting(const RecordFieldInfo& field, ByteSpan bytes, std::size_t bytes_max) {
    if (field.type == RecordType::Bytes) return bytes.first(std::min(bytes.size(), bytes_max));
    return valid_utf8(bytes) ? as_bytes(cut_utf8(as_text(bytes), bytes_max)) : ByteSpan{};
}

class RecordWriter {
public:
    explicit RecordWriter(QuantizeCounters& counters) : counters_(counters) {}

    void write_number(const RecordFieldInfo& field, const std::byte* at) {
        const Number number{field};
        const std::uint64_t given = number.load_bits(at);
        const std::uint64_t bits = number.clamped(given);
        if (bits != given) ++(number.is_nan(given) ? counters_.nan : counters_.saturated);
        if (bits == number.absent()) return;
        // A varint of 64 bits takes no more than 10 bytes.
        if (room(field) < 10) {
            ++counters_.saturated;
            return;
        }
        write_key(field);
        switch (wire_type(field)) {
            case WireType::Fixed32:
                return append_little_endian(out_, static_cast<std::uint32_t>(bits));
            case WireType::Fixed64:
                return append_little_endian(out_, bits);
            default:
                return append_varint(out_, bits);
        }
    }

    void write_bytes(const RecordFieldInfo& field, ByteSpan given) {
        if (given.empty()) return;
        const std::size_t room_for = room(field) - std::min(room(field), varint_size(record_bytes_max));
        const ByteSpan bytes = fitting(field, given, std::min(length_max(field), room_for));
        if (bytes.size() != given.size()) ++counters_.saturated;
        if (bytes.empty()) return;
        write_key(field);
        append_varint(out_, bytes.size());
        append(out_, bytes);
    }

    Bytes finish() && { return std::move(out_); }

private:
    std::uint64_t key(const RecordFieldInfo& field) const {
        return std::uint64_t{field.id - next_id_} << 2 | static_cast<std::uint64_t>(wire_type(field));
    }
    /// For the value of a field, behind its key.
    std::size_t room(const RecordFieldInfo& field) const {
        const std::size_t taken = out_.size() + varint_size(key(field));
        return record_bytes_max - std::min(taken, record_bytes_max);
    }
    void write_key(const RecordFieldInfo& field) {
        assert(field.id >= next_id_);
        append_varint(out_, key(field));
        next_id_ = field.id + 1U;
    }

    QuantizeCounters& counters_;
    Bytes out_;
    std::uint32_t next_id_ = 0;
};

/// One field of a record as it came.
struct Entry {
    std::uint64_t id;
    WireType type;
    std::uint64_t bits = 0;  // Of a number.
    ByteSpan bytes{};        // Of a length.
};

/// Refuses more than 64 bits and encodings longer than the shortest.
std::optional<std::uint64_t> read_varint64(ByteReader& reader) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = reader.read_u8();
        if (!byte || (shift == 63 && *byte > 1)) return std::nullopt;
        value |= static_cast<std::uint64_t>(*byte & 0x7f) << shift;
        if (*byte < 0x80) return *byte == 0 && shift > 0 ? std::nullopt : std::optional(value);
    }
    return std::nullopt;
}

class RecordReader {
public:
    explicit RecordReader(ByteSpan bytes) : reader_(bytes) {}

    bool at_end() const { return reader_.at_end(); }
    /// Empty when the record ends within the field or has no such number.
    std::optional<Entry> read() {
        const auto key = reader_.read_varint32();
        if (!key) return std::nullopt;
        Entry entry{next_id_ + (*key >> 2), static_cast<WireType>(*key & 3)};
        next_id_ = entry.id + 1;
        if (entry.type == WireType::Length) {
            const auto bytes = reader_.read_bytes(reader_.read_varint32().value_or(0));
            if (!bytes) return std::nullopt;
            entry.bytes = *bytes;
            return entry;
        }
        const std::optional<std::uint64_t> bits = read_number(entry.type);
        if (!bits) return std::nullopt;
        entry.bits = *bits;
        return entry;
    }

private:
    std::optional<std::uint64_t> read_number(WireType type) {
        if (type == WireType::Fixed32) return reader_.read_little_endian<std::uint32_t>();
        return type == WireType::Fixed64 ? reader_.read_little_endian<std::uint64_t>() : read_varint64(reader_);
    }

    ByteReader reader_;
    std::uint64_t next_id_ = 0;
};

const RecordFieldInfo* find_field(const StructInfo& info, std::uint64_t id) {
    const auto found =
        std::lower_bound(info.record.begin(), info.record.end(), id,
                         [](const RecordFieldInfo& field, std::uint64_t wanted) { return field.id < wanted; });
    return found == info.record.end() || found->id != id ? nullptr : &*found;
}

std::string field_name(const StructInfo& info, const RecordFieldInfo& field) {
    return std::string(info.name) + "." + field.name;
}

Result<void> check_entry(const StructInfo& info, const RecordFieldInfo& field, const Entry& entry) {
    const auto wrong = [&](const std::string& what) { return refuse(field_name(info, field) + " " + what); };
    if (entry.type != wire_type(field)) return wrong("has another type on the wire");
    if (field.type == RecordType::Number) {
        const Number number{field};
        if (number.clamped(entry.bits) == entry.bits) return {};
        return wrong("is " + number.to_text(entry.bits) + " on the wire, outside the schema's range");
    }
    if (entry.bytes.size() > length_max(field))
        return wrong("has " + std::to_string(entry.bytes.size()) + " bytes, more than its " +
                     std::to_string(length_max(field)));
    if (field.type == RecordType::Text && !valid_utf8(entry.bytes)) return wrong("is no UTF-8");
    return {};
}

void store_entry(const RecordFieldInfo& field, const Entry& entry, std::byte* aggregate) {
    void* const at = aggregate + field.offset;
    const auto* const data = reinterpret_cast<const std::uint8_t*>(entry.bytes.data());
    switch (field.type) {
        case RecordType::Number:
            return Number{field}.store_bits(static_cast<std::byte*>(at), entry.bits);
        case RecordType::Text:
            static_cast<std::string*>(at)->assign(as_text(entry.bytes));
            return;
        case RecordType::Bytes:
            static_cast<ByteVector*>(at)->assign(data, data + entry.bytes.size());
            return;
    }
}

Entry absent_entry(const RecordFieldInfo& field) {
    const bool is_number = field.type == RecordType::Number;
    return {field.id, wire_type(field), is_number ? Number{field}.absent() : 0};
}

/// What a record says of one field after another, with ascending ids, or what it means by saying nothing.
class FieldEntries {
public:
    explicit FieldEntries(ByteSpan bytes) : reader_(bytes) { advance(); }

    Entry of(const RecordFieldInfo& field) {
        while (next_ && next_->id < field.id) advance();
        return next_ && next_->id == field.id ? *next_ : absent_entry(field);
    }

private:
    void advance() { next_ = reader_.at_end() ? std::nullopt : reader_.read(); }

    RecordReader reader_;
    std::optional<Entry> next_;
};

std::string to_text(const RecordFieldInfo& field, const Entry& entry) {
    if (field.type == RecordType::Number) return Number{field}.to_text(entry.bits);
    if (field.type == RecordType::Bytes) return std::to_string(entry.bytes.size()) + " bytes";
    return "\"" + printable(as_text(entry.bytes)) + "\"";
}

bool same(const Entry& a, const Entry& b) { return a.bits == b.bits && as_text(a.bytes) == as_text(b.bytes); }

}  // namespace

Bytes encode_record(const StructInfo& info, const void* aggregate, QuantizeCounters& counters) {
    RecordWriter writer(counters);
    for (const RecordFieldInfo& field : info.record) {
        const std::byte* const bytes = static_cast<const std::byte*>(aggregate) + field.offset;
        const void* const at = bytes;
        switch (field.type) {
            case RecordType::Number:
                writer.write_number(field, bytes);
                break;
            case RecordType::Text:
                writer.write_bytes(field, as_bytes(*static_cast<const std::string*>(at)));
                break;
            case RecordType::Bytes:
                writer.write_bytes(field, std::as_bytes(std::span(*static_cast<const ByteVector*>(at))));
                break;
        }
    }
    return std::move(writer).finish();
}

std::string first_cut(const StructInfo& info, const void* aggregate) {
    for (const RecordFieldInfo& field : info.record) {
        if (field.type == RecordType::Number) continue;
        const void* const at = static_cast<const std::byte*>(aggregate) + field.offset;
        const ByteSpan bytes = field.type == RecordType::Text
                                   ? as_bytes(*static_cast<const std::string*>(at))
                                   : std::as_bytes(std::span(*static_cast<const ByteVector*>(at)));
        const std::string name = std::string(info.name) + '.' + field.name;
        if (bytes.size() > length_max(field))
            return name + " has " + std::to_string(bytes.size()) + " bytes, more than the " +
                   std::to_string(length_max(field)) + " of its range";
        if (field.type == RecordType::Text && !valid_utf8(bytes)) return name + " is not UTF-8";
    }
    return {};
}

Result<void> check_record(const StructInfo& info, ByteSpan bytes) {
    if (bytes.size() > record_bytes_max)
        return refuse(std::string(info.name) + " has " + std::to_string(bytes.size()) +
                      " bytes, more than a record's " + std::to_string(record_bytes_max));
    RecordReader reader(bytes);
    while (!reader.at_end()) {
        const auto entry = reader.read();
        if (!entry) return refuse(std::string(info.name) + " ends within a field");
        const RecordFieldInfo* const field = find_field(info, entry->id);
        if (field == nullptr) continue;
        if (auto checked = check_entry(info, *field, *entry); !checked) return checked;
    }
    return {};
}

Result<void> decode_record(const StructInfo& info, ByteSpan bytes, void* aggregate) {
    if (auto checked = check_record(info, bytes); !checked) return checked;
    auto* const out = static_cast<std::byte*>(aggregate);
    for (const RecordFieldInfo& field : info.record) store_entry(field, absent_entry(field), out);
    RecordReader reader(bytes);
    while (!reader.at_end()) {
        const auto entry = reader.read();
        if (!entry) break;
        if (const RecordFieldInfo* const field = find_field(info, entry->id)) store_entry(*field, *entry, out);
    }
    return {};
}

std::string first_record_difference(const StructInfo& info, ByteSpan actual, ByteSpan expected) {
    if (as_text(actual) == as_text(expected)) return {};
    FieldEntries actual_entries(actual);
    FieldEntries expected_entries(expected);
    for (const RecordFieldInfo& field : info.record) {
        const Entry is = actual_entries.of(field);
        const Entry should = expected_entries.of(field);
        if (!same(is, should))
            return field_name(info, field) + " is " + to_text(field, is) + ", expected " + to_text(field, should);
    }
    return std::string(info.name) + " differs in how it is written, or in fields that this schema does not know";
}

}  // namespace tidewire::replication
