// The body of a group that is coded as a keyframe: envelope byte, zstd frame, Keyframe table.
#include <cassert>

#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"
#include "sdk/core/wire/verify.h"
#include "sdk/core/wire/zstd_frame.h"
#include "wire_generated.h"

namespace tidewire::wire {

namespace {

using FlatBytes = flatbuffers::Vector<std::uint8_t>;

flatbuffers::Offset<FlatBytes> add_bytes(flatbuffers::FlatBufferBuilder& builder, ByteSpan bytes) {
    if (bytes.empty()) return 0;
    return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

ByteSpan to_span(const FlatBytes* bytes) {
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const std::byte*>(bytes->Data()), bytes->size()};
}

}  // namespace

Bytes encode(const Keyframe& keyframe, int level) {
    assert(keyframe.tables.size() <= keyframe_tables_max);
    flatbuffers::FlatBufferBuilder builder;
    std::vector<flatbuffers::Offset<flat::KeyframeTable>> tables;
    tables.reserve(keyframe.tables.size());
    for (const KeyframeTable& table : keyframe.tables) {
        const auto present = add_bytes(builder, table.present);
        const auto planes = add_bytes(builder, table.planes);
        tables.push_back(flat::CreateKeyframeTable(builder, table.table, present, planes));
    }
    builder.Finish(flat::CreateKeyframe(builder, keyframe.group, keyframe.tick, builder.CreateVector(tables)));
    Bytes body{to_byte({Kind::Keyframe, Coding::Zstd})};
    append_zstd(body, {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()}, level);
    return body;
}

Result<Keyframe> parse_keyframe(ByteSpan body, const Limits& limits, Bytes& inflated) {
    if (body.size() > limits.message_bytes_max)
        return refuse_size("A keyframe", body.size(), "bytes", limits.message_bytes_max);
    if (body.empty() || body.front() != to_byte({Kind::Keyframe, Coding::Zstd}))
        return refuse(Refusal::NotOurGrammar, "A keyframe body does not begin with the envelope of a zstd keyframe.");
    if (const auto done = inflate(body.subspan(1), limits.inflated_bytes_max, inflated); !done)
        return Unexpected{done.error()};
    const Aligned buffer(inflated);
    // Memory from the allocator is aligned, so the spans below point into `inflated` itself.
    assert(buffer.bytes().data() == inflated.data());
    const auto* root = verified_root<flat::Keyframe>(buffer);
    if (root == nullptr) return refuse_flatbuffer("Keyframe");

    Extent extent(buffer);
    extent.add_table(root, flat::Keyframe::VT_TABLES);
    extent.add_vector(root->tables());
    Keyframe keyframe{.group = root->group(), .tick = root->tick(), .tables = {}};
    if (const auto* tables = root->tables(); tables != nullptr) {
        keyframe.tables.reserve(tables->size());
        for (const flat::KeyframeTable* table : *tables) {
            extent.add_table(table, flat::KeyframeTable::VT_PLANES);
            extent.add_vector(table->present());
            extent.add_vector(table->planes());
            keyframe.tables.push_back(
                {.table = table->table(), .present = to_span(table->present()), .planes = to_span(table->planes())});
        }
    }
    if (!extent.explains_all()) return refuse_trailing("Keyframe");
    return keyframe;
}

}  // namespace tidewire::wire
