// Parts to bytes and back. They are no FlatBuffers table: their bytes lie where they came, and nothing of them is optional.
#include "sdk/core/wire/part.h"

#include <cassert>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/wire/envelope.h"

namespace tidewire::wire {

Bytes encode(const Part& message) {
    assert(!message.bytes.empty() && message.offset + message.bytes.size() <= message.total);
    Bytes encoded;
    encoded.reserve(1 + part_head_bytes + message.bytes.size());
    encoded.push_back(to_byte({Kind::Part, Coding::Stored}));
    encoded.push_back(static_cast<std::byte>(message.lane));
    append_little_endian(encoded, message.id);
    append_little_endian(encoded, message.offset);
    append_little_endian(encoded, message.total);
    append(encoded, message.bytes);
    return encoded;
}

Result<Message> parse_part(ByteSpan rest, const Limits& limits) {
    if (rest.size() <= part_head_bytes)
        return refuse(Refusal::NotOurGrammar, "A Part of " + std::to_string(rest.size()) + " bytes carries nothing.");
    Part part{.lane = static_cast<Part::Lane>(rest[0]),
              .id = load_little_endian<std::uint32_t>(rest.subspan(1)),
              .offset = load_little_endian<std::uint32_t>(rest.subspan(5)),
              .total = load_little_endian<std::uint32_t>(rest.subspan(9)),
              .bytes = rest.subspan(part_head_bytes)};
    if (part.lane > Part::Lane::Bulk)
        return refuse(Refusal::NotOurGrammar, "A Part is of lane " + std::to_string(static_cast<unsigned>(part.lane)) +
                                                  ", which the protocol does not have.");
    const bool bulk = part.lane == Part::Lane::Bulk;
    const std::size_t most = bulk ? limits.bulk_bytes_max : limits.message_bytes_max;
    if (part.total > most)
        return refuse_size(bulk ? "A bulk transfer" : "A message in parts", part.total, "bytes", most);
    if (part.bytes.size() > part.total || part.offset > part.total - part.bytes.size())
        return refuse(Refusal::NotOurGrammar, "A Part reaches beyond the end of its transfer.");
    if (!bulk && part.id != 0) return refuse(Refusal::NotOurGrammar, "A Part of a message has an id.");
    return Message(part);
}

}  // namespace tidewire::wire
