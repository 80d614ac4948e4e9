// The pump between a socket and a client's session.
#include "sdk/client/link.h"

#include <algorithm>
#include <utility>

#include "sdk/net/system.h"

namespace tidewire {

namespace {

/// Larger than what a tick brings; read again and again while more waits.
constexpr std::size_t buffer_bytes = 64 * 1024;
/// A peer that sends faster than we read must not keep the game from its next frame.
constexpr int reads_max = 64;
/// How long the end waits for the server's close frame.
constexpr Duration close_patience = std::chrono::seconds(1);

}  // namespace

Result<net::Dialer> Link::Destination::dial(TimePoint now) const {
    std::optional<net::ProxyUrl> by;
    if (!proxy.empty()) {
        auto parsed = net::parse_proxy_url(proxy);
        if (!parsed) return Unexpected{parsed.error()};
        by = std::move(*parsed);
    }
    return net::Dialer::start(url, std::move(by), tls, now);
}

Link::Link(const SchemaInfo& schema, const ClientOptions& options, const net::Url& url, TimePoint now)
    : peer_(schema, options, url.authority(), url.target, net::system_random(), now),
      destination_{.url = url, .proxy = options.proxy, .tls = options.tls},
      connect_timeout_(options.connect_timeout),
      attempt_timeout_(options.reconnect.attempt_timeout),
      connect_deadline_(now + options.connect_timeout) {}

void Link::note_asked(TimePoint now) {
    asking_ = true;
    // The first connection began with the link itself.
    if (std::exchange(asked_, true)) {
        dialer_.reset();
        stream_.reset();
        peer_.attempt(now);
        connect_deadline_ = now + attempt_timeout_;
        connect_timeout_ = attempt_timeout_;
        reading_ = true;
        cut_off_ = false;
    }
}

void Link::start(Result<net::Dialer> dialer, TimePoint now) {
    if (wants_dial(now)) note_asked(now);
    asking_ = false;
    // It has taken so long that nobody waits for it any more.
    if (finished() || peer_.disconnected()) return;
    if (!dialer) return fail(dialer.error().message, now);
    dialer_ = std::move(*dialer);
}

void Link::pump(TimePoint now) {
    buffer_.resize(buffer_bytes);
    pump(now, buffer_);
}

void Link::pump(TimePoint now, MutableByteSpan room) {
    if (dialer_) connect(now);
    read(room, now);
    run_limits(now);
    write(room, now);
    if (peer_.disconnected()) {
        dialer_.reset();
        stream_.reset();
    }
}

Link::Rest Link::rest() {
    Rest rest{.fd = -1, .interest = {.readable = false, .writable = false}, .until = peer_.poll_timeout()};
    if (finished()) return {.fd = -1, .interest = rest.interest, .until = never};
    rest.until = std::min(rest.until, close_deadline_);
    if (dialer_) {
        rest.fd = dialer_->fd();
        rest.interest = dialer_->interest();
        rest.until = std::min(rest.until, dialer_->poll_timeout());
    }
    if (stream_) {
        rest.fd = stream_->fd();
        rest.interest = stream_->interest(reading_, !peer_.poll_transmit().empty());
        rest.until = std::min(rest.until, stream_->poll_timeout(reading_));
    } else if (!peer_.disconnected()) {
        rest.until = std::min(rest.until, connect_deadline_);
    }
    return rest;
}

void Link::close(TimePoint now) {
    peer_.close("the client left", now);
    // Nobody is there yet to be told.
    if (!stream_) peer_.abort("the client left", now);
}

void Link::simulate(const net::LinkPreset& preset, TimePoint now) {
    simulated_ = preset;
    if (stream_) stream_->degrade(preset.up, preset.down, now);
}

void Link::connect(TimePoint now) {
    auto ready = dialer_->advance(now);
    if (!ready) return fail(ready.error().message, now);
    if (!*ready) return;
    stream_.emplace(dialer_->take());
    dialer_.reset();
    if (simulated_) stream_->degrade(simulated_->up, simulated_->down, now);
}

void Link::read(MutableByteSpan room, TimePoint now) {
    for (int reads = 0; reads < reads_max && reading_ && stream_ && !peer_.disconnected(); ++reads) {
        const net::Transfer transfer = stream_->read(room, now);
        switch (transfer.outcome) {
            case net::Transfer::Outcome::Done:
                peer_.receive(room.first(transfer.bytes), now);
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
                return fail("the connection to " + destination_.name() + " was lost: " + transfer.message, now);
        }
    }
}

void Link::run_limits(TimePoint now) {
    if (!stream_ && now >= connect_deadline_ && !peer_.disconnected())
        fail("could not connect to " + destination_.name() + ": no answer within " +
                 std::to_string(connect_timeout_.count()) + " ms; check the address, the network and the firewall",
             now);
    if (now >= peer_.poll_timeout()) peer_.handle_timeout(now);
    if (session().state() == session::ClientState::Closed && close_deadline_ == never)
        close_deadline_ = now + close_patience;
    if (now >= close_deadline_) peer_.abort("the server did not answer the close frame", now);
}

bool Link::is_open() const {
    const session::ClientState state = session().state();
    return state == session::ClientState::Joining || state == session::ClientState::Playing ||
           state == session::ClientState::Resuming;
}

void Link::write(MutableByteSpan room, TimePoint now) {
    while (stream_) {
        const auto parts = peer_.poll_transmit();
        if (parts.empty()) break;
        const net::Transfer transfer = stream_->write(parts, now);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) break;
        if (transfer.outcome != net::Transfer::Outcome::Done) return write_failed(transfer.message, room, now);
        peer_.transmitted(transfer.bytes, now);
    }
    if (!stream_) return;
    const net::Transfer carried = stream_->carry(now);
    if (carried.outcome != net::Transfer::Outcome::Done) write_failed(carried.message, room, now);
}

void Link::write_failed(std::string_view message, MutableByteSpan room, TimePoint now) {
    // A server that refuses and closes has said why: that is still to be read.
    read(room, now);
    fail("the connection to " + destination_.name() + " was lost: " + std::string(message), now);
}

void Link::fail(std::string_view reason, TimePoint now) {
    // After a goodbye of either side the stream's end is no news.
    const bool was_over = session().state() == session::ClientState::Closed;
    dialer_.reset();
    peer_.abort(reason, now);
    failed_ = failed_ || (!was_over && session().state() == session::ClientState::Closed);
}

}  // namespace tidewire
