// Bit i of the first number, a varint of any length, says that table i has a section; the last one's length is what is left.

#include "sdk/core/replication/body_head.h"

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/row_check.h"

namespace tidewire::replication {

namespace {

constexpr std::size_t bits = 7;  // of each byte of the mask

}  // namespace

Result<void> read_body_head(ByteSpan body, std::vector<BodySection>& sections) {
    sections.clear();
    if (body.empty()) return {};
    ByteReader reader(body);
    constexpr std::size_t mask_bytes_max = 37;  // 255 components and the entities
    for (std::size_t i = 0;; ++i) {
        const auto byte = reader.read_u8();
        if (!byte || i == mask_bytes_max) return refuse("the head of a body does not end");
        for (std::size_t bit = 0; bit < bits; ++bit)
            if ((*byte >> bit & 1) != 0) sections.push_back({i * bits + bit, {}});
        if (*byte < 0x80) break;
    }
    if (sections.empty()) return refuse("a body names no table and is not empty");
    // The lengths are read twice, for the sections begin where they end.
    ByteReader lengths = reader;
    for (std::size_t i = 0; i + 1 < sections.size(); ++i) (void)reader.read_varint32();
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const bool last = i + 1 == sections.size();
        const auto bytes = reader.read_bytes(last ? reader.remaining() : lengths.read_varint32().value_or(0));
        if (!bytes) return refuse("a body is shorter than it says");
        if (bytes->empty()) return refuse("a body has a section without a byte");
        sections[i].bytes = *bytes;
    }
    return {};
}

void append_body_head(Bytes& out, const std::vector<BodySectionLength>& lengths) {
    if (lengths.empty()) return;
    const std::size_t head = out.size();
    out.resize(head + lengths.back().table / bits + 1, std::byte{0x80});
    out.back() = std::byte{0};
    for (const auto& [table, bytes] : lengths) out[head + table / bits] |= std::byte{1} << table % bits;
    for (std::size_t i = 0; i + 1 < lengths.size(); ++i) append_varint(out, lengths[i].bytes);
}

}  // namespace tidewire::replication
