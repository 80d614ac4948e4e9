// A proxy after another, at one listening socket.
#include "tools/bench/resume/cut_proxy.h"

#include <utility>

namespace tidewire::bench {

Result<std::unique_ptr<CutProxy>> CutProxy::create(std::uint16_t target, net::LinkOptions link) {
    auto listener = net::Listener::listen("127.0.0.1", 0);
    if (!listener) return Unexpected{std::move(listener).error()};
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{std::move(waker).error()};
    std::unique_ptr<CutProxy> proxy(new CutProxy(std::move(*listener), std::move(*waker),
                                                 {.target_host = "127.0.0.1", .target_port = target, .up = link, .down = link}));
    if (auto started = proxy->start(); !started) return Unexpected{started.error()};
    return proxy;
}

Result<void> CutProxy::cut() {
    stop();
    return start();
}

Result<void> CutProxy::start() {
    auto listener = listener_.share();
    if (!listener) return Unexpected{std::move(listener).error()};
    auto proxy = badnet::Proxy::create(std::move(*listener), options_);
    if (!proxy) return Unexpected{std::move(proxy).error()};
    waker_.reset();
    proxy_.emplace(std::move(*proxy));
    thread_ = std::thread([this] { proxy_->run(waker_); });
    return {};
}

void CutProxy::stop() {
    if (!thread_.joinable()) return;
    waker_.wake();
    thread_.join();
    proxy_.reset();
}

}  // namespace tidewire::bench
