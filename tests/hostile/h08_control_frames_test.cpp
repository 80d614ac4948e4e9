// H08: floods of pings, pongs and close frames. They cost their sender the connection, and the server a bounded queue.
#include <algorithm>

#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

constexpr int flood = 100'000;  // a second

}  // namespace

TEST_CASE("H08: 100 000 pings or pongs a second end with 1008 behind the burst, and queue one pong at most", "[H08]") {
    const unsigned kind = GENERATE(ping_frame, pong_frame);
    const bool reads = GENERATE(true, false);
    const std::size_t batch = GENERATE(1U, 33U, 1000U);  // frames that one read brings
    CAPTURE(kind, reads, batch);
    Balls balls;
    Stage stage(balls.game(), {});
    stage.keeps_events = false;
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, wander(1));
    RawPeer& peer = stage.join("x");
    stage.run_for(1s);
    if (!reads) peer.room = 0;
    peer.ends = false;
    const Bytes frame = client_frame(kind, std::string(125, 'p'));
    Bytes many;
    for (std::size_t i = 0; i < batch; ++i) append(many, frame);
    const std::int64_t before = Stage::heap_bytes();
    std::int64_t most = 0;
    std::size_t queued_max = 0;
    std::size_t said = 0;
    while (said < flood) {
        stage.say(peer, many);
        said += batch;
        if (peer.over) break;
        most = std::max(most, Stage::heap_bytes() - before);
        queued_max = std::max(queued_max, stage.queued(peer));
        if (said % 3300 < batch) stage.run_tick();
    }
    CHECK(queued_max <= (reads ? 0U : 100 * (125 + 2) + 256));
    // What one read brings is answered, as far as the burst goes, before anything is written.
    CHECK(most < 64 * 1024);
    if (reads) {
        CHECK(peer.close_code == 1008);
        CHECK(peer.pongs <= 130);
        if (kind == ping_frame) CHECK(peer.pongs >= 100);
    }
    stage.run_for(6s);
    CHECK(peer.over);
    CHECK(playing->newest == stage.room().tick_number());
    print_figure("H08", std::string(kind == ping_frame ? "pings" : "pongs") + (reads ? "" : " of who reads nothing") +
                            ", " + std::to_string(batch) + " a read: closed, " + std::to_string(queued_max) +
                            " bytes queued and " + std::to_string(most) + " bytes of memory at most");
}

TEST_CASE("H08: while a peer reads nothing, its pings one by one leave one pong, the newest", "[H08]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& peer = stage.open();
    peer.room = 0;
    stage.say(peer, client_frame(ping_frame, "first"));
    for (int i = 0; i < 90; ++i) stage.say(peer, client_frame(ping_frame, "ping " + std::to_string(i)));
    CHECK(stage.queued(peer) == 2 + 5);
    peer.room = 1000;
    stage.say(peer, client_frame(pong_frame, ""));
    CHECK(peer.pongs == 2);
}

TEST_CASE("H08: 20 pings a second are answered for ever", "[H08]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& peer = stage.join("x");
    for (int i = 0; i < 2000; ++i) {
        stage.say(peer, client_frame(ping_frame, "a"));
        peer.on_message = nullptr;
        stage.say_message(peer, wire::encode(wire::InputMessage{.ack_tick = 0}));
        stage.run_for(50ms);
        if (peer.closing_at) break;
    }
    // It acknowledges nothing, and so is closed for that after ten seconds; not for its pings.
    CHECK(peer.close_code == 1013);
    CHECK(peer.pongs >= 195);
}

TEST_CASE("H08: Ping and Pong messages beyond their rate end with 1008", "[H08]") {
    const bool pings = GENERATE(true, false);
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& peer = stage.join("x");
    int said = 0;
    for (; said < flood && !peer.closing_at; ++said)
        stage.say_message(peer,
                          pings ? wire::encode(wire::Ping{.id = 1, .sent_us = said})
                                : wire::encode(wire::Pong{.id = 1, .sent_us = said, .received_us = 0, .hold_us = 0}));
    CHECK(peer.close_code == 1008);
    CHECK(said <= 62);
}

TEST_CASE("H08: a storm of close frames is answered once", "[H08]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& peer = stage.join("x");
    stage.run_tick();
    peer.ends = false;
    Bytes storm;
    for (int i = 0; i < 1000; ++i) append(storm, client_frame(close_frame, "\x03\xe8"));
    const std::uint64_t before = peer.bytes;
    for (int i = 0; i < 100; ++i) stage.say(peer, storm);
    CHECK(peer.close_code == 1000);
    CHECK(peer.bytes == before + 4);
    stage.run_for(6s);
    CHECK(peer.over);
}
