// Asks an operator's port over a real socket.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/sdk/net/loopback.h"

namespace tidewire::test {

inline const std::string admin_token = "0123456789abcdef0123456789abcdef";

inline net::Socket connect_to(std::uint16_t port) {
    auto socket = net::Socket::connect("127.0.0.1", port);
    REQUIRE(socket);
    REQUIRE(net::wait_writable(*socket));
    REQUIRE_FALSE(socket->connect_error());
    return std::move(*socket);
}

inline void say(net::Socket& socket, std::string_view text) {
    const ByteSpan part = as_bytes(text);
    REQUIRE(socket.write({&part, 1}).bytes == text.size());
}

/// All that comes until the end of the stream, or until it fails.
inline std::string hear(net::Socket& socket) {
    std::string text;
    Bytes buffer(4096);
    for (;;) {
        const net::Transfer transfer = socket.read(buffer);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) {
            REQUIRE(net::wait_readable(socket));
            continue;
        }
        if (transfer.outcome != net::Transfer::Outcome::Done) return text;
        text += as_text(ByteSpan(buffer).first(transfer.bytes));
    }
}

inline std::string answer_to(std::uint16_t port, std::string_view request) {
    net::Socket socket = connect_to(port);
    say(socket, request);
    return hear(socket);
}

inline int status_of(std::string_view answer) {
    return answer.size() < 12 ? 0 : std::stoi(std::string(answer.substr(9, 3)));
}

inline std::string body_of(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

/// A request with these lines of its head beside Host.
inline std::string request_with(std::string_view method, std::string_view path, std::string_view lines, std::string_view body = {}) {
    return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(lines) +
           (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + std::string(body);
}

/// With the token.
inline std::string ask(std::uint16_t port, std::string_view method, std::string_view path, std::string_view body = {}) {
    return answer_to(port, request_with(method, path, "Authorization: Bearer " + admin_token + "\r\n", body));
}

}  // namespace tidewire::test
