// The body of a group that may be compressed: envelope byte, then the body itself or a zstd frame.
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"
#include "sdk/core/wire/refusal.h"
#include "sdk/core/wire/zstd_frame.h"

namespace tidewire::wire {

namespace {

// Below this even a dictionary saves nothing over entropy codes.
constexpr std::size_t zstd_pays_from_bytes = 64;

}  // namespace

Bytes pack_body(ByteSpan body, const Dictionary* dictionary, int level) {
    Bytes packed;
    pack_body(body, dictionary, packed, level);
    return packed;
}

void pack_body(ByteSpan body, const Dictionary* dictionary, Bytes& packed, int level) {
    if (body.size() >= zstd_pays_from_bytes) {
        const Coding coding = dictionary != nullptr ? Coding::ZstdDictionary : Coding::Zstd;
        packed.assign(1, to_byte({Kind::Body, coding}));
        append_zstd(packed, body, level, dictionary);
        if (packed.size() <= body.size()) return;
    }
    packed.assign(1, to_byte({Kind::Body, Coding::Stored}));
    append(packed, body);
}

Result<ByteSpan> unpack_body(ByteSpan packed, const Limits& limits, const Dictionary* dictionary, Bytes& inflated) {
    if (packed.empty()) return refuse(Refusal::NotOurGrammar, "A packed body has no bytes, not even its envelope.");
    const Result<Envelope> envelope = parse_envelope(packed.front());
    if (!envelope) return Unexpected{envelope.error()};
    if (envelope->kind != Kind::Body)
        return refuse(Refusal::NotOurGrammar, "A packed body begins with the envelope of a message.");
    const ByteSpan rest = packed.subspan(1);
    if (envelope->coding == Coding::Stored) return rest;
    if (envelope->coding == Coding::ZstdDictionary && dictionary == nullptr)
        return refuse(Refusal::NotOurGrammar, "A body is compressed with a dictionary, but none was agreed on.");
    const Dictionary* const used = envelope->coding == Coding::ZstdDictionary ? dictionary : nullptr;
    if (const auto done = inflate(rest, limits.inflated_bytes_max, inflated, used); !done)
        return Unexpected{done.error()};
    return ByteSpan(inflated);
}

}  // namespace tidewire::wire
