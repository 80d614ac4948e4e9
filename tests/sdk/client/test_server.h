// The smallest server that a client can play with, in a thread of its own: one connection after another, a keyframe a tick.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "tidewire/state.h"

namespace tidewire::test {

struct TestServerOptions {
    int tick_rate = 100;
    std::string refusal = {};            ///< Not empty: a Hello is answered with this and 4002.
    std::chrono::seconds retry_after{};  ///< What it says of that when it closes; 0: nothing.
    bool older_schema = false;           ///< This server runs a version of the game that has a component less.
    bool answers_close = true;           ///< False: it falls silent when the client says good-bye.
};

class TestServer {
public:
    explicit TestServer(TestServerOptions options = {});
    /// Stops: a client that is still there is closed with 1001.
    ~TestServer();

    std::string url() const { return "ws://localhost:" + std::to_string(port_); }

    struct Input {
        std::uint32_t number = 0;
        int dx = 0;
    };
    /// What has happened so far.
    struct Seen {
        std::string player_name;
        std::vector<Input> inputs;
        std::uint16_t close_code = 0;  ///< Of the last connection that ended.
        int connections_ended = 0;
        int suspensions = 0;     ///< How often a client said that nobody looks,
        bool suspended = false;  ///< and whether that was its last word.
    };
    Seen seen() const;
    /// Sends the client away with 1008 and this reason, after a Note that says the same.
    void kick(std::string reason);

private:
    class Loop;

    void run();

    TestServerOptions options_;
    net::Listener listener_;
    std::uint16_t port_;
    net::Waker waker_;
    mutable std::mutex mutex_;  // seen_, kick_
    Seen seen_;
    std::optional<std::string> kick_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace tidewire::test
