// libFuzzer: any bytes as a binary schema. They are refused, or end in errors of attributes, or in a schema with a header.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sdk/core/replication/schema_description.h"
#include "tools/schemac/attributes.h"
#include "tools/schemac/described_schema.h"
#include "tools/schemac/header_writer.h"
#include "tools/schemac/schema_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto declarations = schemac::read_schema({reinterpret_cast<const char*>(data), size});
    if (!declarations) return 0;
    schemac::Diagnostics diagnostics("game.bfbs");
    schemac::check_attributes(*declarations, diagnostics);
    if (!diagnostics.empty()) {
        if (diagnostics.lines().empty()) std::abort();
        return 0;
    }
    const auto schema = schemac::described_schema(*declarations);
    // What describes to nothing that can be read again gets no header.
    if (!tidewire::replication::parse_description(tidewire::replication::describe(schema.info()))) return 0;
    if (schemac::header_text(*declarations, "game.fbs").empty()) std::abort();
    return 0;
}
