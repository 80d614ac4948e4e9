// The Tick table, laid out by hand: it is written for every client in every tick, and a builder costs more than the message.
#include "sdk/core/wire/tick_head.h"

#include "sdk/core/base/byte_io.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"

namespace tidewire::wire {

namespace {

// Root offset at 0, vtable at 4, padding, table, vectors. Two shapes: most ticks have neither large bodies nor a hash.
struct Shape {
    std::uint16_t fields;
    std::uint16_t table;       // where it begins: 4-aligned, and so that a hash in it is 8-aligned
    std::uint16_t table_size;  // with its own offset to the vtable
};
constexpr Shape usual{.fields = 4, .table = 16, .table_size = 20};
constexpr Shape full{.fields = 6, .table = 24, .table_size = 32};
constexpr std::uint16_t vtable_at = 4;
constexpr std::size_t prefix_size = 3;  // the envelope and the length
// Offsets of the fields in the table, in the order of the schema.
constexpr std::uint16_t tick_at = 4;
constexpr std::uint16_t input_tick_at = 8;
constexpr std::uint16_t input_lead_at = 12;
constexpr std::uint16_t bodies_field_at = 16;
constexpr std::uint16_t large_field_at = 20;
constexpr std::uint16_t hash_at = 24;
constexpr std::uint16_t field_at[] = {tick_at, input_tick_at, input_lead_at, bodies_field_at, large_field_at, hash_at};

/// Into memory that is there already: bytes that are added one by one cost more than all the rest.
class Writer {
public:
    explicit Writer(std::byte* at) : at_(at) {}
    void u8(std::byte value) { *at_++ = value; }
    void u16(std::uint32_t value) { write<2>(value); }
    void u32(std::uint32_t value) { write<4>(value); }
    void u64(std::uint64_t value) { write<8>(value); }

private:
    template <std::size_t size>
    void write(std::uint64_t value) {
        for (std::size_t i = 0; i < size; ++i) at_[i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
        at_ += size;
    }

    std::byte* at_;
};

}  // namespace

bool append_tick_head(Bytes& out, const TickMessage& message) {
    if (message.bodies.size() > tick_bodies_max) return false;
    std::uint32_t large = 0;
    for (const GroupBody& body : message.bodies) large += body.bytes.size() >= tick_size_mask ? 1U : 0U;
    const Shape shape = large > 0 || message.state_hash != 0 ? full : usual;
    const auto bodies = static_cast<std::uint32_t>(message.bodies.size());
    const std::uint32_t bodies_at = std::uint32_t{shape.table} + shape.table_size;
    const std::uint32_t large_at = bodies_at + 4 + 4 * bodies;
    const std::uint32_t size = large > 0 ? large_at + 4 + 4 * large : large_at;

    const std::size_t at = out.size();
    // A head that is larger than the last is followed by one that is larger still: twice is enough for long.
    if (const std::size_t needed = at + prefix_size + size; out.capacity() < needed) out.reserve(2 * needed);
    out.resize(at + prefix_size + size);
    Writer write(out.data() + at);
    write.u8(to_byte({Kind::Tick, Coding::Stored}));
    write.u16(size);
    write.u32(shape.table);
    write.u16(4U + 2U * shape.fields);
    write.u16(shape.table_size);
    for (std::uint16_t i = 0; i < shape.fields; ++i) {
        const bool absent =
            (field_at[i] == large_field_at && large == 0) || (field_at[i] == hash_at && message.state_hash == 0);
        write.u16(absent ? 0 : field_at[i]);
    }
    if (shape.fields == full.fields) write.u32(0);  // padding up to the table
    write.u32(std::uint32_t{shape.table} - vtable_at);
    write.u32(message.tick);
    write.u32(message.input_tick);
    write.u16(static_cast<std::uint16_t>(message.input_lead));
    write.u16(0);  // padding
    write.u32(bodies_at - (std::uint32_t{shape.table} + bodies_field_at));
    if (shape.fields == full.fields) {
        write.u32(large > 0 ? large_at - (std::uint32_t{shape.table} + large_field_at) : 0);
        write.u64(message.state_hash);
    }
    write.u32(bodies);
    for (const GroupBody& body : message.bodies) {
        const std::size_t body_size = body.bytes.size();
        const auto low = static_cast<std::uint32_t>(body_size < tick_size_mask ? body_size : tick_size_mask);
        // Both halves of the struct at once.
        write.u32(body.group | (static_cast<std::uint32_t>(body.coding) << tick_size_bits | low) << 16);
    }
    if (large == 0) return true;
    write.u32(large);
    for (const GroupBody& body : message.bodies)
        if (body.bytes.size() >= tick_size_mask) write.u32(static_cast<std::uint32_t>(body.bytes.size()));
    return true;
}

void append_tick_head(Bytes& out, ByteSpan head, TickInput input) {
    const auto table = load_little_endian<std::uint32_t>(head.subspan(prefix_size));
    const std::size_t at = out.size();
    if (out.capacity() < at + head.size()) out.reserve(2 * (at + head.size()));
    append(out, head);
    std::byte* const fields = out.data() + at + prefix_size + table;
    Writer(fields + input_tick_at).u32(input.tick);
    Writer(fields + input_lead_at).u16(static_cast<std::uint16_t>(input.lead));
}

}  // namespace tidewire::wire
