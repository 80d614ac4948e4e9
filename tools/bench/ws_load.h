// The load of the echo benches: many connections, each with one message under way, over plain sockets or TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "sdk/core/base/time.h"
#include "tidewire/result.h"

namespace tidewire::bench {

struct LoadOptions {
    std::uint16_t port = 0;
    std::size_t connections = 100;
    std::size_t payload_bytes = 64;  ///< 1 to 65535.
    std::size_t messages = 100'000;  ///< Of all connections together.
    bool tls = false;
};

struct TickLoad {
    int rate = 30;                   ///< Hz.
    std::size_t answer_bytes = 200;  ///< 126 to 65535.
};

/// Connections after their opening handshake, on 127.0.0.1.
class Load {
public:
    static Result<Load> open(const LoadOptions& options);
    Load(Load&&) noexcept;
    Load& operator=(Load&&) = delete;
    ~Load();

    /// Sends `messages` masked binary messages and waits for as many echoes, comparing each. Errors: the stream ended, an
    /// echo differs, nothing came for 10 s.
    Result<void> run(std::size_t messages);
    /// Each connection sends its message once a tick, at an instant of its own, and reads what the server sends it: binary messages of
    /// answer_bytes. How many messages went either way. Errors: the stream ended, or brought anything else.
    Result<std::size_t> run_ticks(const TickLoad& ticks, Duration length);

private:
    struct State;
    explicit Load(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::bench
