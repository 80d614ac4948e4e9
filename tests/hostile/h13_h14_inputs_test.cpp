// H13 and H14: more inputs than there are ticks, and clocks that run too fast. A player moves by one input a tick, however many it sends.
#include "sdk/core/session/server_session.h"
#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

Bytes forward(Tick) { return push(1); }

}  // namespace

TEST_CASE("H13: a bot at 10 kHz is closed with 1008, having moved by one input a tick", "[H13]") {
    const bool with_input = GENERATE(true, false);  // or acknowledgements alone, or Suspends
    CAPTURE(with_input);
    int applied = 0;
    Balls balls;
    balls.on_input = [&](Sim&, const sim::Push& push) { applied += push.dx != 0 ? 1 : 0; };
    Stage stage(balls.game(), {});
    stage.keeps_events = false;
    RawPeer& ann = stage.join("x ann");
    const auto playing = play(stage, ann, wander(1));
    RawPeer& bot = stage.join("bot");
    stage.run_for(1s);
    REQUIRE_FALSE(bot.closing_at);
    const std::int64_t before = Stage::heap_bytes();
    std::int64_t most = 0;
    int said = 0;
    const TimePoint began = stage.now();
    const Tick first = stage.room().tick_number();
    while (!bot.closing_at && stage.now() < began + 10s) {
        for (int i = 0; i < 333 && !bot.closing_at; ++i, ++said) {
            wire::InputMessage input{};
            const Bytes data = push(1);
            if (with_input) {
                input.tick = first + static_cast<Tick>(said) + 2;
                input.data = data;
            }
            stage.say_message(bot, said % 3 == 2 && !with_input ? wire::encode(wire::Suspend{.suspended = true})
                                                                : wire::encode(input));
        }
        most = std::max(most, Stage::heap_bytes() - before);
        stage.run_tick();
    }
    CHECK(bot.close_code == 1008);
    const session::MessageRates limits;
    const double burst = limits.inputs_per_tick * 30 * 5;
    CHECK(said <= static_cast<int>(burst * 1.1) + 1);
    CHECK(said >= static_cast<int>(burst));
    const Tick ticks = stage.room().tick_number() - first;
    CHECK(applied <= static_cast<int>(ticks));
    // Sixty-four ticks of inputs at most, which is two seconds, and the history of the world.
    CHECK(most < 96 * 1024);
    CHECK(playing->newest == stage.room().tick_number());
    print_figure("H13", std::string(with_input ? "inputs" : "acknowledgements and Suspends") +
                            " at 10 kHz: closed after " + std::to_string(said) + " of them, " +
                            std::to_string(applied) + " applied in " + std::to_string(ticks) + " ticks; " +
                            std::to_string(most) + " bytes of memory at most");
}

TEST_CASE("H13: what an honest client has held back in a stall of nearly ten seconds is taken at once", "[H13]") {
    const int tick_rate = GENERATE(30, 60, 128);
    CAPTURE(tick_rate);
    Balls balls;
    Stage stage(balls.game(), {.tick_rate = tick_rate});
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, forward);
    stage.run_for(5s);
    // Its link stands still: its own clock goes on, and of all that it would have said it has acknowledged what was on its way.
    ann.on_message = nullptr;
    ann.answers_pings = false;
    const Tick acknowledged = playing->newest;
    stage.run_for(9500ms);
    REQUIRE_FALSE(ann.closing_at);
    Bytes held;
    const Tick now = stage.room().tick_number();
    for (Tick tick = acknowledged + 3; tick <= now + 2; ++tick) {
        const Bytes data = push(1);
        append(held, client_frame(binary_frame, wire::encode(wire::InputMessage{
                                                    .tick = tick, .ack_tick = acknowledged, .data = data})));
        append(held, client_frame(binary_frame, wire::encode(wire::InputMessage{.ack_tick = acknowledged})));
    }
    stage.say(ann, held);
    CHECK_FALSE(ann.closing_at);
    CHECK(ann.close_code == 0);
}

TEST_CASE("H14: a clock at twice the speed moves a player no further than an honest one", "[H14]") {
    const int speed = GENERATE(2, 4);
    CAPTURE(speed);
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& honest = stage.join("ann");  // player 1
    const auto playing = play(stage, honest, forward);
    RawPeer& hasty = stage.join("bob");  // player 2
    const auto hurrying = play(stage, hasty, forward);
    stage.run_for(2s);
    const float honest_from = Balls::x_of(stage, 1);
    const float hasty_from = Balls::x_of(stage, 2);
    // From now on it says `speed` inputs in each tick, for ticks that rise by one.
    Tick next = stage.room().tick_number() + 3;
    hasty.on_message = nullptr;
    int said = 0;
    stage.before_tick = [&] {
        for (int i = 0; i < speed && !hasty.closing_at; ++i, ++next, ++said) {
            const Bytes data = push(1);
            stage.say_message(
                hasty, wire::encode(wire::InputMessage{.tick = next, .ack_tick = hurrying->newest, .data = data}));
        }
    };
    const Tick first = stage.room().tick_number();
    stage.run_for(9s);
    const auto ticks = static_cast<float>(stage.room().tick_number() - first);
    const float honest_way = Balls::x_of(stage, 1) - honest_from;
    const float hasty_way = hasty.closing_at ? 0 : Balls::x_of(stage, 2) - hasty_from;
    CHECK(honest_way == Approx(ticks * Balls::step).margin(0.01));
    // No burst credit at all: one input counts for one tick.
    CHECK(hasty_way <= honest_way + 0.01F);
    CHECK(said > 200 * speed);
    CHECK(stage.gate().room_counters().inputs.early > 0);
    print_figure("H14", "a clock at " + std::to_string(speed) + " times the speed: " + std::to_string(hasty_way) +
                            " of way, an honest one " + std::to_string(honest_way) + ", cap 0");
}

TEST_CASE("H14: inputs for the past and for the far future move nobody, and their ticks must rise", "[H14]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& bob = stage.join("bob");
    stage.run_for(4s);
    const Bytes data = push(1);
    const Tick now = stage.room().tick_number();
    for (const Tick tick : {now - 50, now - 1, now, now + 1 + 65, now + 1000, Tick{0xffffffff}})
        stage.say_message(bob, wire::encode(wire::InputMessage{.tick = tick, .data = data}));
    CHECK_FALSE(bob.closing_at);
    stage.run_for(3s);
    CHECK(Balls::x_of(stage, 1) == 0);
    CHECK(stage.gate().room_counters().inputs.late == 3);
    CHECK(stage.gate().room_counters().inputs.early == 3);
    stage.say_message(bob, wire::encode(wire::InputMessage{.tick = now + 200, .data = data}));
    CHECK(bob.close_code == 1002);
}
