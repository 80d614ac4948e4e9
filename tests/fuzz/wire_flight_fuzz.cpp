// libFuzzer: any bytes as a flight recording, whole and in pieces. What is accepted must be written again to the same records.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "sdk/core/wire/flight_reader.h"
#include "sdk/core/wire/flight_writer.h"

using namespace tidewire;
using namespace tidewire::wire;

namespace {

/// Small, so that the fuzzer finds them.
constexpr FlightLimits limits{.record_bytes_max = 64 * 1024, .schema_bytes_max = 4096, .resource_bytes_max = 4096};

/// All that came out of a recording, written anew, and how it ended.
struct Outcome {
    Bytes written;
    std::size_t records = 0;
    std::string error;
    bool cut = false;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Empties the reader. False after an error.
bool take(FlightReader& reader, Outcome& outcome) {
    for (;;) {
        const auto record = reader.poll_record();
        if (!record) {
            outcome.error = record.error().message;
            return false;
        }
        if (!*record) return true;
        ++outcome.records;
        if (const auto* header = std::get_if<FlightHeader>(&**record))
            append_flight_header(outcome.written, *header);
        else
            append_flight_tick(outcome.written, std::get<TickMessage>(**record));
    }
}

Outcome read(ByteSpan file, std::size_t piece) {
    Outcome outcome;
    FlightReader reader(limits);
    for (; !file.empty(); file = file.subspan(std::min(piece, file.size()))) {
        reader.receive(file.first(std::min(piece, file.size())));
        if (!take(reader, outcome)) return outcome;
    }
    reader.receive_end();
    if (take(reader, outcome)) outcome.cut = reader.cut();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan file{reinterpret_cast<const std::byte*>(data), size};
    const Outcome whole = read(file, std::max<std::size_t>(size, 1));
    if (read(file, 1) != whole || read(file, 7) != whole) std::abort();
    if (whole.records == 0) return 0;
    const Outcome again = read(whole.written, whole.written.size());
    if (again.records != whole.records || again.written != whole.written || !again.error.empty() || again.cut)
        std::abort();
    return 0;
}
