// libFuzzer: a type, then any bytes as an event of it. What is accepted satisfies the schema and encodes to what decodes to the same.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/replication/aggregate.h"
#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/schema_description.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

constexpr const char* game =
    "tidewire schema 2 fuzz\n"
    "event fuzz.Hit\n"
    "  x: float -512..512 step 0.01\n"
    "  heading: float -4..4 step 0.01 angle\n"
    "  exact: double -1000..1000\n"
    "  damage: ubyte 1..100\n"
    "event table fuzz.Chat\n"
    "  0 text: text 0..24\n"
    "  1 level: int -100..100\n"
    "  2 items: bytes 0..40\n";

const Layout& layout() {
    static const OwnedSchema schema = [] {
        auto parsed = parse_description(game);
        if (!parsed) std::abort();
        return std::move(*parsed);
    }();
    static const Layout made(schema.info());
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto type = static_cast<std::uint16_t>(data[0] % 3);
    const ByteSpan bytes{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    const bool accepted = check_event(layout(), type, bytes).has_value();
    if (type >= layout().event_count()) {
        if (accepted) std::abort();
        return 0;
    }
    Aggregate event(layout().event(type).info());
    if (decode_event(layout(), type, bytes, event.get()).has_value() != accepted) std::abort();
    if (!accepted) return 0;
    const Bytes again = encode_event(layout(), type, event.get());
    Aggregate event_again(layout().event(type).info());
    if (!decode_event(layout(), type, again, event_again.get())) std::abort();
    if (encode_event(layout(), type, event_again.get()) != again) std::abort();
    return 0;
}
