// What strangers' bytes make us hold. Counts every allocation of this program.
#include <catch2/catch.hpp>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/code_tables.h"
#include "tests/support/count_allocations.h"

namespace tidewire::test {

/// For the other files of this program.
std::size_t allocations_so_far();
std::size_t allocations_so_far() { return allocations; }

}  // namespace tidewire::test

using namespace tidewire;
using tidewire::test::live_bytes;
using namespace tidewire::replication;

TEST_CASE("code tables hold no more than a few times their bytes, whatever they borrow",
          "[replication][tables][limits]") {
    // A context that borrows is one byte: as many as there may be.
    const std::size_t models = (code_tables_bytes_max - 20) / contexts::model_count - 1;
    Bytes bytes;
    append(bytes, as_bytes("TWCT"));
    bytes.push_back(std::byte{1});
    append_little_endian(bytes, std::uint64_t{7});
    append_varint(bytes, models);
    bytes.resize(bytes.size() + contexts::structure_count + models * contexts::model_count);
    REQUIRE(bytes.size() <= code_tables_bytes_max);
    const std::size_t before = live_bytes;
    const auto tables = CodeTables::parse(bytes);
    const std::size_t held = live_bytes - before;
    REQUIRE(tables);
    CHECK(tables->model_count() == models);
    CHECK(held <= 6 * bytes.size());
}
