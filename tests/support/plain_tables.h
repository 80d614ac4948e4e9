// The simplest code tables there are, by which the examples of sdk/PROTOCOL.md are coded: without a weight, so that the first symbol
// of each context is nearly certain. Neither the document nor its tests change when the built-in tables are trained again.
#pragma once

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/code_tables.h"

namespace tidewire::test {

/// As the document says it: no context stores a weight.
inline Bytes plain_tables_bytes() {
    Bytes file;
    append(file, as_bytes("TWCT"));
    file.push_back(std::byte{1});                  // the version
    append_little_endian(file, std::uint64_t{0});  // of no schema: a model for each class
    append_varint(file, replication::slot_class_count);
    file.resize(file.size() + replication::contexts::structure_count +
                replication::slot_class_count * replication::contexts::model_count);
    return file;
}

inline replication::CodeTables plain_tables() { return replication::CodeTables::parse(plain_tables_bytes()).value(); }

}  // namespace tidewire::test
