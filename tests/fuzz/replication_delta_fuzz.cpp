// libFuzzer: any bytes as a delta body on a small world. What is accepted satisfies the schema and travels on.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/replication/delta.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

constexpr std::uint32_t entities_max = 200;

/// The baselines that bodies may be applied to: nothing, and a world of everything.
struct Baselines {
    Layout layout{sample::plain_schema()};
    Snapshot snapshots[2];

    Baselines() {
        testing::RandomWorld game(sample::plain_schema(), entities_max, 1);
        game.mutate(500);
        snapshots[1] = game.capture(layout, 1);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Baselines baselines;
    if (size == 0) return 0;
    const Layout& layout = baselines.layout;
    const Snapshot& baseline = baselines.snapshots[data[0] & 1];
    const ByteSpan body{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    const auto decoded = apply_delta(layout, baseline, body, 2, entities_max);
    if (!decoded) return 0;
    if (!testing::what_is_wrong(layout, *decoded, entities_max).empty()) std::abort();
    const Bytes again = encode_delta(layout, baseline, *decoded);
    const auto decoded_again = apply_delta(layout, baseline, again, 2, entities_max);
    if (!decoded_again || !same_state(*decoded_again, *decoded)) std::abort();
    return 0;
}
