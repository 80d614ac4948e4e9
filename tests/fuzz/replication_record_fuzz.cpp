// libFuzzer: any bytes as a record. What is accepted satisfies the schema and encodes to what decodes to the same.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/replication/record.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const StructInfo& info = sample::schema().components[component_index<sample::Name>];
    const ByteSpan bytes{reinterpret_cast<const std::byte*>(data), size};
    sample::Name name;
    if (decode_record(info, bytes, &name).has_value() != check_record(info, bytes).has_value()) std::abort();
    if (!check_record(info, bytes)) return 0;

    QuantizeCounters counters;
    const Bytes again = encode_record(info, &name, counters);
    if (counters != QuantizeCounters{} || again.size() > record_bytes_max) std::abort();
    sample::Name name_again;
    if (!decode_record(info, again, &name_again) || name_again != name) std::abort();
    if (encode_record(info, &name_again, counters) != again) std::abort();
    static_cast<void>(first_record_difference(info, bytes, again));
    return 0;
}
