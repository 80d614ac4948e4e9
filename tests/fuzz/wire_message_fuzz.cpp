// libFuzzer: any bytes as a message and as a packed body. What is accepted must encode to something accepted, too.
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
    if (const auto body = wire::unpack_body(bytes, limits, nullptr, inflated)) {
        if (inflated.size() > limits.inflated_bytes_max) std::abort();
        Bytes inflated_again;
        const Bytes packed = wire::pack_body(*body, nullptr);
        const auto again = wire::unpack_body(packed, limits, nullptr, inflated_again);
        if (!again || to_string(*again) != to_string(*body)) std::abort();
    }
    return 0;
}
