// One address after another.
#include "sdk/net/connector.h"

#include "sdk/net/wait.h"

namespace tidewire::net {

namespace {

/// A dead address (IPv6 that leads nowhere) must not eat the whole connect timeout; a lost SYN is sent again after 1 s.
constexpr Duration patience = std::chrono::seconds(2);

}  // namespace

Connector::Connector(std::vector<std::string> addresses, std::uint16_t port, std::string_view name)
    : addresses_(std::move(addresses)), port_(port), name_(name) {}

Result<Connector> Connector::start(const std::string& host, std::uint16_t port, std::string_view name, TimePoint now) {
    auto addresses = resolve(host);
    if (!addresses)
        return unexpected(Blame::Machine,
                          "could not connect to " + std::string(name) + ": " + addresses.error().message);
    return start(std::move(*addresses), port, name, now);
}

Result<Connector> Connector::start(std::vector<std::string> addresses, std::uint16_t port, std::string_view name,
                                   TimePoint now) {
    Connector connector(std::move(addresses), port, name);
    if (auto tried = connector.try_next(now); !tried) return Unexpected{tried.error()};
    return connector;
}

Result<void> Connector::try_next(TimePoint now) {
    socket_ = {};
    while (next_ < addresses_.size()) {
        auto socket = Socket::connect(addresses_[next_++], port_);
        if (!socket) {
            trouble_ = socket.error().message;
            continue;
        }
        socket_ = std::move(*socket);
        deadline_ = next_ < addresses_.size() ? now + patience : never;
        return {};
    }
    return unexpected(Blame::Machine, "could not connect to " + name_ + ": " + trouble_);
}

Result<std::optional<Socket>> Connector::advance(TimePoint now) {
    // At most one round for each address: those of this machine are refused or connected at once.
    for (;;) {
        if (wait(socket_.fd(), {.readable = false, .writable = true}, Duration::zero())) {
            auto trouble = socket_.connect_error();
            if (!trouble) return std::optional(std::move(socket_));
            trouble_ = std::move(*trouble);
        } else if (now >= deadline_) {
            trouble_ = "no answer; check the address, the network and the firewall";
        } else {
            return std::optional<Socket>();
        }
        if (auto tried = try_next(now); !tried) return Unexpected{tried.error()};
    }
}

}  // namespace tidewire::net
