// A client of an older schema, to which the server's only appends, in one room with newer ones: the same bodies serve both.
#include <catch2/catch.hpp>
#include <chrono>

#include "sdk/core/base/hash.h"
#include "tools/sim/sample_game.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;

namespace {

/// The sample game before sparks were invented.
const SchemaInfo& older_schema() {
    static const SchemaInfo schema = [] {
        SchemaInfo older = SampleSchema::info();
        older.hash = 0x01d;
        older.components = older.components.first(1);
        return older;
    }();
    return schema;
}

}  // namespace

TEST_CASE("an older client plays in the same room from the same bodies, and misses only what it cannot know",
          "[scenario][schema]") {
    SampleGame sample(9);
    VirtualServer server(sample.game(), {.bots = 6}, 1);
    VirtualClient& older = server.connect({.latency = 20ms}, {.player_name = "old"}, &older_schema());
    VirtualClient& newer = server.connect({.latency = 20ms}, {.player_name = "new"});
    const auto push = [](std::uint32_t number, std::byte* aggregate) {
        *reinterpret_cast<Push*>(aggregate) = {.dx = number % 2 == 0 ? std::int8_t{1} : std::int8_t{0}, .dy = 1};
    };
    older.input = push;
    newer.input = push;
    std::size_t compared = 0;
    const replication::Layout old_layout(older_schema());
    server.on_client_event = [&](VirtualClient& client, const session::ClientEvent& event) {
        if (event.kind != session::ClientEvent::Kind::Snapshot) return;
        const replication::Snapshot& newest = *client.session().snapshots().newest();
        const replication::Snapshot* const held = server.room().snapshots().find(newest.tick);
        REQUIRE(held != nullptr);
        replication::Snapshot truth = *held;
        if (&client == &older) truth.tables.resize(2);
        INFO(replication::first_difference(&client == &older ? old_layout : server.room().layout(), newest, truth));
        REQUIRE(replication::same_state(newest, truth));
        ++compared;
    };
    server.run_for(10s);
    REQUIRE(older.session().state() == session::ClientState::Playing);
    CHECK(compared > 580);
    CHECK(older.session().input_tick() > 280);
    // The newer one sees sparks, the older one their entities alone.
    CHECK(newer.session().snapshots().newest()->chunk(2, 0) != nullptr);
    CHECK(older.session().snapshots().newest()->chunk(2, 0) == nullptr);
    // Nobody thinks that the other end is wrong.
    CHECK(older.session().counters().desyncs == 0);
    CHECK(newer.session().counters().desyncs == 0);
    CHECK(older.session().counters().keyframes == 1);
}
