// One request and its answer, however the bytes are cut, and what is no request.
#include "server/admin/http_exchange.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint start{100s};

const std::string order =
    "POST /rooms/1/players/2/kick HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18\r\n\r\n{\"reason\": \"spam\"}";

HttpExchange received(std::string_view text, std::size_t piece = 1'000'000) {
    HttpExchange exchange({}, start);
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        exchange.receive(as_bytes(text.substr(0, piece)), start);
    return exchange;
}

/// All that it writes.
std::string answer_of(HttpExchange& exchange) {
    const std::string text(as_text(exchange.to_write()));
    exchange.written(text.size(), start);
    return text;
}

int status_of(std::string_view text) {
    HttpExchange exchange = received(text);
    const std::string answer = answer_of(exchange);
    return answer.empty() ? 0 : std::stoi(answer.substr(9, 3));
}

std::string with(std::string_view method, std::string_view lines, std::string_view body = {}) {
    return std::string(method) + " /x HTTP/1.1\r\nHost: localhost\r\n" + std::string(lines) + "\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("a request is whole with its content, wherever it is cut", "[admin]") {
    for (std::size_t piece = 1; piece <= order.size(); ++piece) {
        const HttpExchange exchange = received(order, piece);
        REQUIRE(exchange.request() != nullptr);
        CHECK(exchange.request()->head.method == "POST");
        CHECK(exchange.request()->path() == "/rooms/1/players/2/kick");
        CHECK(exchange.request()->body == "{\"reason\": \"spam\"}");
    }
    for (std::size_t bytes = 0; bytes < order.size(); ++bytes)
        CHECK(received(std::string_view(order).substr(0, bytes)).request() == nullptr);
}

TEST_CASE("an answer goes out, then the sending side is shut, and the peer's end is the end", "[admin]") {
    HttpExchange exchange = received(order);
    exchange.answer(200, "application/json", "{}\n", {}, start);
    CHECK(exchange.request() == nullptr);
    CHECK(answer_of(exchange) ==
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}\n");
    CHECK(exchange.wants_shutdown());
    CHECK_FALSE(exchange.finished());
    exchange.receive_eof(start);
    CHECK(exchange.finished());
}

TEST_CASE("whoever has shut its own side is answered too", "[admin]") {
    HttpExchange exchange = received(order);
    exchange.receive_eof(start);
    REQUIRE(exchange.request() != nullptr);
    exchange.answer(200, "application/json", "{}\n", {}, start);
    answer_of(exchange);
    CHECK(exchange.finished());
}

TEST_CASE("content that is not as announced, or not for its method, is refused with a status of its own", "[admin]") {
    CHECK(status_of(with("POST", "Content-Length: 4\r\n", "{}")) == 0);
    CHECK(status_of(with("POST", "Content-Length: 2\r\n", "{}x")) == 400);
    CHECK(status_of(with("POST", "", "{}")) == 400);
    CHECK(status_of(with("POST", "Content-Length: 4097\r\n")) == 413);
    CHECK(status_of(with("POST", "Content-Length: 99999999999999999999999\r\n")) == 413);
    CHECK(status_of(with("POST", "Content-Length: -1\r\n")) == 400);
    CHECK(status_of(with("POST", "Content-Length: 2, 2\r\n")) == 400);
    CHECK(status_of(with("POST", "Content-Length: 2\r\nContent-Length: 2\r\n")) == 400);
    CHECK(status_of(with("POST", "Transfer-Encoding: chunked\r\n")) == 411);
    CHECK(status_of(with("GET", "Content-Length: 2\r\n")) == 400);
    CHECK(status_of(with("DELETE", "Content-Length: 2\r\n")) == 400);
    CHECK(status_of(with("PATCH", "")) == 405);
    CHECK(status_of(with("BREW", "")) == 501);
    CHECK(status_of("GET /x HTTP/1.0\r\nHost: localhost\r\n\r\n") == 505);
    CHECK(status_of("GET /x HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of("GET /x HTTP/1.1\nHost: localhost\n\n") == 400);
    CHECK(status_of("GET /x HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(5000, 'x')) == 431);
}

TEST_CASE("deadlines are absolute: for the request, and for the answer to be taken", "[admin]") {
    HttpExchange slow({}, start);
    const std::string_view text = order;
    for (std::size_t i = 0; i < 5; ++i) slow.receive(as_bytes(text.substr(i, 1)), start + i * 1s);
    CHECK(slow.poll_timeout() == start + 5s);
    slow.handle_timeout(start + 4999ms);
    CHECK(slow.to_write().empty());
    slow.handle_timeout(start + 5s);
    CHECK(as_text(slow.to_write()).substr(0, 12) == "HTTP/1.1 408");
    // Nor does it wait for ever for that to be read.
    slow.handle_timeout(start + 10s);
    CHECK(slow.finished());
}
