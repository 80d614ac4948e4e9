// libFuzzer: any bytes as the body of a stream. The first byte says in the place of which real one. What is accepted satisfies the
// schema and travels on.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/replication/schema_description.h"
#include "tests/fuzz/fuzz_game.h"
#include "tests/sdk/replication/real_bodies.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

struct Room {
    OwnedSchema schema = parse_description(testing::fuzz_game).value();
    Layout layout{schema.info()};
    Codec codec{layout, CodeTables::built_in(), 30};
    std::vector<testing::RealBody> bodies = testing::real_bodies(codec, 1);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Room room;
    if (size == 0) return 0;
    const testing::RealBody& real = room.bodies[data[0] % room.bodies.size()];
    const ByteSpan body{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    if (!testing::read_instead(room.codec, real, body).trouble.empty()) std::abort();
    return 0;
}
