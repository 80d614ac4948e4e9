// What strangers' bytes make us hold. Counts every allocation of this program.
#include <malloc.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/code_tables.h"

namespace {

std::size_t live_bytes = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) std::abort();
    live_bytes += malloc_usable_size(block);
    return block;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
[[gnu::noinline]] void operator delete(void* block) noexcept {
    live_bytes -= malloc_usable_size(block);
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

using namespace tidewire;
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
