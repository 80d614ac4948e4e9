// H19: readers that never read. What they cost is bounded, and does not grow, however long they go on.
#include <algorithm>
#include <vector>

#include "tests/hostile/balls.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// Of one connection that plays and takes nothing: its session, one tick that it never took, and what is said beside it.
constexpr std::int64_t bytes_per_peer_max = 64 * 1024;

struct Siege {
    std::int64_t second_minute_max = 0;  // of the server's heap, above what it was without them
    std::int64_t last_minute_max = 0;
    std::uint64_t connections = 0;
    std::size_t queued_max = 0;
};

/// `peers` join, take `room` bytes and never more, and come again when they are closed.
Siege besiege(std::size_t peers, Duration duration, const std::function<void(Stage&, RawPeer&)>& behave = {}) {
    Balls balls(100);
    ServerOptions options;
    options.players_max = 2000;
    Stage stage(balls.game(), options);
    stage.keeps_events = false;
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, wander(1));
    stage.run_for(3s);
    const std::int64_t alone = Stage::heap_bytes();

    Siege siege;
    std::vector<RawPeer*> who(peers, nullptr);
    const TimePoint begins = stage.now();
    stage.before_tick = [&] {
        for (std::size_t i = 0; i < who.size(); ++i) {
            if (who[i] != nullptr && !who[i]->over) {
                if (behave) behave(stage, *who[i]);
                continue;
            }
            if (stage.room().tick_number() % 30 != i % 30) continue;
            who[i] = nullptr;
            RawPeer& peer = stage.join("x");
            peer.room = 1000;
            peer.reads = peer.ends = false;
            who[i] = &peer;
            ++siege.connections;
        }
        if (stage.room().tick_number() % 30 != 0) return;
        const std::int64_t held = Stage::heap_bytes() - alone;
        const Duration since = stage.now() - begins;
        if (since >= 60s && since < 120s) siege.second_minute_max = std::max(siege.second_minute_max, held);
        if (since >= duration - 60s) siege.last_minute_max = std::max(siege.last_minute_max, held);
        for (const RawPeer* const peer : who)
            if (peer != nullptr) siege.queued_max = std::max(siege.queued_max, stage.queued(*peer));
    };
    stage.run_for(duration);
    CHECK(playing->newest == stage.room().tick_number());
    CHECK(playing->ticks == stage.room().tick_number());
    return siege;
}

void check_flat(const Siege& siege, std::size_t peers, const char* what) {
    CAPTURE(siege.second_minute_max, siege.last_minute_max, siege.connections, siege.queued_max);
    CHECK(siege.connections > peers);
    CHECK(siege.second_minute_max > 0);
    CHECK(siege.queued_max > 0);
    CHECK(siege.last_minute_max <= static_cast<std::int64_t>(peers) * bytes_per_peer_max);
    CHECK(siege.last_minute_max <= siege.second_minute_max + siege.second_minute_max / 20);
    print_figure("H19", std::to_string(peers) + what + std::to_string(siege.second_minute_max / 1024) +
                            " KiB in the second minute, " + std::to_string(siege.last_minute_max / 1024) +
                            " KiB in the last; " + std::to_string(siege.connections) + " connections, at most " +
                            std::to_string(siege.queued_max) + " bytes queued for one");
}

}  // namespace

TEST_CASE("H19: 500 players that never read leave the server's memory flat for ten minutes", "[H19]") {
    check_flat(besiege(500, 600s), 500, " that never read: ");
}

TEST_CASE("H19: who never reads and says nothing wrong is closed after ten seconds, whatever it says", "[H19]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& ann = stage.join("ann");
    play(stage, ann, wander(1));
    RawPeer& deaf = stage.join("bob");
    const bool suspended = GENERATE(false, true);
    CAPTURE(suspended);
    if (suspended) stage.say_message(deaf, wire::encode(wire::Suspend{.suspended = true}));
    stage.run_for(1s);
    deaf.room = 0;
    deaf.ends = false;
    const TimePoint began = stage.now();
    std::size_t queued_max = 0;
    while (!deaf.over && stage.now() < began + 60s) {
        stage.say(deaf, client_frame(pong_frame, ""));
        stage.run_for(500ms);
        queued_max = std::max(queued_max, stage.queued(deaf));
    }
    REQUIRE(deaf.over);
    // Ten seconds from the first thing that it did not take, which a suspended one waits a second for; then five for a closing handshake.
    CHECK(deaf.over_at - began <= 10s + 5s + 1s + 3 * stage.tick_period());
    CHECK(queued_max < 8 * 1024);
    REQUIRE(stage.count(server::GateEvent::Kind::Left) == 1);
    CHECK(stage.events.back().close_code == 1013);
}

TEST_CASE("H19: who reads and never acknowledges gets no state after five seconds, and is closed after ten", "[H19]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& ann = stage.join("ann");
    play(stage, ann, wander(1));
    RawPeer& mute = stage.join("bob");
    Tick newest = 0;
    TimePoint last_state{};
    mute.on_message = [&](ByteSpan message) {
        const auto parsed = wire::parse_message(message, {});
        REQUIRE(parsed);
        const auto* const tick = std::get_if<wire::TickMessage>(&*parsed);
        if (tick == nullptr) return;
        newest = tick->tick;
        last_state = stage.now();
    };
    const TimePoint began = stage.now();
    while (!mute.closing_at && stage.now() < began + 30s) {
        stage.say(mute, client_frame(pong_frame, ""));
        stage.run_for(200ms);
    }
    CHECK(newest > 0);
    // Its window is full at once, and nothing opens it.
    CHECK(last_state - began <= 5s);
    CHECK(mute.close_code == 1013);
    REQUIRE(mute.closing_at);
    CHECK(*mute.closing_at - began <= 10s + 2 * stage.tick_period());
    CHECK(*mute.closing_at - began >= 10s - stage.tick_period());
}

TEST_CASE("H19: a game that talks all the time closes who does not take it, at the stated backlog", "[H19]") {
    test::Duel duel;
    duel.after_tick = [](ServerSim& sim) { sim.broadcast(duel::Chat{.text = std::string(1000, 'a')}); };
    Stage stage(duel.game, {});
    RawPeer& deaf = stage.join("bob");
    stage.run_for(1s);
    REQUIRE(deaf.messages > 20);
    deaf.room = 0;
    deaf.ends = false;
    std::size_t queued_max = 0;
    stage.before_tick = [&] { queued_max = std::max(queued_max, stage.queued(deaf)); };
    stage.run_for(20s);
    CHECK(deaf.over);
    const ServerOptions options;
    CHECK(queued_max > options.event_bytes_unsent_max / 2);
    CHECK(queued_max <= options.event_bytes_unsent_max + 8 * 1024);
    CHECK(stage.events.back().close_code == 1013);
    print_figure("H19", "events that nobody takes: at most " + std::to_string(queued_max) + " bytes queued");
}
