// The Origin policy: H16 of the hostile inputs, cross-site WebSocket hijacking.
#include "sdk/core/ws/origin.h"

#include "tests/sdk/ws/endpoint.h"

using namespace tidewire;
using namespace tidewire::ws;

namespace {

bool allowed(std::vector<HeaderField> headers, std::vector<std::string> list = {}) {
    headers.push_back({"Host", "game.example.com:7777"});
    const Request request{
        .method = "GET", .target = "/", .headers = std::move(headers), .upgrade = true, .subprotocols = {}, .key = {}};
    return origin_allowed(request, list);
}

}  // namespace

TEST_CASE("RFC 6455 10.2: a page of a foreign site is refused unless the operator allowed it", "[ws][origin]") {
    CHECK(allowed({}));
    CHECK(allowed({{"Origin", "https://game.example.com"}}));
    CHECK(allowed({{"Origin", "http://GAME.example.com:8080"}}));
    for (const char* foreign : {"https://evil-game.example.com", "https://game.example.com.evil", "https://example.com",
                                "null", "", "https://", "game.example.com", "https://game.example.com@evil",
                                "https://evil/game.example.com", "file://game.example.com"}) {
        INFO(foreign);
        CHECK_FALSE(allowed({{"Origin", foreign}}));
        CHECK(allowed({{"Origin", foreign}}, {"https://other", foreign}));
        CHECK(allowed({{"Origin", foreign}}, {"*"}));
    }
    CHECK(allowed({{"Origin", "https://Web.example.com"}}, {"https://web.EXAMPLE.com"}));
    CHECK_FALSE(allowed({{"Origin", "http://web.example.com"}}, {"https://web.example.com"}));
    CHECK_FALSE(allowed({{"Origin", "https://game.example.com"}, {"Origin", "https://evil"}}));
    CHECK_FALSE(allowed({{"Origin", "https://evil"}, {"Origin", "https://game.example.com"}}, {"*"}));
}

TEST_CASE("an address in brackets is a host like any other", "[ws][origin]") {
    Request request{.method = "GET",
                    .target = "/",
                    .headers = {{"Host", "[::1]:7777"}, {"Origin", "http://[::1]:8080"}},
                    .upgrade = true,
                    .subprotocols = {},
                    .key = {}};
    CHECK(origin_allowed(request, {}));
    request.headers[1].value = "http://[::2]";
    CHECK_FALSE(origin_allowed(request, {}));
}
