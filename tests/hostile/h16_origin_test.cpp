// H16: a page of another site that opens a WebSocket with its visitor's credentials. There are none that a browser would send by itself.
#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

TEST_CASE("H16: pages of other sites are refused with 403, however much their origin looks like ours", "[H16]") {
    struct Row {
        const char* lines;
        int status;
    };
    const Row rows[] = {
        {"", 101},  // no browser
        {"Origin: http://game.example\r\n", 101},
        {"Origin: https://game.example\r\n", 101},
        {"Origin: https://GAME.example:8443\r\n", 101},
        {"Origin: https://friend.example\r\n", 101},
        {"Origin: null\r\n", 403},
        {"Origin: \r\n", 403},
        {"Origin: https://evil-game.example\r\n", 403},
        {"Origin: https://game.example.evil.example\r\n", 403},
        {"Origin: https://evil.example/game.example\r\n", 403},
        {"Origin: https://evil.example#game.example\r\n", 403},
        {"Origin: https://evil.example?game.example\r\n", 403},
        {"Origin: https://game.example@evil.example\r\n", 403},
        {"Origin: https://evil.example\\game.example\r\n", 403},
        {"Origin: file://\r\n", 403},
        {"Origin: game.example\r\n", 403},
        {"Origin: chrome-extension://game.example\r\n", 403},
        {"Origin: https://game.example https://evil.example\r\n", 403},
        {"Origin: https://game.example\r\nOrigin: https://evil.example\r\n", 403},
        {"Origin: https://friend.example\r\nOrigin: https://friend.example\r\n", 403},
        {"Origin: https://friend.example.evil.example\r\n", 403},
        {"Origin: http://friend.example\r\n", 403},
    };
    ServerOptions options;
    options.origins = {"https://friend.example"};
    Balls balls;
    Stage stage(balls.game(), options);
    for (const Row& row : rows) {
        CAPTURE(row.lines);
        RawPeer& peer = stage.connect();
        stage.say(peer, upgrade_request(row.lines));
        CHECK(peer.status() == row.status);
        // A page that is refused is told nothing that helps it.
        CHECK(peer.answer.find("Access-Control") == std::string::npos);
    }
}

TEST_CASE("H16: cookies and what stands in the URL let nobody in, and appear in no log", "[H16]") {
    Balls balls;
    Stage stage(balls.game(), {});
    const std::string secret = "s3cr3t-t0ken";
    RawPeer& page = stage.connect();
    stage.say(page, upgrade_request("Cookie: session=" + secret + "\r\nOrigin: https://evil.example\r\n",
                                    "/?token=" + secret));
    CHECK(page.status() == 403);
    CHECK(page.answer.find(secret) == std::string::npos);
    RawPeer& program = stage.connect();
    stage.say(program, upgrade_request("Cookie: session=" + secret + "\r\n", "/?token=" + secret));
    CHECK(program.status() == 101);
    CHECK(program.answer.find("Set-Cookie") == std::string::npos);
    // Whoever it may be, it is nobody before its Hello.
    stage.say_message(program, wire::encode(wire::InputMessage{.ack_tick = 0}));
    CHECK(program.close_code == 4003);
    CHECK(stage.room().player_count() == 0);
    stage.run_tick();
    REQUIRE_FALSE(stage.events.empty());
    for (const server::GateEvent& event : stage.events) CHECK(event.reason.find(secret) == std::string::npos);
}
