// Session and WebSocket, joined: what one puts out the other takes in.
#include "sdk/core/session/client_peer.h"

#include <algorithm>
#include <utility>

#include "tidewire/version.h"

namespace tidewire::session {

namespace {

ws::Connection make_connection(const ClientOptions& options, std::string host, std::string target, RandomSource random,
                               TimePoint now) {
    return ws::Connection::client({.host = std::move(host),
                                   .target = std::move(target),
                                   .subprotocols = {subprotocol},
                                   .origin = {},
                                   .headers = {}},
                                  {.message_bytes_max = options.message_bytes_max},
                                  {.opening = options.connect_timeout}, std::move(random), now);
}

}  // namespace

ClientPeer::ClientPeer(const SchemaInfo& schema, ClientOptions options, std::string host, std::string target,
                       RandomSource random, TimePoint now)
    : event_bytes_unsent_max_(options.event_bytes_unsent_max),
      connection_(make_connection(options, std::move(host), std::move(target), std::move(random), now)),
      session_(schema, std::move(options), now) {}

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
    connection_.handle_timeout(now);
    // What the WebSocket has to say is more exact than what the session can: it goes first.
    pump(now);
    session_.handle_timeout(now);
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
    if (connection_.transmit_bytes() > event_bytes_unsent_max_)
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

TimePoint ClientPeer::poll_timeout() const { return std::min(connection_.poll_timeout(), session_.poll_timeout()); }

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
                session_.receive(event.bytes, now);
            else
                session_.close(static_cast<std::uint16_t>(ws::CloseCode::UnsupportedData),
                               "the server sent a text message; Tidewire's messages are binary", now);
            break;
        case ws::Event::Kind::Pong:
            // To a ping of the connection's own. A server may hold it until its next tick, and cannot say for how long: the round trip is
            // measured by the session's Pings.
            break;
        case ws::Event::Kind::Closed:
            session_.transport_closed(static_cast<std::uint16_t>(event.close_code), as_text(event.bytes), now);
            break;
    }
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
