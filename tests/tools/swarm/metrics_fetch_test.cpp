// What comes of asking a server for its metrics.
#include "tools/swarm/metrics_fetch.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::net;
using namespace tidewire::swarm;

namespace {

struct Asked {
    Result<MetricsText> metrics;
    std::string request;
};

/// Asks a server that answers this and hangs up.
Asked ask(const std::string& answer) {
    Listener listener = listen_on("127.0.0.1");
    const auto route =
        Route::find({.secure = false, .host = "127.0.0.1", .port = listener.port(), .target = "/room"}, {}, {});
    REQUIRE(route);
    std::string request;
    std::thread server([&] {
        Socket socket = accept_from(listener).socket;
        Bytes buffer(1000);
        while (request.find("\r\n\r\n") == std::string::npos && wait(socket.fd(), {}, patience)) {
            const Transfer got = socket.read(buffer);
            if (got.outcome != Transfer::Outcome::Done) break;
            request += as_text(ByteSpan(buffer).first(got.bytes));
        }
        const ByteSpan part = as_bytes(answer);
        (void)socket.write({&part, 1});
    });
    auto metrics = fetch_metrics(*route);
    server.join();
    return {std::move(metrics), request};
}

std::string refusal(const std::string& answer) {
    const Asked asked = ask(answer);
    REQUIRE_FALSE(asked.metrics);
    return asked.metrics.error().message;
}

}  // namespace

TEST_CASE("metrics are where players connect, whatever their path", "[swarm][metrics]") {
    const Asked asked =
        ask("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\nplayers{room=\"1\"} 4\n");
    REQUIRE(asked.metrics);
    CHECK(asked.metrics->sum("players") == 4.0);
    CHECK(asked.request.rfind("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1", 0) == 0);
}

TEST_CASE("an answer that is not metrics is refused with a sentence", "[swarm][metrics]") {
    CHECK_THAT(refusal("HTTP/1.1 404 Not Found\r\n\r\nno"),
               Catch::Contains("is answered \"HTTP/1.1 404 Not Found\"; does this server have them?"));
    CHECK_THAT(refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
               Catch::Contains("comes in chunks"));
    CHECK_THAT(refusal("HTTP/1.1 200 OK\r\n\r\n<html>"), Catch::Contains("no line of Prometheus' text format"));
    CHECK_THAT(refusal(""), Catch::Contains("is not HTTP"));
}
