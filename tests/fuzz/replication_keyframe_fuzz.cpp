// libFuzzer: any bytes as the tables of a keyframe. What is accepted satisfies the schema and is written the same again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/keyframe.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

/// Tables as the input says: a byte of table number, the length of `present`, that of `planes` (two bytes), and both.
std::vector<TablePlanesView> to_tables(ByteSpan input) {
    std::vector<TablePlanesView> tables;
    while (input.size() >= 4) {
        TablePlanesView table;
        table.table = std::to_integer<std::uint16_t>(input[0]);
        const std::size_t present = std::to_integer<std::size_t>(input[1]);
        const std::size_t planes = load_little_endian<std::uint16_t>(input.subspan(2, 2));
        input = input.subspan(4);
        table.present = input.first(std::min(present, input.size()));
        input = input.subspan(table.present.size());
        table.planes = input.first(std::min(planes, input.size()));
        input = input.subspan(table.planes.size());
        tables.push_back(table);
    }
    return tables;
}

bool same(ByteSpan a, ByteSpan b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Layout layout(sample::plain_schema());
    constexpr std::uint32_t entities_max = 200;
    const auto tables = to_tables({reinterpret_cast<const std::byte*>(data), size});
    const auto decoded = decode_planes(layout, tables, 1, entities_max);
    if (!decoded) return 0;
    if (!testing::what_is_wrong(layout, *decoded, entities_max).empty()) std::abort();
    const auto again = encode_planes(layout, *decoded);
    if (again.size() != tables.size()) std::abort();
    for (std::size_t i = 0; i < again.size(); ++i) {
        if (again[i].table != tables[i].table || !same(again[i].present, tables[i].present)) std::abort();
        if (!same(again[i].planes, tables[i].planes)) std::abort();
    }
    return 0;
}
