// Session and WebSocket, joined: what one puts out the other takes in.
#include "sdk/core/session/client_peer.h"

#include <algorithm>
#include <utility>

#include "tidewire/version.h"

namespace tidewire::session {

namespace {

/// Whoever has the session back for so long is back, though nobody tells it of the game because nobody looks.
constexpr Duration settled_after = std::chrono::seconds(5);

}  // namespace

ClientPeer::ClientPeer(const SchemaInfo& schema, ClientOptions options, std::string host, std::string target,
                       RandomSource random, TimePoint now)
    : options_(std::move(options)),
      host_(std::move(host)),
      target_(std::move(target)),
      random_(std::make_shared<RandomSource>(std::move(random))),
      connection_(connection(options_.connect_timeout, now)),
      session_(schema, options_, now),
      backoff_(options_.reconnect, this->random()) {}

ws::Connection ClientPeer::connection(std::chrono::milliseconds opening, TimePoint now) const {
    return ws::Connection::client(
        {.host = host_, .target = target_, .subprotocols = {subprotocol}, .origin = {}, .headers = {}},
        {.message_bytes_max = options_.message_bytes_max}, {.opening = opening}, random(), now);
}

void ClientPeer::attempt(TimePoint now) {
    backoff_.note_attempt();
    attempt_until_ = now + options_.reconnect.attempt_timeout;
    connection_ = connection(options_.reconnect.attempt_timeout, now);
}

TimePoint ClientPeer::next_attempt() const {
    return session_.state() == ClientState::Lost && connection_.finished() ? backoff_.next() : never;
}

void ClientPeer::receive(MutableByteSpan bytes, TimePoint now) {
    connection_.receive(bytes, now);
    pump(now);
}

void ClientPeer::receive_eof(TimePoint now) {
    connection_.receive_eof(now);
    pump(now);
}

void ClientPeer::abort(std::string_view reason, TimePoint now) {
    connection_.abort(reason, now);
    pump(now);
}

void ClientPeer::handle_timeout(TimePoint now) {
    if (now >= attempt_until_) connection_.abort("no answer to the attempt to come back", now);
    connection_.handle_timeout(now);
    // What the WebSocket has to say is more exact than what the session can: it goes first.
    pump(now);
    session_.handle_timeout(now);
    if (session_.lost() && now >= backoff_.give_up_at()) {
        session_.give_up("no way back to the server was found in " + std::to_string(options_.reconnect.give_up_after.count()) +
                             " ms and " + std::to_string(backoff_.attempts()) + " attempts; check the network (" + session_.loss() + ")",
                         now);
        connection_.abort("nobody tries any more", now);
    }
    pump(now);
}

bool ClientPeer::advance(TimePoint now, TimePoint shown) {
    const bool due = session_.advance(now, shown);
    pump(now);
    return due;
}

void ClientPeer::send_due_inputs(std::uint16_t type, const std::byte* aggregate, TimePoint now) {
    session_.send_due_inputs(type, aggregate, now);
    pump(now);
}

Result<void> ClientPeer::send_event(std::uint16_t type, const void* aggregate, TimePoint now) {
    if (connection_.transmit_bytes() > options_.event_bytes_unsent_max)
        return unexpected(Blame::Machine, "the link takes nothing (" + std::to_string(connection_.transmit_bytes()) +
                                              " bytes wait); wait until it does, and send what is still true then");
    auto sent = session_.send_event(type, aggregate, now);
    pump(now);
    return sent;
}

std::uint32_t ClientPeer::send_request(std::uint16_t type, const void* aggregate, TimePoint now) {
    const std::uint32_t id = session_.send_request(type, aggregate, now);
    pump(now);
    return id;
}

void ClientPeer::suspend(TimePoint now) {
    session_.suspend(now);
    pump(now);
}

void ClientPeer::resume(TimePoint now) {
    session_.resume(now);
    pump(now);
}

void ClientPeer::close(std::string_view reason, TimePoint now) {
    session_.close(static_cast<std::uint16_t>(ws::CloseCode::Normal), reason, now);
    pump(now);
}

TimePoint ClientPeer::poll_timeout() const {
    const TimePoint due = std::min(connection_.poll_timeout(), session_.poll_timeout());
    return session_.lost() ? std::min({due, attempt_until_, next_attempt(), backoff_.give_up_at()}) : due;
}

/// The stream is gone, or an attempt at another.
void ClientPeer::note_lost(TimePoint now) {
    if (!session_.lost()) return;
    connection_.abort("lost", now);  // and not closed in order
    attempt_until_ = never;
    if (welcomed_at_ != never && now - welcomed_at_ >= settled_after) backoff_.end();
    welcomed_at_ = never;
    // It counts for the next attempt alone: what was true when the server went is not true for ever.
    const auto told = session_.take_retry_after();
    if (backoff_.lost_at() == never)
        backoff_.begin(now, told);
    else
        backoff_.note_failed(now, told);
}

void ClientPeer::pump(TimePoint now) {
    transmit_session(now);
    while (const std::optional<ws::Event> event = connection_.poll_event(now)) {
        handle(*event, now);
        transmit_session(now);
    }
}

void ClientPeer::handle(const ws::Event& event, TimePoint now) {
    switch (event.kind) {
        case ws::Event::Kind::Request:
            break;  // of servers only
        case ws::Event::Kind::Opened:
            session_.transport_opened(now);
            break;
        case ws::Event::Kind::Message:
            if (event.message_kind == ws::MessageKind::Binary)
                receive_message(event.bytes, now);
            else
                session_.close(static_cast<std::uint16_t>(ws::CloseCode::UnsupportedData),
                               "the server sent a text message; Tidewire's messages are binary", now);
            break;
        case ws::Event::Kind::Pong:
            // To a ping of the connection's own. A server may hold it until its next tick, and cannot say for how long: the round trip is
            // measured by the session's Pings.
            break;
        case ws::Event::Kind::Closed:
            if (event.retry_after.count() > 0) session_.note_retry_after(event.retry_after);
            session_.transport_closed(static_cast<std::uint16_t>(event.close_code), as_text(event.bytes), now,
                                      event.by_peer);
            note_lost(now);
            break;
    }
}

void ClientPeer::receive_message(ByteSpan message, TimePoint now) {
    const bool was_lost = session_.lost();
    const std::uint64_t ticks = session_.counters().ticks;
    session_.receive(message, now);
    if (session_.lost()) return;
    if (was_lost) {
        attempt_until_ = never;
        welcomed_at_ = now;
    }
    // A way that breaks right behind each Welcome is no way back: the next attempt is not a first one.
    if (welcomed_at_ == never || session_.counters().ticks == ticks) return;
    welcomed_at_ = never;
    backoff_.end();
}

void ClientPeer::transmit_session(TimePoint now) {
    while (const std::optional<Bytes> message = session_.poll_transmit()) {
        if (!connection_.open()) continue;
        // What was accepted may not be lost, so a link that takes nothing any more ends here.
        if (const Result<void> sent = connection_.send(ws::MessageKind::Binary, *message); !sent)
            connection_.abort("the server does not read what it is sent: " + sent.error().message, now);
    }
    if (const std::optional<ClientEvent>& close = session_.wants_close())
        connection_.close(static_cast<ws::CloseCode>(close->close_code), close->reason, now);
}

}  // namespace tidewire::session
