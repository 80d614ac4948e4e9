// Who brought down whom, on the screen.
#include "samples/arena/client/kill_feed.h"

#include <catch2/catch.hpp>

namespace arena {

namespace {

Scene two_fighters() {
    Scene scene;
    scene.fighters.resize(2);
    scene.fighters[0].player = 4;
    scene.fighters[0].name = "ann";
    scene.fighters[0].own = true;
    scene.fighters[1].player = 7;
    scene.fighters[1].name = "ben";
    scene.fighters[1].hue = 33;
    return scene;
}

}  // namespace

TEST_CASE("a kill is told by the names of both, for a while", "[arena][client]") {
    KillFeed feed;
    feed.add({.killer = 4, .victim = 7}, two_fighters());
    feed.add({.killer = 7, .victim = 99}, two_fighters());
    REQUIRE(feed.lines().size() == 2);
    CHECK(feed.lines()[0].killer.text == "ann");
    CHECK(feed.lines()[0].killer.own);
    CHECK(feed.lines()[0].victim.text == "ben");
    CHECK(feed.lines()[0].victim.hue == 33);
    CHECK(feed.lines()[1].victim.text == "somebody");
    feed.update(3);
    CHECK(feed.lines()[0].visible() == 1);
    feed.update(2.5F);
    CHECK(feed.lines()[0].visible() < 1);
    feed.update(1);
    CHECK(feed.lines().empty());
}

TEST_CASE("the feed shows the newest few", "[arena][client]") {
    KillFeed feed;
    for (std::uint32_t i = 0; i < 20; ++i) feed.add({.killer = i % 2 == 0 ? 4U : 7U, .victim = 4}, two_fighters());
    CHECK(feed.lines().size() == 5);
    CHECK(feed.lines().back().killer.text == "ben");
}

}  // namespace arena
