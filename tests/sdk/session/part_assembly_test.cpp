// Parts put together: in order, of one transfer, and nothing else.
#include "sdk/core/session/part_assembly.h"

#include <catch2/catch.hpp>

#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::session;
using test::from_hex;
using test::to_hex;

namespace {

wire::Part part(ByteSpan bytes, std::uint32_t offset, std::uint32_t total, std::uint32_t id = 7) {
    return {.lane = wire::Part::Lane::Bulk, .id = id, .offset = offset, .total = total, .bytes = bytes};
}

}  // namespace

TEST_CASE("a transfer is whole with its last part, however it was cut", "[session][part]") {
    const Bytes whole = from_hex("00 01 02 03 04 05 06");
    for (std::size_t size = 1; size <= whole.size(); ++size) {
        PartAssembly assembly;
        for (int again = 0; again < 2; ++again) {
            CHECK(assembly.total() == 0);
            for (std::size_t at = 0; at < whole.size(); at += size) {
                const std::size_t count = std::min(size, whole.size() - at);
                const auto received =
                    assembly.receive(part(ByteSpan(whole).subspan(at, count), static_cast<std::uint32_t>(at), 7));
                REQUIRE(received);
                CHECK(*received == (at + count == whole.size()));
                CHECK(assembly.received() == at + count);
                CHECK(assembly.id() == 7);
            }
            CHECK(to_hex(assembly.take()) == to_hex(whole));
        }
    }
}

TEST_CASE("a part that is not the next of its transfer is the peer's fault", "[session][part]") {
    const Bytes bytes = from_hex("00 01");
    const auto refused = [&](PartAssembly& assembly, const wire::Part& next) {
        const auto received = assembly.receive(next);
        return !received && received.error().close_code == 1002 && received.error().blame == Blame::Peer;
    };
    PartAssembly fresh;
    CHECK(refused(fresh, part(bytes, 2, 8)));
    for (const wire::Part& next : {part(bytes, 0, 8), part(bytes, 4, 8), part(bytes, 2, 9), part(bytes, 2, 8, 6)}) {
        PartAssembly assembly;
        REQUIRE(assembly.receive(part(bytes, 0, 8)));
        CHECK(refused(assembly, next));
    }
}

TEST_CASE("an announced transfer takes no memory before it comes", "[session][part]") {
    PartAssembly assembly;
    const Bytes bytes(100);
    REQUIRE(assembly.receive(part(bytes, 0, 0xffffffff)));
    CHECK(assembly.received() == 100);
    CHECK(assembly.total() == 0xffffffff);
}
