// One connection of a server: its stream, its engine, and the way from a PROXY header through TLS to an open WebSocket.
// It knows no other connection and no poller.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sdk/core/ws/connection.h"
#include "sdk/net/proxy_header_reader.h"
#include "sdk/net/stream.h"
#include "sdk/net/wait.h"
#include "sdk/websocket/rules.h"

namespace tidewire::websocket {

/// After read(), handle_timeout() or a command: drain poll_event(), then flush(), then watch fd() for interest().
class Peer {
public:
    /// `rules` must outlive it. Errors: TLS cannot start.
    static Result<std::unique_ptr<Peer>> accept(net::Socket socket, std::string address, const Rules& rules,
                                                TimePoint now);

    // Input.

    /// Goes on with what comes first, then reads once. `buffer` must stay as it is until poll_event() is drained.
    void read(MutableByteSpan buffer, TimePoint now);
    /// Does nothing before poll_timeout().
    void handle_timeout(TimePoint now);

    // Commands.

    /// As Server::send().
    Result<void> send(MessageKind kind, ByteSpan payload, TimePoint now);
    void close(ws::CloseCode code, std::string_view reason, TimePoint now);
    /// The server goes: 1001 for whoever is open, a plain end for the others.
    void stop(TimePoint now);

    // Output.

    /// Without Event::connection. A connection that was not open for the application shows it nothing.
    std::optional<Event> poll_event(TimePoint now);
    /// Writes what is queued, as far as the stream takes it.
    void flush(TimePoint now);
    /// True once after a refused send(), when there is room again.
    bool take_writable();
    /// What to watch. Nobody is read from who does not read: the answers would only pile up.
    net::Interest interest() const;
    /// There is something to read that the poller does not see.
    bool wants_read() const { return trouble_ || (stream_.pending() && interest().readable); }
    /// The stream waits for the poller's word "writable" to go on reading.
    bool reads_when_writable() const { return stream_.wants_write(); }
    TimePoint poll_timeout() const { return connection_.poll_timeout(); }
    bool finished() const { return connection_.finished(); }
    std::size_t transmit_bytes() const { return connection_.transmit_bytes(); }
    int fd() const { return stream_.fd(); }

    // What the server's loop remembers of it.

    net::Interest watched{};      ///< By the poller.
    bool queued = false;          ///< For a turn of its own.
    TimePoint scheduled = never;  ///< In the heap of deadlines.

private:
    /// What is needed of a connection until it is open, and let go then.
    struct Opening {
        std::optional<net::ProxyHeaderReader> proxy_header;  // while it is expected
        std::string peer_address;
        std::string path;
    };

    Peer(net::Socket socket, std::string address, const Rules& rules, TimePoint now);
    bool read_proxy_header(TimePoint now);
    bool establish(TimePoint now);
    void answer_request(TimePoint now);

    const Rules* rules_;
    net::Stream stream_;
    ws::Connection connection_;
    std::unique_ptr<Opening> opening_;
    std::optional<std::string> trouble_;  // the stream takes nothing more, and this is why
    bool announced_ = false;              // the application has seen Opened
    bool refused_ = false;                // send() said no: Writable is owed
    bool eof_ = false;
    bool shut_down_ = false;
};

}  // namespace tidewire::websocket
