// A way to a server that breaks when a bench says so: the kernel ends its connections, as it ends those of a process that is killed.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "tools/badnet/proxy.h"

namespace tidewire::bench {

class CutProxy {
public:
    /// Errors: the machine has no descriptor left.
    static Result<std::unique_ptr<CutProxy>> create(std::uint16_t target, net::LinkOptions link);
    ~CutProxy() { stop(); }
    CutProxy(const CutProxy&) = delete;
    CutProxy& operator=(const CutProxy&) = delete;

    std::uint16_t port() const { return listener_.port(); }
    /// All connections end; new ones are taken at once.
    Result<void> cut();
    /// All connections end; new ones wait unanswered until release().
    void hold() { stop(); }
    Result<void> release() { return start(); }

private:
    CutProxy(net::Listener listener, net::Waker waker, badnet::ProxyOptions options)
        : listener_(std::move(listener)), waker_(std::move(waker)), options_(std::move(options)) {}
    Result<void> start();
    void stop();

    net::Listener listener_;  // whoever comes in between waits here
    net::Waker waker_;
    badnet::ProxyOptions options_;
    std::optional<badnet::Proxy> proxy_;
    std::thread thread_;
};

}  // namespace tidewire::bench
