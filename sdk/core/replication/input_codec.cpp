// Inputs as varints, and back with every check.

#include "sdk/core/replication/input_codec.h"

#include <array>
#include <span>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/row_check.h"

namespace tidewire::replication {

Bytes encode_input(const StructLayout& layout, const std::byte* aggregate) {
    std::vector<std::int32_t> slots(layout.slot_count());
    QuantizeCounters counters;
    layout.quantize(aggregate, slots.data(), 1, counters);
    Bytes out;
    out.reserve(slots.size() * 2);
    for (const std::int32_t slot : slots) append_varint(out, to_zigzag(slot));
    return out;
}

Result<void> decode_input(const StructLayout& layout, ByteSpan data, std::byte* aggregate) {
    ByteReader reader(data);
    // Inputs are small and come all the time: those of a usual size are read without a heap.
    std::array<std::int32_t, 64> few;
    std::vector<std::int32_t> many(layout.slot_count() > few.size() ? layout.slot_count() : 0);
    const std::span<std::int32_t> slots(many.empty() ? few.data() : many.data(), layout.slot_count());
    for (std::int32_t& slot : slots) slot = from_zigzag(reader.read_varint32().value_or(0));
    if (reader.failed()) return refuse(std::string("the bytes end within ") + layout.info().name);
    if (!reader.at_end())
        return refuse(std::to_string(reader.remaining()) + " bytes too many after " + layout.info().name);
    const std::size_t bad = layout.first_out_of_range(slots.data(), 1);
    if (bad != slots.size())
        return refuse(layout.slot_name(bad) + " is " + std::to_string(slots[bad]) +
                      " on the wire, outside the schema's range");
    layout.dequantize(slots.data(), 1, aggregate);
    return {};
}

}  // namespace tidewire::replication
