// H02: one byte a second. Every stage of a connection has a deadline of its own, which no byte moves.
#include <optional>

#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// Says `bytes` at one byte a second, from `begins` on, until the server ends it.
void trickle(Stage& stage, RawPeer& peer, const Bytes& bytes) {
    for (std::size_t i = 0; i < bytes.size() && !peer.closing_at && !peer.over; ++i) {
        stage.say(peer, ByteSpan(bytes).subspan(i, 1));
        stage.run_for(1s);
    }
}

Bytes of_text(const std::string& text) { return Bytes(as_bytes(text).begin(), as_bytes(text).end()); }

}  // namespace

TEST_CASE("H02: a request at one byte a second is answered 408 at its deadline, to the tick, and let go of", "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& player = stage.join("ann");
    const auto playing = play(stage, player, wander(1));
    stage.run_for(130ms);
    const bool ends = GENERATE(true, false);
    RawPeer& slow = stage.connect();
    slow.ends = ends;
    const TimePoint deadline = stage.tick_at(slow.connected_at + 5s);
    trickle(stage, slow, of_text(upgrade_request()));
    CHECK(slow.status() == 408);
    REQUIRE(slow.closing_at);
    CHECK(*slow.closing_at == deadline);
    stage.run_for(6s);
    REQUIRE(slow.over);
    // Who does not end its stream is waited for, as long as the closing may take.
    CHECK(slow.over_at == (ends ? deadline : stage.tick_at(deadline + 5s)));
    CHECK(playing->newest == stage.room().tick_number());
    print_figure("H02", "request at 1 byte/s: closed after " +
                            std::to_string((*slow.closing_at - slow.connected_at).count() / 1000) +
                            " ms, let go of after " +
                            std::to_string((slow.over_at - slow.connected_at).count() / 1000) + " ms");
}

TEST_CASE("H02: a stream that says nothing, as one whose TLS never ends, is let go of the same way", "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& silent = stage.connect();
    silent.room = 0;  // what is written before TLS is there goes nowhere
    silent.ends = false;
    stage.run_for(15s);
    REQUIRE(silent.over);
    CHECK(silent.over_at == stage.tick_at(stage.tick_at(silent.connected_at + 5s) + 5s));
}

TEST_CASE("H02: a Hello at one byte a second ends with 1008 at its deadline, to the tick", "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    stage.run_for(50ms);
    RawPeer& slow = stage.open();
    const TimePoint opened = stage.now();
    trickle(stage, slow, client_frame(binary_frame, wire::encode(hello_for(stage.schema(), "slow"))));
    CHECK(slow.close_code == 1008);
    REQUIRE(slow.closing_at);
    CHECK(*slow.closing_at == stage.tick_at(opened + 5s));
}

TEST_CASE("H02: small whole messages do not extend the time for a Hello", "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& slow = stage.open();
    const TimePoint opened = stage.now();
    while (!slow.closing_at && stage.now() < opened + 20s) {
        stage.say(slow, client_frame(pong_frame, ""));
        stage.run_for(500ms);
    }
    CHECK(slow.close_code == 1008);
    REQUIRE(slow.closing_at);
    CHECK(*slow.closing_at == stage.tick_at(opened + 5s));
}

TEST_CASE("H02: a player's message at one byte a second ends with 1008 at its deadline, to the tick", "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& slow = stage.join("bob");
    const auto playing = play(stage, slow, wander(2));
    stage.run_for(3300ms);
    const bool fragments = GENERATE(false, true);
    const Bytes input = wire::encode(wire::InputMessage{.ack_tick = playing->newest});
    Bytes said = client_frame(binary_frame, input);
    if (fragments) said[0] = std::byte{0x02};
    slow.on_message = nullptr;
    const TimePoint began = stage.now();
    // It would be whole by itself only after that.
    REQUIRE(said.size() > 10);
    for (std::size_t i = 0; i < said.size() && !slow.closing_at; ++i) {
        stage.say(slow, ByteSpan(said).subspan(i, 1));
        stage.run_for(1s);
    }
    CHECK(slow.close_code == 1008);
    REQUIRE(slow.closing_at);
    CHECK(*slow.closing_at == stage.tick_at(began + 5s));
    CHECK(slow.close_reason.find("not whole within") != std::string::npos);
}

TEST_CASE("H02: pings between the fragments of a message do not extend its time", "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& slow = stage.join("bob");
    const TimePoint began = stage.now();
    stage.say(slow, client_frame(0x02, "a"));
    while (!slow.closing_at && stage.now() < began + 20s) {
        stage.say(slow, client_frame(ping_frame, "still here"));
        stage.run_for(500ms);
    }
    CHECK(slow.close_code == 1008);
    REQUIRE(slow.closing_at);
    CHECK(*slow.closing_at == stage.tick_at(began + 5s));
}

TEST_CASE("H02: a head of more than 4 KiB or 64 fields is refused as soon as it is, and takes no more memory",
          "[H02]") {
    Balls balls;
    Stage stage(balls.game(), {});
    stage.run_for(1s);
    std::string fields;
    for (int i = 0; i < 70; ++i) fields += "a" + std::to_string(i) + ": b\r\n";
    const std::string line = "long: " + std::string(5000, 'a') + "\r\n";
    for (const std::string& more : {fields, line}) {
        RawPeer& large = stage.connect();
        const std::string request = upgrade_request(more);
        std::size_t said = 0;
        std::size_t memory_max = 0;
        for (; said < request.size() && !large.closing_at; ++said) {
            stage.say(large, std::string_view(request).substr(said, 1));
            if (!large.over) memory_max = std::max(memory_max, stage.memory_bytes(large));
        }
        CHECK(large.status() == 431);
        CHECK(said <= 4 * 1024 + 1);
        CHECK(memory_max < 24 * 1024);
        print_figure("H02", "a head over its limit: " + std::to_string(said) + " bytes read, " +
                                std::to_string(memory_max) + " bytes of memory at most");
    }
}
