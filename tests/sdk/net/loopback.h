// A listener on a free port of this machine and a stream through it, for tests of sockets. Waits are bounded, never timed.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <utility>

#include "sdk/net/socket.h"
#include "sdk/net/wait.h"

namespace tidewire::net {

/// Far longer than anything on one machine takes; a test that waits it out has failed.
inline constexpr Duration patience = std::chrono::seconds(20);

inline Listener listen_on(const std::string& address) {
    auto listener = Listener::listen(address, 0);
    INFO((listener ? "" : listener.error().message));
    REQUIRE(listener);
    return std::move(*listener);
}

inline Listener::Accepted accept_from(Listener& listener) {
    REQUIRE(wait(listener.fd(), {}, patience));
    auto accepted = listener.accept();
    REQUIRE(accepted);
    REQUIRE(accepted->has_value());
    return std::move(**accepted);
}

inline bool wait_readable(const Socket& socket) { return wait(socket.fd(), {}, patience); }
inline bool wait_writable(const Socket& socket) {
    return wait(socket.fd(), {.readable = false, .writable = true}, patience);
}

struct StreamPair {
    Listener listener = listen_on("127.0.0.1");
    Socket client;
    Socket server;

    StreamPair() {
        auto connecting = Socket::connect("127.0.0.1", listener.port());
        REQUIRE(connecting);
        client = std::move(*connecting);
        server = accept_from(listener).socket;
        REQUIRE(wait_writable(client));
        REQUIRE_FALSE(client.connect_error());
    }
};

/// Everything until the end of the stream or `bytes_max`.
inline Bytes read_all(Socket& socket, std::size_t bytes_max = ~std::size_t{0}) {
    Bytes all;
    Bytes buffer(64 * 1024);
    while (all.size() < bytes_max) {
        const Transfer transfer = socket.read(buffer);
        if (transfer.outcome == Transfer::Outcome::WouldBlock) {
            REQUIRE(wait_readable(socket));
            continue;
        }
        if (transfer.outcome == Transfer::Outcome::Eof) break;
        INFO(transfer.message);
        REQUIRE(transfer.outcome == Transfer::Outcome::Done);
        append(all, ByteSpan(buffer).first(transfer.bytes));
    }
    return all;
}

}  // namespace tidewire::net
