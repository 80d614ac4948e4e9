// H21 and H22: acknowledgements of what was never sent, and requests for keyframes without end.
#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

TEST_CASE("H21: an acknowledgement of the future, of the past or of parts that were not sent ends with 1002", "[H21]") {
    struct Row {
        const char* what;
        int ack;  // beside the newest tick
        std::uint64_t parts;
        std::uint16_t code;
    };
    const Row rows[] = {
        {"the newest tick again", 0, 0, 0},
        {"the next tick", 1, 0, 1002},
        {"a second ahead", 30, 0, 1002},
        {"one back", -1, 0, 1002},
        {"a second back", -30, 0, 1002},
        {"one byte of parts", 0, 1, 1002},
        {"all parts that can be", 0, ~std::uint64_t{0}, 1002},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Balls balls;
        Stage stage(balls.game(), {});
        RawPeer& ann = stage.join("ann");
        play(stage, ann, wander(1));
        RawPeer& liar = stage.join("bob");
        const auto playing = play(stage, liar, wander(2));
        stage.run_for(5s);
        const Tick newest = playing->newest;
        REQUIRE(newest == stage.room().tick_number());
        stage.say_message(
            liar, wire::encode(wire::InputMessage{.ack_tick = static_cast<Tick>(static_cast<int>(newest) + row.ack),
                                                  .parts_received = row.parts}));
        CHECK(liar.close_code == row.code);
        stage.run_for(1s);
        CHECK(stage.room().player_count() == (row.code == 0 ? 2 : 1));
        CHECK(ann.close_code == 0);
    }
}

TEST_CASE("H21: Pongs to Pings that were never sent, or that claim to have been held for ever, change nothing",
          "[H21]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& bob = stage.join("bob");
    const auto playing = play(stage, bob, wander(2));
    for (int i = 0; i < 300; ++i) {
        stage.say_message(bob, wire::encode(wire::Pong{.id = static_cast<std::uint32_t>(i * 7919),
                                                       .sent_us = INT64_MIN,
                                                       .received_us = INT64_MAX,
                                                       .hold_us = i % 2 == 0 ? INT64_MAX : INT64_MIN}));
        stage.run_for(100ms);
    }
    CHECK_FALSE(bob.closing_at);
    CHECK(playing->newest == stage.room().tick_number());
}

TEST_CASE("H22: a bot that asks for keyframes all the time is closed with 1008, and costs the others nothing",
          "[H22]") {
    const bool suspends = GENERATE(false, true);  // resuming brings keyframes as well
    CAPTURE(suspends);
    Balls balls(100);
    Stage stage(balls.game(), {});
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, wander(1));
    RawPeer& bot = stage.join("bot");
    const auto botting = play(stage, bot, wander(2));
    stage.run_for(5s);
    const std::uint64_t ann_before = ann.bytes;
    stage.run_for(5s);
    const std::uint64_t ann_alone = ann.bytes - ann_before;
    const std::uint64_t bot_before = bot.bytes;
    int said = 0;
    stage.before_tick = [&] {
        for (int i = 0; i < 10 && !bot.closing_at; ++i, ++said) {
            if (suspends) stage.say_message(bot, wire::encode(wire::Suspend{.suspended = true}));
            stage.say_message(
                bot, suspends ? wire::encode(wire::Suspend{.suspended = false})
                              : wire::encode(wire::Desync{.tick = botting->newest, .group = 0, .difference = {}}));
        }
    };
    const std::uint64_t ann_then = ann.bytes;
    stage.run_for(5s);
    CHECK(bot.close_code == 1008);
    // 64 at once, and one in two seconds.
    CHECK(said <= 66);
    CHECK(ann.bytes - ann_then <= ann_alone + ann_alone / 20);
    CHECK(playing->newest == stage.room().tick_number());
    print_figure("H22", std::to_string(said) + (suspends ? " resumes" : " requests for keyframes") +
                            " until the end; " + std::to_string(bot.bytes - bot_before) + " bytes were sent for them");
}

TEST_CASE("H22: a bot that asks as often as it may is told no more than a keyframe for each", "[H22]") {
    Balls balls(100);
    Stage stage(balls.game(), {});
    RawPeer& ann = stage.join("ann");
    play(stage, ann, wander(1));
    RawPeer& bot = stage.join("bot");
    const auto botting = play(stage, bot, wander(2));
    stage.run_for(5s);
    const std::uint64_t keyframe = bot.bytes;  // more than one
    const std::uint64_t bot_before = bot.bytes;
    const std::uint64_t ann_before = ann.bytes;
    int asked = 0;
    for (int i = 0; i < 30; ++i, ++asked) {
        stage.say_message(bot, wire::encode(wire::Desync{.tick = botting->newest, .group = 0, .difference = {}}));
        stage.run_for(2s);
    }
    CHECK_FALSE(bot.closing_at);
    CHECK(bot.bytes - bot_before <= (ann.bytes - ann_before) + static_cast<std::uint64_t>(asked) * keyframe);
    CHECK(bot.bytes > ann.bytes);
}
