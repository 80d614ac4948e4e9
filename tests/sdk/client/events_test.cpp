// What a program is told of events, frame by frame, against a real server on this machine.
#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <thread>

#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/client/test_server.h"
#include "tests/sdk/client/waits.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// Every input is a hit, which the test server knows nothing of: each is foreseen, and taken back.
struct Rules {
    void operator()(Sim& sim, Entity, const ::test::Steer&) const { sim.emit(::test::Hit{.x = 1, .damage = 1}); }
};
using Game = Client<::test::Schema, Rules>;
using Frame = std::function<bool(Game&)>;

/// Every way to make a frame.
Frame any_frame() {
    return GENERATE(Frame([](Game& net) { return net.update(); }), Frame([](Game& net) { return net.poll(); }),
                    Frame([](Game& net) { return net.update(1ms); }));
}

}  // namespace

TEST_CASE("an event is in one frame, whichever way frames are made", "[client][event]") {
    const Frame frame = any_frame();
    TestServer server;
    Game net(server.url());
    join(net);
    std::set<Tick> told;
    std::set<Tick> taken_back;
    await([&] {
        REQUIRE(frame(net));
        net.input({.dx = 1});
        for (const auto& hit : net.events<::test::Hit>()) REQUIRE(told.insert(hit.tick()).second);
        for (const auto& hit : net.retracted<::test::Hit>()) REQUIRE(taken_back.insert(hit.tick()).second);
        return told.size() >= 10 && taken_back.size() >= 5;
    });
}

TEST_CASE("what the server said before it sent the player away is told with the end", "[client][event]") {
    const Frame frame = any_frame();
    TestServer server;
    Game net(server.url());
    join(net);
    net.input({});  // no more is due, which would be a look of its own
    server.kick("the match is over");
    // The client's thread answers the close frame, so all that was before it is here.
    await([&] { return server.seen().connections_ended == 1; });
    REQUIRE_FALSE(frame(net));
    int told = 0;
    for (const auto& note : net.events<::test::Note>()) {
        CHECK(note->text == "the match is over");
        ++told;
    }
    CHECK(told == 1);
    REQUIRE(net.error());
    CHECK(net.error()->message == "the match is over");
}
