// libFuzzer: any text as the description of a schema. What is accepted describes to the same text, and can be told and used.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/replication/schema_evolution.h"

using namespace tidewire;
using namespace tidewire::replication;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto parsed = parse_description(text);
    if (!parsed) return 0;
    const SchemaInfo& schema = parsed->info();
    if (describe(schema) != text || schema.hash != schema_hash(schema)) std::abort();
    if (append_only_difference(schema, schema)) std::abort();
    for (const auto& list : {schema.components, schema.events}) {
        for (const StructInfo& declaration : list) {
            if (!declaration.is_table) continue;
            std::vector<std::uint64_t> aggregate(declaration.size / sizeof(std::uint64_t));
            declaration.lifecycle.construct(aggregate.data());
            declaration.lifecycle.destroy(aggregate.data());
        }
    }
    const Layout layout(schema);
    return 0;
}
