// From a URL to a stream that is ready for the WebSocket handshake: name, addresses in turn, HTTP proxy, TLS. It never blocks but
// for the name service.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "sdk/net/connector.h"
#include "sdk/net/http_connect.h"
#include "sdk/net/route.h"
#include "sdk/net/stream.h"
#include "sdk/net/url.h"
#include "sdk/net/wait.h"
#include "tidewire/result.h"
#include "tidewire/tls.h"

namespace tidewire::net {

class Dialer {
public:
    /// Errors: the URL's or the proxy's host has no address, a file of `tls` is unusable. Trouble from then on is advance()'s.
    static Result<Dialer> start(Url url, std::optional<ProxyUrl> proxy, const TlsClientOptions& tls, TimePoint now);

    /// The same along a route that is known: nothing blocks.
    static Result<Dialer> start(const Route& route, TimePoint now);

    /// Goes on as far as it can without waiting. True: take() the stream. False: wait for fd() and interest(), no later than
    /// poll_timeout(), and call again. Errors name the step, the cause and the remedy.
    Result<bool> advance(TimePoint now);
    int fd() const;
    Interest interest() const;
    TimePoint poll_timeout() const { return connector_ ? connector_->poll_timeout() : never; }
    /// Precondition: advance() said true.
    Stream take() { return std::move(stream_); }

private:
    enum class Step : std::uint8_t { Connecting, Asking, Tunneling, Securing, Done };

    Result<bool> connect(TimePoint now);
    Result<bool> ask_proxy();
    Result<bool> hear_proxy();
    Result<bool> secure();
    Result<void> through();

    explicit Dialer(Route route) : route_(std::move(route)) {}

    Route route_;
    std::optional<Connector> connector_;  // while Connecting
    Socket socket_;                       // from then on, until the way is through
    Stream stream_;                       // from then on
    std::optional<HttpConnect> tunnel_;
    std::size_t asked_bytes_ = 0;  // of the CONNECT request
    Bytes answer_;
    Step step_ = Step::Connecting;
};

}  // namespace tidewire::net
