// One connection of a server.
#include "sdk/websocket/peer.h"

#include <array>
#include <utility>

#include "sdk/core/ws/origin.h"
#include "sdk/net/proxy_protocol.h"
#include "sdk/websocket/convert.h"

namespace tidewire::websocket {

namespace {

/// Messages from here on are written at once, so that only what the socket refused is copied.
constexpr std::size_t write_at_once_bytes = 16 * 1024;

}  // namespace

Peer::Peer(net::Socket socket, std::string address, const Rules& rules, TimePoint now)
    : rules_(&rules),
      stream_(std::move(socket)),
      connection_(ws::Connection::server(rules.limits, rules.timeouts, now)),
      opening_(std::make_unique<Opening>()) {
    if (rules.options.proxy_protocol && rules.trusts(address)) opening_->proxy_header.emplace();
    opening_->peer_address = std::move(address);
}

Result<std::unique_ptr<Peer>> Peer::accept(net::Socket socket, std::string address, const Rules& rules, TimePoint now) {
    std::unique_ptr<Peer> peer(new Peer(std::move(socket), std::move(address), rules, now));
    if (rules.tls && !peer->opening_->proxy_header)
        if (auto started = peer->stream_.start_tls(*rules.tls); !started) return Unexpected{started.error()};
    return peer;
}

void Peer::read(MutableByteSpan buffer, TimePoint now) {
    if (opening_ && opening_->proxy_header && !read_proxy_header(now)) return;
    if (!stream_.established() && !establish(now)) return;
    const net::Transfer transfer = stream_.read(buffer);
    if (transfer.outcome == net::Transfer::Outcome::Done) return connection_.receive(buffer.first(transfer.bytes), now);
    // After a failed write this was the last look.
    if (trouble_) return connection_.abort(*trouble_, now);
    if (transfer.outcome == net::Transfer::Outcome::Failed) return connection_.abort(transfer.message, now);
    if (transfer.outcome == net::Transfer::Outcome::Eof) {
        eof_ = true;
        connection_.receive_eof(now);
    }
}

/// Takes the header off the front of the stream and nothing of what follows, which may be TLS. False: it is not whole, or the
/// connection has ended.
bool Peer::read_proxy_header(TimePoint now) {
    const auto header = opening_->proxy_header->read(stream_);
    if (!header) {
        connection_.abort(header.error().message, now);
        return false;
    }
    if (!*header) return false;
    if ((*header)->client) opening_->peer_address = (*header)->client->to_string();
    opening_->proxy_header.reset();
    if (!rules_->tls) return true;
    if (const auto started = stream_.start_tls(*rules_->tls); !started) {
        connection_.abort(started.error().message, now);
        return false;
    }
    return true;
}

bool Peer::establish(TimePoint now) {
    const net::Transfer transfer = stream_.establish();
    if (transfer.outcome == net::Transfer::Outcome::Eof)
        connection_.abort("the stream ended in the TLS handshake", now);
    if (transfer.outcome == net::Transfer::Outcome::Failed) connection_.abort(transfer.message, now);
    return transfer.outcome == net::Transfer::Outcome::Done;
}

void Peer::handle_timeout(TimePoint now) {
    if (connection_.poll_timeout() > now) return;
    const bool speaks = stream_.established() && !(opening_ && opening_->proxy_header);
    // Nobody to whom an HTTP answer could be said.
    if (!speaks) return connection_.abort("it was not open within the opening timeout", now);
    connection_.handle_timeout(now);
}

Result<void> Peer::send(MessageKind kind, ByteSpan payload, TimePoint now) {
    if (!announced_)
        return unexpected(Blame::Caller,
                          "there is no such open connection; send after its Opened event and before Closed");
    auto sent = connection_.send(to_engine(kind), payload);
    if (!sent) {
        refused_ = refused_ || sent.error().blame == Blame::Peer;
        return sent;
    }
    if (payload.size() >= write_at_once_bytes && !watched.writable) flush(now);
    connection_.retain_unsent();
    return {};
}

void Peer::close(ws::CloseCode code, std::string_view reason, TimePoint now) { connection_.close(code, reason, now); }

void Peer::stop(TimePoint now) {
    if (connection_.open())
        connection_.close(ws::CloseCode::GoingAway, "the server stops", now);
    else if (opening_ && !announced_)
        connection_.abort("the server stops", now);
}

std::optional<Event> Peer::poll_event(TimePoint now) {
    if (announced_) opening_.reset();
    while (const auto event = connection_.poll_event(now)) {
        Event out{.message_kind = from_engine(event->message_kind)};
        switch (event->kind) {
            case ws::Event::Kind::Request:
                answer_request(now);
                break;
            case ws::Event::Kind::Opened:
                announced_ = true;
                out.kind = EventKind::Opened;
                out.path = opening_->path;
                out.peer_address = opening_->peer_address;
                out.subprotocol = connection_.subprotocol();
                return out;
            case ws::Event::Kind::Message:
                out.kind = EventKind::Message;
                out.bytes = event->bytes;
                return out;
            case ws::Event::Kind::Pong:
                break;
            case ws::Event::Kind::Closed:
                if (!announced_) break;
                out.kind = EventKind::Closed;
                out.close_code = static_cast<std::uint16_t>(event->close_code);
                out.reason = as_text(event->bytes);
                return out;
        }
    }
    return std::nullopt;
}

void Peer::answer_request(TimePoint now) {
    constexpr const char* text = "text/plain; charset=utf-8";
    const ws::Request& request = connection_.request();
    if (!request.upgrade) {
        // RFC 9110 15.5.22: the answer says to what.
        const std::array<ws::HeaderField, 2> fields = {{{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}};
        return connection_.respond(426, text, "This address speaks WebSocket; connect with a ws:// or wss:// URL.\n",
                                   fields, now);
    }
    if (!ws::origin_allowed(request, rules_->options.origins_allowed))
        return connection_.respond(403, text, "Pages of this origin may not connect; the operator can allow it.\n", {},
                                   now);
    opening_->path = request.target;
    if (rules_->trusts(opening_->peer_address)) {
        // All the fields: a front may add its own behind one that the client has made up.
        const std::string forwarded = ws::joined_header(request.headers, "X-Forwarded-For");
        if (const auto client = net::forwarded_client(forwarded, rules_->trusted))
            opening_->peer_address = client->to_string();
    }
    connection_.accept(rules_->choose_subprotocol(request.subprotocols), {}, now);
}

void Peer::flush(TimePoint now) {
    if (stream_.established() && !trouble_) trouble_ = websocket::flush(connection_, stream_, now);
    if (connection_.wants_shutdown() && !std::exchange(shut_down_, true)) stream_.shut_down_sending();
}

bool Peer::take_writable() {
    if (!connection_.open() || transmit_bytes() > writable_bytes(rules_->limits.transmit_bytes_max)) return false;
    return std::exchange(refused_, false);
}

net::Interest Peer::interest() const {
    if (!stream_.established()) return {.readable = !stream_.wants_write(), .writable = stream_.wants_write()};
    return {.readable = !eof_ && transmit_bytes() <= writable_bytes(rules_->limits.transmit_bytes_max),
            .writable = transmit_bytes() > 0 || stream_.wants_write()};
}

}  // namespace tidewire::websocket
