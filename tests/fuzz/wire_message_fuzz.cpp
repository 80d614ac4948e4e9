// libFuzzer: any bytes as a message and as a keyframe body. What is accepted must encode to something accepted, too.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/messages.h"

using namespace tidewire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes{reinterpret_cast<const std::byte*>(data), size};
    const wire::Limits limits;
    if (const auto parsed = wire::parse_message(bytes, limits)) {
        const Bytes encoded = test::encode_any(*parsed);
        const auto again = wire::parse_message(encoded, limits);
        if (!again || !test::same(*parsed, *again)) std::abort();
    }
    Bytes inflated;
    if (const auto parsed = wire::parse_keyframe(bytes, limits, inflated)) {
        if (inflated.size() > limits.inflated_bytes_max) std::abort();
        // A frame that only just fits may grow by the writer's own padding.
        Bytes inflated_again;
        wire::Limits wider = limits;
        wider.inflated_bytes_max *= 2;
        const Bytes encoded = wire::encode(*parsed);
        const auto again = wire::parse_keyframe(encoded, wider, inflated_again);
        if (!again || test::fields(*parsed) != test::fields(*again)) std::abort();
    }
    return 0;
}
