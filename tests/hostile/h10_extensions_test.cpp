// H10: offers of permessage-deflate. Nothing is ever compressed by the WebSocket, whatever is offered or chosen.
#include "sdk/core/base/random.h"
#include "tests/hostile/balls.h"
#include "tests/hostile/victim.h"

using namespace tidewire;
using namespace tidewire::hostile;

TEST_CASE("H10: whatever extensions are offered, none is agreed to, and a frame that uses one is refused", "[H10]") {
    const std::uint64_t seed = GENERATE(21U, 22U);
    CAPTURE(seed);
    SeededRandom random(seed);
    Balls balls;
    Stage stage(balls.game(), {});
    static const std::string words[] = {"permessage-deflate",
                                        "permessage-bzip2",
                                        "x-webkit-deflate-frame",
                                        "client_max_window_bits",
                                        "server_max_window_bits",
                                        "client_no_context_takeover",
                                        "8",
                                        "15",
                                        "16",
                                        "0",
                                        "-1",
                                        "\"15\"",
                                        "99999999999999999999"};
    static const std::string signs[] = {"; ", ", ", "=", ";;", ",,", " ", ""};
    for (int round = 0; round < 500; ++round) {
        std::string offer = "permessage-deflate";
        for (std::uint32_t i = 0; i < random.below(12); ++i)
            offer += signs[random.below(std::size(signs))] + words[random.below(std::size(words))];
        CAPTURE(offer);
        RawPeer& peer = stage.connect();
        stage.say(peer, upgrade_request("Sec-WebSocket-Extensions: " + offer + "\r\n"));
        // An offer that is not even a list may be refused; one that is taken is not agreed to.
        REQUIRE((peer.status() == 101 || peer.status() == 400));
        CHECK(peer.answer.find("Extensions") == std::string::npos);
        if (peer.status() == 101) {
            stage.say(peer, client_frame(0xc2, "compressed"));
            CHECK(peer.close_code == 1002);
        }
        stage.end(peer);
        if (round % 50 == 0) stage.sweep();
    }
}

TEST_CASE("H10: a server that chooses an extension which nobody offered is no server", "[H10]") {
    Victim victim(Victim::Until::Nothing);
    const std::string request = to_string(victim.said());
    CHECK(request.find("Sec-WebSocket-Extensions") == std::string::npos);
    const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
    const ws::HeaderField extension{"Sec-WebSocket-Extensions", "permessage-deflate"};
    victim.hear(ws::to_acceptance(request.substr(at, 24), subprotocol, {&extension, 1}));
    REQUIRE(victim.closed() != nullptr);
    CHECK(victim.closed()->reason.find("extension") != std::string::npos);
}
