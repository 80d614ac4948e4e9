// Down when a rung does not hold, up when it has held for a while, and never to and fro.
#include "server/gate/delivery_ladder.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::test;

namespace {

struct Climber {
    DeliveryLadder ladder{at(0s)};
    TimePoint now = at(0s);
    Tick tick = 0;
    int due = 0;
    int steps = 0;
    bool acknowledges = true;

    /// `open` says whether the window takes the tick.
    void run_for(Duration duration, const std::function<bool(Tick)>& open) {
        for (const TimePoint end = now + duration; now < end; now += Duration(1s) / 30) {
            ++tick;
            if (!ladder.due(tick, now)) continue;
            ++due;
            const Rung before = ladder.rung();
            // A slow link acknowledges late, but it does.
            if (acknowledges) ladder.note_acknowledged(now);
            ladder.note_window(open(tick), now);
            steps += ladder.rung() != before ? 1 : 0;
        }
    }
};

}  // namespace

TEST_CASE("a link that carries everything stays on the top", "[gate][ladder]") {
    Climber climber;
    climber.run_for(60s, [](Tick) { return true; });
    CHECK(climber.ladder.rung() == Rung::Full);
    CHECK(climber.steps == 0);
    CHECK(climber.due == 1801);
}

TEST_CASE("a stall is no slow link", "[gate][ladder]") {
    Climber climber;
    for (int i = 0; i < 20; ++i) {
        climber.run_for(500ms, [](Tick) { return false; });
        climber.run_for(2s, [](Tick) { return true; });
    }
    CHECK(climber.steps == 0);
}

TEST_CASE("a link that carries two thirds of the ticks, or stalls now and then, keeps its rung", "[gate][ladder]") {
    Climber climber;
    climber.run_for(60s, [](Tick tick) { return tick % 3 != 0; });
    CHECK(climber.steps == 0);
    climber.run_for(60s, [](Tick tick) { return tick % 60 > 25; });
    CHECK(climber.steps == 0);
}

TEST_CASE("a link that stands still for seconds is where it was afterwards, however often that happens",
          "[gate][ladder]") {
    Climber climber;
    for (int i = 0; i < 20; ++i) {
        climber.acknowledges = false;
        climber.run_for(4s, [](Tick) { return false; });
        climber.acknowledges = true;
        climber.run_for(8s, [](Tick) { return true; });
    }
    CHECK(climber.steps == 0);
    CHECK(climber.ladder.rung() == Rung::Full);
}

TEST_CASE("a window that is full too often costs a rung, then another, and quiet brings them back", "[gate][ladder]") {
    Climber climber;
    climber.run_for(5s, [](Tick tick) { return tick % 3 == 0; });
    CHECK(climber.ladder.rung() == Rung::Reduced);
    climber.due = 0;
    climber.run_for(1s, [](Tick) { return true; });
    CHECK(climber.due >= 15);
    CHECK(climber.due <= 16);
    climber.run_for(9s, [](Tick tick) { return tick % 6 == 0; });
    CHECK(climber.ladder.rung() == Rung::Keyframe);
    climber.due = 0;
    climber.run_for(4s, [](Tick) { return true; });
    CHECK(climber.due >= 3);
    CHECK(climber.due <= 5);
    climber.run_for(60s, [](Tick) { return true; });
    CHECK(climber.ladder.rung() == Rung::Full);
    CHECK(climber.steps == 4);
}

TEST_CASE("a link that carries every other tick and no more is not tried again and again", "[gate][ladder]") {
    Climber climber;
    climber.run_for(300s, [&](Tick tick) { return climber.ladder.rung() != Rung::Full || tick % 3 == 0; });
    CHECK(climber.steps <= 16);
}

TEST_CASE("who acknowledges nothing is suspended, and goes on where it was when it is back", "[gate][ladder]") {
    Climber climber;
    climber.ladder.note_unacknowledged_since(at(0s), at(4s));
    CHECK(climber.ladder.rung() == Rung::Full);
    climber.ladder.note_unacknowledged_since(at(0s), at(5s));
    CHECK(climber.ladder.rung() == Rung::Suspended);
    CHECK_FALSE(climber.ladder.due(7, at(6s)));
    climber.ladder.note_acknowledged(at(9s));
    CHECK(climber.ladder.rung() == Rung::Full);
}

TEST_CASE("a client that asks for it is suspended until it asks for more", "[gate][ladder]") {
    Climber climber;
    climber.ladder.resume(at(0s));
    CHECK(climber.ladder.rung() == Rung::Full);
    climber.ladder.suspend(at(1s));
    CHECK(climber.ladder.rung() == Rung::Suspended);
    climber.ladder.note_acknowledged(at(2s));
    CHECK(climber.ladder.rung() == Rung::Suspended);
    climber.ladder.resume(at(3s));
    CHECK(climber.ladder.rung() == Rung::Full);
    CHECK(climber.ladder.due(8, at(3s)));
}
