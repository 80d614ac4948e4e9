// A server in a thread of its own, on loopback and any free port: for tests with real sockets.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <utility>

#include "tidewire/server.h"

namespace tidewire::test {

/// What `options` say, where only this test finds it.
inline ServerOptions on_loopback(ServerOptions options) {
    options.address = "127.0.0.1";
    options.port = 0;
    return options;
}

/// Listens and runs as long as this lives. `Server` is any that is made of on_loopback() options; it must outlive this, and its callbacks
/// are set before.
template <class Server>
class ServerThread {
public:
    explicit ServerThread(Server& server) : server_(server) {
        const auto listening = server.listen();
        INFO((listening ? "" : listening.error().message));
        REQUIRE(listening);
        thread_ = std::thread([&server] { (void)server.run(); });
    }
    ~ServerThread() {
        server_.stop();
        thread_.join();
    }
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;

    std::string url() const {
        return (server_.options().tls.enabled() ? "wss://127.0.0.1:" : "ws://127.0.0.1:") + std::to_string(server_.port());
    }

private:
    Server& server_;
    std::thread thread_;
};

}  // namespace tidewire::test
