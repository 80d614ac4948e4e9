// Lengths go ahead of what they measure, so payloads are made first.
#include "sdk/core/wire/flight_writer.h"

#include <cassert>
#include <string_view>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::wire {

namespace {

void append_record_head(Bytes& out, std::size_t payload_bytes, FlightKind kind) {
    append_varint(out, payload_bytes);
    out.push_back(static_cast<std::byte>(kind));
}

void append_block(Bytes& out, ByteSpan bytes) {
    append_varint(out, bytes.size());
    append(out, bytes);
}

void append_text(Bytes& out, std::string_view text) {
    assert(valid_utf8(as_bytes(text)));
    append_block(out, as_bytes(text));
}

void append_resource(Bytes& out, const FlightResource& resource) {
    assert(resource.id == (resource.bytes.empty() ? 0 : fnv1a(resource.bytes)));
    append_little_endian(out, resource.id);
    append_block(out, resource.bytes);
}

}  // namespace

void append_flight_header(Bytes& out, const FlightHeader& header) {
    append(out, flight_magic);
    out.push_back(std::byte{flight_version});
    Bytes payload;
    append_text(payload, header.sdk_version);
    append_varint(payload, header.tick_rate);
    append_varint(payload, header.entities_max);
    append_text(payload, header.schema);
    append_resource(payload, header.code_tables);
    append_resource(payload, header.dictionary);
    append_record_head(out, payload.size(), FlightKind::Header);
    append(out, payload);
}

void append_flight_tick(Bytes& out, const TickMessage& message) {
    Bytes head;
    const bool fits = append_tick_head(head, message);
    assert(fits && "a Tick of a recording has at most tick_bodies_max bodies");
    if (!fits) return;
    std::size_t size = head.size();
    for (const GroupBody& body : message.bodies) size += body.bytes.size();
    append_record_head(out, size, FlightKind::Tick);
    append(out, head);
    for (const GroupBody& body : message.bodies) append(out, body.bytes);
}

}  // namespace tidewire::wire
