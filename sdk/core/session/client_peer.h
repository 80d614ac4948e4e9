// A client's session over its WebSocket: bytes and time go in, bytes and events come out. Tests drive it in virtual time,
// the Client facade over a socket; neither adds a rule of its own.
#pragma once

#include "sdk/core/session/client_session.h"
#include "sdk/core/ws/connection.h"

namespace tidewire::session {

class ClientPeer {
public:
    /// `host` and `target` go into the handshake. `schema` must outlive the peer.
    ClientPeer(const SchemaInfo& schema, ClientOptions options, std::string host, std::string target,
               RandomSource random, TimePoint now);

    void receive(MutableByteSpan bytes, TimePoint now);
    void receive_eof(TimePoint now);
    /// The stream failed (connect, read or write): `reason` becomes the Closed event's.
    void abort(std::string_view reason, TimePoint now);
    void handle_timeout(TimePoint now);

    /// The program's frame: ClientSession::advance().
    bool advance(TimePoint now, TimePoint shown);
    bool advance(TimePoint now) { return advance(now, now); }
    void send_due_inputs(std::uint16_t type, const std::byte* aggregate, TimePoint now);
    /// ClientSession's; errors also when the link has not taken what was sent before.
    Result<void> send_event(std::uint16_t type, const void* aggregate, TimePoint now);
    std::uint32_t send_request(std::uint16_t type, const void* aggregate, TimePoint now);
    void suspend(TimePoint now);
    void resume(TimePoint now);
    void close(std::string_view reason, TimePoint now);

    std::span<const ByteSpan> poll_transmit() { return connection_.poll_transmit(); }
    void transmitted(std::size_t bytes, TimePoint now) { connection_.transmitted(bytes, now); }
    std::optional<ClientEvent> poll_event() { return session_.poll_event(); }
    TimePoint poll_timeout() const;
    /// The stream may be closed.
    bool finished() const { return connection_.finished(); }

    ClientSession& session() { return session_; }
    const ClientSession& session() const { return session_; }

private:
    void pump(TimePoint now);
    void handle(const ws::Event& event, TimePoint now);
    void transmit_session(TimePoint now);

    std::size_t event_bytes_unsent_max_;
    ws::Connection connection_;
    ClientSession session_;
};

}  // namespace tidewire::session
