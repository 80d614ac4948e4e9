// Whether anybody looks, said once each time that it changes.
#include "sdk/core/session/presence.h"

#include <catch2/catch.hpp>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::test;
using session::Presence;

TEST_CASE("a word of the program's is told once", "[session][presence]") {
    Presence presence;
    CHECK_FALSE(presence.poll_change());
    presence.suspend();
    presence.suspend();
    CHECK(presence.suspended());
    CHECK(presence.poll_change() == std::optional(true));
    CHECK_FALSE(presence.poll_change());
    presence.resume();
    CHECK(presence.poll_change() == std::optional(false));
    presence.suspend();
    presence.resume();
    CHECK_FALSE(presence.poll_change());
}

TEST_CASE("a program is away after a second without a frame, but not before its first", "[session][presence]") {
    Presence presence;
    CHECK(presence.poll_timeout() == never);
    presence.note_frame(at(1s), 33ms);
    CHECK(presence.poll_timeout() == at(2s));
    presence.handle_timeout(at(1999ms));
    CHECK_FALSE(presence.suspended());
    presence.handle_timeout(at(2s));
    CHECK(presence.poll_change() == std::optional(true));
    CHECK(presence.poll_timeout() == never);
    // Back, and not away again within five seconds of the last time, however slow the frames are.
    presence.note_frame(at(3s), 33ms);
    CHECK(presence.poll_change() == std::optional(false));
    CHECK(presence.poll_timeout() == at(7s));
}

TEST_CASE("a frame does not take back what the program said, and few ticks are waited for", "[session][presence]") {
    Presence presence;
    presence.suspend();
    presence.note_frame(at(1s), 500ms);
    CHECK(presence.suspended());
    CHECK(presence.poll_timeout() == at(3s));
    presence.end();
    CHECK(presence.poll_timeout() == never);
}
