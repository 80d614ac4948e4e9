// The load of the echo benches: many connections, each with one message under way, over plain sockets or TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tidewire/result.h"

namespace tidewire::bench {

struct LoadOptions {
    std::uint16_t port = 0;
    std::size_t connections = 100;
    std::size_t payload_bytes = 64;  ///< 1 to 65535.
    std::size_t messages = 100'000;  ///< Of all connections together.
    bool tls = false;
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

private:
    struct State;
    explicit Load(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::bench
