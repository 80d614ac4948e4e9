// When a player counts as idle, and when it has been so for too long.
#include "server/room/idleness.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tidewire;
using namespace tidewire::server;
using Change = Idleness::Change;

namespace {

/// "3 Idle; 7 Active": what advance() tells from tick 1 to `last`. `act` is called before each.
template <class Act>
std::string changes(Idleness& idleness, const IdleTicks& limits, Tick last, const Act& act) {
    constexpr const char* names[] = {"None", "Idle", "Active", "TooLong", "HiddenTooLong"};
    std::string text;
    for (Tick tick = 1; tick <= last; ++tick) {
        act(tick);
        const Change change = idleness.advance(tick, limits);
        if (change == Change::None) continue;
        text += (text.empty() ? "" : "; ") + std::to_string(tick) + " " + names[static_cast<std::size_t>(change)];
    }
    return text;
}

const auto nothing = [](Tick) {};

}  // namespace

TEST_CASE("idle is who did nothing for so many ticks, and each change is told once", "[room][idle]") {
    Idleness idleness(0);
    CHECK(changes(idleness, {.after = 5}, 30, [&](Tick tick) {
              if (tick == 12) idleness.note_active(tick);
          }) == "5 Idle; 12 Active; 17 Idle");
    CHECK(idleness.idle());
}

TEST_CASE("who is idle for too long is told of once", "[room][idle]") {
    Idleness idleness(0);
    CHECK(changes(idleness, {.after = 5, .kick_after = 9}, 30, nothing) == "5 Idle; 9 TooLong");
}

TEST_CASE("a client at which nobody looks has a time of its own, which ends when somebody looks", "[room][idle]") {
    Idleness idleness(0);
    CHECK(changes(idleness, {.hidden_kick_after = 10}, 40, [&](Tick tick) {
              if (tick == 3) idleness.hide(true, 2);
              if (tick == 5) idleness.hide(true, 4);  // it says so again
              if (tick == 12) idleness.hide(false, 11);
              if (tick == 20) idleness.hide(true, 19);
          }) == "30 HiddenTooLong");
}

TEST_CASE("limits of 0 are none", "[room][idle]") {
    Idleness idleness(0);
    CHECK(changes(idleness, {}, 1000, [&](Tick tick) {
              if (tick == 3) idleness.hide(true, 2);
          }).empty());
}

TEST_CASE("somebody who looks again has done something", "[room][idle]") {
    Idleness idleness(0);
    CHECK(changes(idleness, {.after = 5}, 12, [&](Tick tick) {
              if (tick == 3) idleness.hide(true, 2);
              if (tick == 8) idleness.hide(false, 7);
          }) == "5 Idle; 8 Active; 12 Idle");
}
