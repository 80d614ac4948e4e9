// A schema that no generated header describes: its names and arrays live here. What tools and the schema compiler work with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tidewire/schema.h"

namespace tidewire::replication {

/// Which list of SchemaInfo a declaration stands in.
enum class Role : std::uint8_t { Component, Input, Event };

/// Moving it leaves info() and everything below it where it is.
class OwnedSchema {
public:
    explicit OwnedSchema(std::string_view name);
    ~OwnedSchema();
    OwnedSchema(OwnedSchema&&) noexcept;
    OwnedSchema& operator=(OwnedSchema&&) noexcept;

    const SchemaInfo& info() const;
    void set_hash(std::uint64_t hash);

    /// Appends a struct. Names are copied; offsets, size and alignment are laid out here, one field after another.
    /// Precondition: struct_bytes(fields) <= aggregate_bytes_max.
    void add_struct(Role role, const StructInfo& info, std::vector<FieldInfo> fields);
    /// Appends a table, likewise; its lifecycle is that of the aggregate laid out here, which holds a std::string for each
    /// Text and a std::vector<std::uint8_t> for each Bytes. Precondition: record.size() <= record_fields_max.
    void add_table(Role role, const StructInfo& info, std::vector<RecordFieldInfo> record);

    static constexpr std::size_t aggregate_bytes_max = 65'535;  ///< An offset has 16 bits.
    static constexpr std::size_t record_fields_max = 1024;      ///< Each takes up to 64 bytes of an aggregate.
    /// The size of the aggregate that add_struct() makes.
    static std::size_t struct_bytes(const std::vector<FieldInfo>& fields);

private:
    struct Content;
    std::unique_ptr<Content> content_;
};

}  // namespace tidewire::replication
