// Events go the way of inputs or of records, by what they are.
#include "sdk/core/replication/event_codec.h"

#include <cassert>

#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/record.h"
#include "sdk/core/replication/row_check.h"

namespace tidewire::replication {

namespace {

Result<void> check_type(const Layout& layout, std::uint16_t type) {
    if (type < layout.event_count()) return {};
    return refuse("an event is of type " + std::to_string(type) + "; the schema has " +
                  std::to_string(layout.event_count()));
}

}  // namespace

Bytes encode_event(const Layout& layout, std::uint16_t type, const void* aggregate) {
    assert(type < layout.event_count());
    const StructInfo& info = layout.event(type).info();
    if (!info.is_table) return encode_input(layout.event(type), static_cast<const std::byte*>(aggregate));
    QuantizeCounters counters;
    return encode_record(info, aggregate, counters);
}

Result<void> decode_event(const Layout& layout, std::uint16_t type, ByteSpan data, void* aggregate) {
    if (auto known = check_type(layout, type); !known) return known;
    const StructInfo& info = layout.event(type).info();
    if (info.is_table) return decode_record(info, data, aggregate);
    return decode_input(layout.event(type), data, static_cast<std::byte*>(aggregate));
}

Result<void> check_event(const Layout& layout, std::uint16_t type, ByteSpan data) {
    if (auto known = check_type(layout, type); !known) return known;
    const StructInfo& info = layout.event(type).info();
    if (info.is_table) return check_record(info, data);
    Bytes aggregate(info.size);
    return decode_input(layout.event(type), data, aggregate.data());
}

}  // namespace tidewire::replication
