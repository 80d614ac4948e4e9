// The pump between a socket and a client's session.
#include "sdk/client/link.h"

#include <algorithm>

#include "sdk/net/system.h"
#include "sdk/net/wait.h"

namespace tidewire {

namespace {

/// Larger than what a tick brings; read again and again while more waits.
constexpr std::size_t buffer_bytes = 64 * 1024;
/// A peer that sends faster than we read must not keep the game from its next frame.
constexpr int reads_max = 64;

Result<net::Dialer> dial(const ClientOptions& options, const net::Url& url, TimePoint now) {
    std::optional<net::ProxyUrl> proxy;
    if (!options.proxy.empty()) {
        auto parsed = net::parse_proxy_url(options.proxy);
        if (!parsed) return Unexpected{parsed.error()};
        proxy = std::move(*parsed);
    }
    return net::Dialer::start(url, std::move(proxy), options.tls, now);
}

}  // namespace

Link::Link(const SchemaInfo& schema, const ClientOptions& options, const net::Url& url, TimePoint now)
    : peer_(schema, options, url.authority(), url.target, net::system_random(), now),
      name_((url.secure ? "wss://" : "ws://") + url.authority()),
      connect_timeout_(options.connect_timeout),
      connect_deadline_(now + options.connect_timeout),
      buffer_(buffer_bytes) {
    auto dialer = dial(options, url, now);
    if (dialer) {
        dialer_ = std::move(*dialer);
    } else {
        fail(dialer.error().message, now);
    }
}

void Link::pump(TimePoint now) {
    if (dialer_) connect(now);
    read(now);
    if (now >= peer_.poll_timeout()) peer_.handle_timeout(now);
    write(now);
    if (finished()) {
        dialer_.reset();
        stream_.reset();
    }
}

void Link::connect(TimePoint now) {
    auto ready = dialer_->advance(now);
    if (!ready) return fail(ready.error().message, now);
    if (*ready) {
        stream_ = dialer_->take();
        dialer_.reset();
    } else if (now >= connect_deadline_) {
        fail("could not connect to " + name_ + ": no answer within " + std::to_string(connect_timeout_.count()) +
                 " ms; check the address, the network and the firewall",
             now);
    }
}

void Link::read(TimePoint now) {
    for (int reads = 0; reads < reads_max && reading_ && stream_ && !finished(); ++reads) {
        const net::Transfer transfer = stream_->read(buffer_);
        switch (transfer.outcome) {
            case net::Transfer::Outcome::Done:
                peer_.receive(MutableByteSpan(buffer_).first(transfer.bytes), now);
                break;
            case net::Transfer::Outcome::WouldBlock:
                return;
            case net::Transfer::Outcome::Eof:
                reading_ = false;
                // A player is told what that means; after a goodbye of either side it is no news.
                if (is_open()) {
                    cut_off_ = true;
                    return peer_.abort("the server ended without a word; it crashed or the network failed", now);
                }
                peer_.receive_eof(now);
                return;
            case net::Transfer::Outcome::Failed:
                reading_ = false;
                return fail("the connection to " + name_ + " was lost: " + transfer.message, now);
        }
    }
}

bool Link::is_open() const {
    const session::ClientState state = peer_.session().state();
    return state == session::ClientState::Joining || state == session::ClientState::Playing;
}

void Link::write(TimePoint now) {
    while (stream_) {
        const auto parts = peer_.poll_transmit();
        if (parts.empty()) return;
        const net::Transfer transfer = stream_->write(parts);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return;
        if (transfer.outcome != net::Transfer::Outcome::Done) {
            // A server that refuses and closes has said why: that is still to be read.
            read(now);
            return fail("the connection to " + name_ + " was lost: " + transfer.message, now);
        }
        peer_.transmitted(transfer.bytes, now);
    }
}

void Link::fail(std::string_view reason, TimePoint now) {
    // After a goodbye of either side the stream's end is no news.
    failed_ = failed_ || peer_.session().state() != session::ClientState::Closed;
    dialer_.reset();
    peer_.abort(reason, now);
}

void Link::wait(TimePoint now, TimePoint until) {
    until = std::min(until, peer_.poll_timeout());
    if (dialer_) {
        until = std::min({until, dialer_->poll_timeout(), connect_deadline_});
        net::wait(dialer_->fd(), dialer_->interest(), until - now);
    } else if (!stream_) {
        net::wait(-1, {}, until - now);
    } else if (!stream_->pending()) {
        const bool write = stream_->wants_write() || !peer_.poll_transmit().empty();
        net::wait(stream_->fd(), {.readable = reading_, .writable = write}, until - now);
    }
}

}  // namespace tidewire
