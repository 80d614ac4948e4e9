// Where the fields of an aggregate without a C++ type lie.
#include "sdk/core/replication/owned_schema.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <string>
#include <utility>

namespace tidewire::replication {

namespace {

constexpr std::size_t scalar_bytes(Scalar scalar) {
    switch (scalar) {
        case Scalar::Bool:
        case Scalar::Int8:
        case Scalar::UInt8:
            return 1;
        case Scalar::Int16:
        case Scalar::UInt16:
            return 2;
        case Scalar::Int32:
        case Scalar::UInt32:
        case Scalar::Float:
            return 4;
        case Scalar::Int64:
        case Scalar::UInt64:
        case Scalar::Double:
            return 8;
    }
    return 8;
}

constexpr std::size_t aligned(std::size_t offset, std::size_t alignment) {
    return (offset + alignment - 1) / alignment * alignment;
}

struct Extent {
    std::size_t size = 0;
    std::size_t alignment = 1;

    /// Where the next field lies.
    std::size_t add(std::size_t bytes) {
        const std::size_t offset = aligned(size, bytes);
        size = offset + bytes;
        alignment = std::max(alignment, bytes);
        return offset;
    }
    std::size_t whole() const { return aligned(std::max<std::size_t>(size, 1), alignment); }
};

/// Any field of a record. A lifecycle is a plain function, which knows no schema: so every field has room for everything, and
/// a record has a number of fields that one of a few functions was made for.
struct Field {
    std::string text;
    std::vector<std::uint8_t> bytes;
    std::uint64_t number = 0;
};
static_assert(sizeof(Field) <= 64);

template <std::size_t Count>
struct Record {
    std::array<Field, Count> fields;
};

template <std::size_t Power = 0>
Lifecycle lifecycle_of(std::size_t fields) {
    constexpr std::size_t count = std::size_t{1} << Power;
    if constexpr (count < OwnedSchema::record_fields_max) {
        if (fields > count) return lifecycle_of<Power + 1>(fields);
    }
    return Lifecycle::of<Record<count>>();
}

/// Of a record with so many fields: a power of two.
std::size_t record_bytes(std::size_t fields) {
    std::size_t count = 1;
    while (count < fields) count *= 2;
    return count * sizeof(Field);
}

std::size_t place_in(RecordType type) {
    switch (type) {
        case RecordType::Number:
            return offsetof(Field, number);
        case RecordType::Text:
            return offsetof(Field, text);
        case RecordType::Bytes:
            return offsetof(Field, bytes);
    }
    return 0;
}

}  // namespace

struct OwnedSchema::Content {
    // Lists whose elements never move: views of them are handed out.
    std::deque<std::string> names;
    std::deque<std::vector<FieldInfo>> fields;
    std::deque<std::vector<RecordFieldInfo>> records;
    std::array<std::vector<StructInfo>, 3> lists;
    SchemaInfo info{.name = "", .hash = 0, .components = {}, .inputs = {}};

    const char* keep(std::string_view name) { return names.emplace_back(name).c_str(); }

    void add(Role role, const StructInfo& declaration) {
        lists[static_cast<std::size_t>(role)].push_back(declaration);
        info.components = lists[0];
        info.inputs = lists[1];
        info.events = lists[2];
    }
};

OwnedSchema::OwnedSchema(std::string_view name) : content_(std::make_unique<Content>()) {
    content_->info.name = content_->keep(name);
}

OwnedSchema::~OwnedSchema() = default;
OwnedSchema::OwnedSchema(OwnedSchema&&) noexcept = default;
OwnedSchema& OwnedSchema::operator=(OwnedSchema&&) noexcept = default;

const SchemaInfo& OwnedSchema::info() const { return content_->info; }

void OwnedSchema::set_hash(std::uint64_t hash) { content_->info.hash = hash; }

std::size_t OwnedSchema::struct_bytes(const std::vector<FieldInfo>& fields) {
    Extent extent;
    for (const FieldInfo& field : fields) extent.add(scalar_bytes(field.scalar));
    return extent.whole();
}

void OwnedSchema::add_struct(Role role, const StructInfo& info, std::vector<FieldInfo> fields) {
    assert(struct_bytes(fields) <= aggregate_bytes_max);
    Extent extent;
    for (FieldInfo& field : fields) {
        field.name = content_->keep(field.name);
        field.offset = static_cast<std::uint16_t>(extent.add(scalar_bytes(field.scalar)));
    }
    StructInfo added = info;
    added.name = content_->keep(info.name);
    added.size = static_cast<std::uint32_t>(extent.whole());
    added.alignment = static_cast<std::uint32_t>(extent.alignment);
    added.is_table = false;
    added.fields = content_->fields.emplace_back(std::move(fields));
    added.record = {};
    added.lifecycle = {};
    content_->add(role, added);
}

void OwnedSchema::add_table(Role role, const StructInfo& info, std::vector<RecordFieldInfo> record) {
    assert(record.size() <= record_fields_max);
    std::size_t offset = 0;
    for (RecordFieldInfo& field : record) {
        field.name = content_->keep(field.name);
        field.offset = static_cast<std::uint16_t>(offset + place_in(field.type));
        offset += sizeof(Field);
    }
    StructInfo added = info;
    added.name = content_->keep(info.name);
    added.size = static_cast<std::uint32_t>(record_bytes(record.size()));
    added.alignment = alignof(Field);
    added.is_table = true;
    added.fields = {};
    added.lifecycle = lifecycle_of(record.size());
    added.record = content_->records.emplace_back(std::move(record));
    content_->add(role, added);
}

}  // namespace tidewire::replication
