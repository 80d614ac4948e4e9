// libFuzzer: any bytes as code tables. What is accepted makes a codec, and a world travels by it.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/replication/body.h"
#include "tests/sdk/replication/random_world.h"
#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

constexpr std::uint32_t entities_max = 20;

struct Game {
    Layout layout{sample::schema()};
    Snapshot nothing;
    Snapshot snapshots[2];

    Game() {
        testing::RandomWorld game(sample::schema(), entities_max, 1);
        for (Tick tick = 1; tick <= 2; ++tick) {
            game.mutate(60);
            snapshots[tick - 1] = game.capture(layout, tick);
        }
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Game game;
    const auto tables = CodeTables::parse({reinterpret_cast<const std::byte*>(data), size});
    if (!tables) return 0;
    const Codec codec(game.layout, *tables, 30);
    StreamState stream;
    StreamState state;
    const Snapshot* before = &game.nothing;
    for (const Snapshot& after : game.snapshots) {
        Bytes body;
        encode_delta({.codec = codec, .before = *before, .after = after}, all_members(after), stream, body);
        SnapshotEdit edit(game.layout, *before);
        const auto outcome =
            decode_body(codec, body, BodyKind::Delta, Coverage::Public, after.tick, {entities_max}, state, edit);
        if (!outcome || state != stream) std::abort();
        for (const LeftMember& left : outcome->left)
            if (!state.members.has(left.entity.index)) edit.remove_entity(left.entity.index);
        if (!same_state(std::move(edit).finish(after.tick), after)) std::abort();
        before = &after;
    }
    return 0;
}
