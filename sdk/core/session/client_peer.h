// A client's session over its WebSocket: bytes and time go in, bytes and events come out. Tests drive it in virtual time,
// the Client facade over a socket; neither adds a rule of its own.
#pragma once

#include <memory>
#include <string>

#include "sdk/core/session/backoff.h"
#include "sdk/core/session/client_session.h"
#include "sdk/core/ws/connection.h"

namespace tidewire::session {

class ClientPeer {
public:
    /// `host` and `target` go into the handshake. `schema` must outlive the peer.
    ClientPeer(const SchemaInfo& schema, ClientOptions options, std::string host, std::string target,
               RandomSource random, TimePoint now);

    // Whoever loses the connection of a game tries for another, until ReconnectOptions says that it is enough.
    /// A new stream to the server should be opened now. Answer with attempt(), and abort() when there is none to be had.
    bool wants_stream(TimePoint now) const {
        return session_.state() == ClientState::Lost && connection_.finished() && now >= backoff_.next();
    }
    /// A stream is being opened: the handshake begins.
    void attempt(TimePoint now);
    /// Nothing goes by the last stream any more; there may be another.
    bool disconnected() const { return connection_.finished(); }
    /// Attempts since the loss, the one on its way included; 0 while the session is not lost().
    std::uint32_t attempts() const { return session_.lost() ? backoff_.attempts() : 0; }
    /// When the next one begins; `never` while the session is not lost, or one is on its way.
    TimePoint next_attempt() const;

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
    /// For good: the stream may be closed.
    bool finished() const { return connection_.finished() && session_.state() == ClientState::Closed; }

    ClientSession& session() { return session_; }
    const ClientSession& session() const { return session_; }

private:
    void pump(TimePoint now);
    void handle(const ws::Event& event, TimePoint now);
    void receive_message(ByteSpan message, TimePoint now);
    void transmit_session(TimePoint now);

    /// Draws from the one source, however often it is copied.
    RandomSource random() const {
        return [random = random_](MutableByteSpan bytes) { (*random)(bytes); };
    }
    /// Of the game's first connection, or of an attempt to come back.
    ws::Connection connection(std::chrono::milliseconds opening, TimePoint now) const;
    void note_lost(TimePoint now);

    ClientOptions options_;
    std::string host_;
    std::string target_;
    std::shared_ptr<RandomSource> random_;
    ws::Connection connection_;
    ClientSession session_;
    Backoff backoff_;
    TimePoint attempt_until_ = never;  // while one is on its way
    TimePoint welcomed_at_ = never;    // since then it has the session again, and no tick has come yet
};

}  // namespace tidewire::session
