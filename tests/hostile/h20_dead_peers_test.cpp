// H20: peers that are gone and did not say so. Each end finds out within ten seconds; what the kernel knows, at once.
#include "tests/hostile/balls.h"
#include "tests/hostile/victim.h"

using namespace tidewire;
using namespace tidewire::hostile;

TEST_CASE("H20: a player whose network swallows everything is gone ten seconds after its last word, to the tick",
          "[H20]") {
    const bool window_full = GENERATE(false, true);
    CAPTURE(window_full);
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& ann = stage.join("ann");
    play(stage, ann, wander(1));
    RawPeer& bob = stage.join("bob");
    const auto playing = play(stage, bob, wander(2));
    stage.run_for(3s);
    bob.on_message = nullptr;
    bob.to_say.clear();
    bob.answers_pings = bob.ends = false;
    if (window_full) bob.room = 0;
    const TimePoint last_word = stage.now();
    stage.run_for(30s);
    REQUIRE(bob.over);
    REQUIRE(stage.count(server::GateEvent::Kind::Left) == 1);
    CHECK(stage.events.back().player == 2);
    const TimePoint left = bob.over_at;
    // Five more for the close frame where it can still be written; the player has left before.
    CHECK(left - last_word <= 10s + (window_full ? 0s : 5s) + 3 * stage.tick_period());
    CHECK(stage.room().player_count() == 1);
    CHECK(playing->newest > 0);
}

TEST_CASE("H20: a player leaves the room within ten seconds of its last word", "[H20]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& bob = stage.join("bob");
    play(stage, bob, wander(2));
    stage.run_for(3s);
    bob.on_message = nullptr;
    bob.to_say.clear();
    bob.answers_pings = false;
    const TimePoint last_word = stage.now();
    while (stage.room().player_count() == 1 && stage.now() < last_word + 30s) stage.run_tick();
    const Duration found = stage.now() - last_word;
    CHECK(found <= 10s + stage.tick_period());
    CHECK(found >= 10s - 2 * stage.tick_period());
    print_figure("H20", "a silent player has left after " + std::to_string(found.count() / 1000) + " ms");
}

TEST_CASE("H20: a player that answers pings alone stays as long as it acknowledges, and no longer", "[H20]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& bob = stage.join("bob");
    play(stage, bob, wander(2));
    stage.run_for(60s);
    CHECK_FALSE(bob.closing_at);
    bob.on_message = nullptr;
    bob.to_say.clear();
    const TimePoint last_word = stage.now();
    while (stage.room().player_count() == 1 && stage.now() < last_word + 30s) stage.run_tick();
    CHECK(stage.now() - last_word <= 10s + 2 * stage.tick_period());
}

TEST_CASE("H20: a stream that ends or fails takes its player along at once", "[H20]") {
    const bool fails = GENERATE(true, false);
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& bob = stage.join("bob");
    play(stage, bob, wander(2));
    stage.run_for(3s);
    if (fails)
        stage.reset(bob);
    else
        stage.end(bob);
    CHECK(stage.room().player_count() == 0);
    REQUIRE(stage.count(server::GateEvent::Kind::Left) == 1);
    CHECK(stage.events.back().close_code == 1006);
    stage.run_tick();
    CHECK(bob.over);
    CHECK(stage.gate().connection_count() == 0);
}

TEST_CASE("H20: half a close behind a request, a Hello or half a message is the end of it", "[H20]") {
    Balls balls;
    Stage stage(balls.game(), {});
    for (int stage_of_it = 0; stage_of_it < 4; ++stage_of_it) {
        CAPTURE(stage_of_it);
        RawPeer& peer = stage_of_it < 2 ? stage.connect() : stage.open();
        if (stage_of_it == 1) stage.say(peer, "GET / HTTP/1.1\r\nHost: a");
        if (stage_of_it == 3) stage.say(peer, client_frame(0x02, "half"));
        stage.end(peer);
        stage.run_tick();
        CHECK(peer.over);
    }
    CHECK(stage.gate().connection_count() == 0);
}

TEST_CASE("H20: a client whose server is gone knows within ten seconds", "[H20]") {
    Victim victim;
    victim.hear_message(wire::encode(wire::Ping{.id = 1, .sent_us = 1}));
    const TimePoint last_word = victim.now();
    victim.run_for(9900ms);
    CHECK(victim.closed() == nullptr);
    victim.run_for(200ms);
    REQUIRE(victim.closed() != nullptr);
    CHECK(victim.now() - last_word <= 10100ms);
    CHECK(victim.closed()->reason.find("nothing was received for 10 s") != std::string::npos);
}
