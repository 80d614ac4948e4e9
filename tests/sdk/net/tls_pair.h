// Two ends of TLS over a stream of this machine, in one thread.
#pragma once

#include <catch2/catch.hpp>

#include "sdk/net/poller.h"
#include "sdk/net/stream.h"
#include "tests/sdk/net/loopback.h"
#include "tests/support/certificate.h"

namespace tidewire::net {

inline TlsContext server_context(const test::Certificate& certificate) {
    auto context = TlsContext::server(certificate.server());
    INFO((context ? "" : context.error().message));
    REQUIRE(context);
    return std::move(*context);
}

inline TlsContext client_context(const TlsClientOptions& options) {
    auto context = TlsContext::client(options);
    INFO((context ? "" : context.error().message));
    REQUIRE(context);
    return std::move(*context);
}

/// Waits until one of two streams is readable.
inline void wait_either(const Stream& one, const Stream& other) {
    auto poller = Poller::create();
    REQUIRE(poller);
    REQUIRE(poller->add(one.fd(), 1, {}));
    REQUIRE(poller->add(other.fd(), 2, {}));
    REQUIRE_FALSE(poller->wait(patience).empty());
}

struct TlsPair {
    StreamPair sockets;
    Stream client;
    Stream server;
    Transfer client_result;  ///< Of the handshake.
    Transfer server_result;

    TlsPair(const TlsContext& client_side, const TlsContext& server_side, const std::string& host = "localhost") {
        auto connecting = Stream::secure(std::move(sockets.client), client_side, host);
        auto accepting = Stream::secure(std::move(sockets.server), server_side);
        REQUIRE(connecting);
        REQUIRE(accepting);
        client = std::move(*connecting);
        server = std::move(*accepting);
        for (;;) {
            client_result = client.establish();
            if (client_result.outcome == Transfer::Outcome::Failed) return;
            server_result = server.establish();
            if (server_result.outcome == Transfer::Outcome::Failed) {
                client_result = client.establish();
                return;
            }
            if (client.established() && server.established()) return;
            wait_either(client, server);
        }
    }

    bool established() const { return client.established() && server.established(); }
};

}  // namespace tidewire::net
