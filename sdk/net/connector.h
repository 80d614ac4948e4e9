// Connects to the first address of a host that answers, one after another, without blocking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/time.h"
#include "sdk/net/socket.h"
#include "tidewire/result.h"

namespace tidewire::net {

class Connector {
public:
    /// Resolves `host` (this alone may block, on DNS) and starts on the first address. Errors call the goal by `name`:
    /// "could not connect to ws://localhost:7777: Connection refused; is the server running?"
    static Result<Connector> start(const std::string& host, std::uint16_t port, std::string_view name, TimePoint now);

    /// The same, of addresses that resolve() gave: nothing blocks. Precondition: there is one.
    static Result<Connector> start(std::vector<std::string> addresses, std::uint16_t port, std::string_view name,
                                   TimePoint now);

    /// Goes on: call when fd() is writable or poll_timeout() is due. The connected socket, once; empty while it waits.
    /// Errors: no address answered.
    Result<std::optional<Socket>> advance(TimePoint now);

    /// Wait until it is writable; it changes from address to address.
    int fd() const { return socket_.fd(); }
    /// When to give the address up for the next one; `never` for the last.
    TimePoint poll_timeout() const { return deadline_; }

private:
    Connector(std::vector<std::string> addresses, std::uint16_t port, std::string_view name);
    /// Starts on addresses from next_ on, until one neither fails at once.
    Result<void> try_next(TimePoint now);

    std::vector<std::string> addresses_;
    std::size_t next_ = 0;
    std::uint16_t port_;
    std::string name_;
    std::string trouble_;  // of the last address that failed
    Socket socket_;
    TimePoint deadline_ = never;
};

}  // namespace tidewire::net
