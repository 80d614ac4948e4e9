// From a URL to a stream that is ready for the WebSocket handshake.
#include "sdk/net/dialer.h"

#include <array>

namespace tidewire::net {

Result<Dialer> Dialer::start(Url url, std::optional<ProxyUrl> proxy, const TlsClientOptions& tls, TimePoint now) {
    auto route = Route::find(std::move(url), std::move(proxy), tls);
    if (!route) return Unexpected{route.error()};
    return start(*route, now);
}

Result<Dialer> Dialer::start(const Route& route, TimePoint now) {
    Dialer dialer(route);
    auto connector = Connector::start(std::move(dialer.route_.addresses), route.port(), route.name(), now);
    if (!connector) return Unexpected{connector.error()};
    dialer.connector_ = std::move(*connector);
    return dialer;
}

int Dialer::fd() const {
    switch (step_) {
        case Step::Connecting:
            return connector_->fd();
        case Step::Asking:
        case Step::Tunneling:
            return socket_.fd();
        case Step::Securing:
        case Step::Done:
            break;
    }
    return stream_.fd();
}

Interest Dialer::interest() const {
    const bool write =
        step_ == Step::Connecting || step_ == Step::Asking || (step_ == Step::Securing && stream_.wants_write());
    return {.readable = !write, .writable = write};
}

Result<bool> Dialer::advance(TimePoint now) {
    while (step_ != Step::Done) {
        // Each step says whether the next one may begin.
        Result<bool> stepped = false;
        switch (step_) {
            case Step::Connecting:
                stepped = connect(now);
                break;
            case Step::Asking:
                stepped = ask_proxy();
                break;
            case Step::Tunneling:
                stepped = hear_proxy();
                break;
            case Step::Securing:
                stepped = secure();
                break;
            case Step::Done:
                break;
        }
        if (!stepped || !*stepped) return stepped;
    }
    return true;
}

Result<bool> Dialer::connect(TimePoint now) {
    auto connected = connector_->advance(now);
    if (!connected) return Unexpected{connected.error()};
    if (!*connected) return false;
    socket_ = std::move(**connected);
    connector_.reset();
    if (route_.proxy) {
        tunnel_.emplace(*route_.proxy, host_and_port(route_.url.host, route_.url.port));
        step_ = Step::Asking;
        return true;
    }
    if (auto ready = through(); !ready) return Unexpected{ready.error()};
    return true;
}

Result<bool> Dialer::ask_proxy() {
    while (asked_bytes_ < tunnel_->request().size()) {
        const ByteSpan rest = tunnel_->request().subspan(asked_bytes_);
        const Transfer transfer = socket_.write({&rest, 1});
        if (transfer.outcome == Transfer::Outcome::WouldBlock) return false;
        if (transfer.outcome != Transfer::Outcome::Done)
            return unexpected(Blame::Machine, route_.name() + ": " + transfer.message);
        asked_bytes_ += transfer.bytes;
    }
    step_ = Step::Tunneling;
    return true;
}

Result<bool> Dialer::hear_proxy() {
    std::array<std::byte, 2048> buffer;
    for (;;) {
        const Transfer transfer = socket_.read(buffer);
        if (transfer.outcome == Transfer::Outcome::WouldBlock) return false;
        if (transfer.outcome == Transfer::Outcome::Eof)
            return unexpected(Blame::Peer, route_.name() + " closed the connection without an answer to CONNECT");
        if (transfer.outcome == Transfer::Outcome::Failed)
            return unexpected(Blame::Machine, route_.name() + ": " + transfer.message);
        append(answer_, ByteSpan(buffer).first(transfer.bytes));
        auto taken = tunnel_->receive(answer_);
        if (!taken) return Unexpected{taken.error()};
        if (!*taken) continue;
        // The client speaks first, in TLS as in WebSocket: whatever follows is not from our server.
        if (**taken != answer_.size())
            return unexpected(Blame::Peer, route_.name() + " sent more than an answer to CONNECT");
        if (auto ready = through(); !ready) return Unexpected{ready.error()};
        return true;
    }
}

/// The way to the server is free.
Result<void> Dialer::through() {
    if (!route_.tls) {
        stream_ = Stream(std::move(socket_));
        step_ = Step::Done;
        return {};
    }
    auto stream = Stream::secure(std::move(socket_), *route_.tls, route_.url.host);
    if (!stream) return Unexpected{stream.error()};
    stream_ = std::move(*stream);
    step_ = Step::Securing;
    return {};
}

Result<bool> Dialer::secure() {
    const Transfer transfer = stream_.establish();
    switch (transfer.outcome) {
        case Transfer::Outcome::Done:
            step_ = Step::Done;
            return true;
        case Transfer::Outcome::WouldBlock:
            return false;
        case Transfer::Outcome::Eof:
            return unexpected(
                Blame::Peer,
                route_.url.authority() +
                    " ended the TLS handshake; does it speak TLS on this port? If not, the URL begins with ws://");
        case Transfer::Outcome::Failed:
            break;
    }
    return unexpected(Blame::Peer, transfer.message);
}

}  // namespace tidewire::net
