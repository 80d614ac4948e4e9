// A client's session over one stream, plain or TLS: carries bytes and time between both. It decides nothing of the protocol, knows no
// thread and never sleeps: whoever has one pumps it, from a thread of its own or in between frames.
#pragma once

#include <optional>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/session/client_peer.h"
#include "sdk/net/degraded_stream.h"
#include "sdk/net/dialer.h"
#include "sdk/net/link_presets.h"
#include "sdk/net/url.h"

namespace tidewire {

class Link {
public:
    /// Where to, and by which way.
    struct Destination {
        net::Url url;
        std::string proxy;
        TlsClientOptions tls;

        /// Begins to connect. This alone may block, on the name service, so it is apart from all that the session does.
        Result<net::Dialer> dial(TimePoint now) const;
        /// "ws://localhost:7777"
        std::string name() const { return (url.secure ? "wss://" : "ws://") + url.authority(); }
    };

    /// What to sleep on before the next pump(), and until when at most.
    struct Rest {
        int fd = -1;  // none
        net::Interest interest{};
        TimePoint until = never;
    };

    /// The session begins; start() is to come. Trouble, then and later, is in the session's Closed event.
    Link(const SchemaInfo& schema, const ClientOptions& options, const net::Url& url, TimePoint now);

    const Destination& destination() const { return destination_; }
    /// destination().dial() should be asked: at first, and whenever a lost connection is to be replaced.
    bool wants_dial(TimePoint now) const { return !asked_ || peer_.wants_stream(now); }
    /// It is being asked now, which may take a while: until start() nobody else looks at the clock.
    void note_asked(TimePoint now);
    /// Takes what it has said.
    void start(Result<net::Dialer> dialer, TimePoint now);
    bool started() const { return asked_ && !asking_; }

    /// Connects on, reads, writes and runs time limits, as far as it can without waiting. Instants never fall.
    void pump(TimePoint now);
    /// The same; bytes are read into the caller's room, which many links may share.
    void pump(TimePoint now, MutableByteSpan room);
    /// Something may have to be written that was not before a call to peer(): then its interest or instant says so.
    Rest rest();
    /// Leaves: says so where there is somebody to hear it, and pumps for a second at most until it was answered.
    void close(TimePoint now);

    /// The stream is as bad as this from now on, beside what it is by itself.
    void simulate(const net::LinkPreset& preset, TimePoint now);

    session::ClientPeer& peer() { return peer_; }
    const session::ClientPeer& peer() const { return peer_; }
    session::ClientSession& session() { return peer_.session(); }
    const session::ClientSession& session() const { return peer_.session(); }
    /// The stream is closed for good.
    bool finished() const { return peer_.finished(); }
    /// The operating system or the network ended it, not the peer.
    bool failed() const { return failed_; }
    /// The stream ended in the midst of the session, without a close frame.
    bool cut_off() const { return cut_off_; }

private:
    void connect(TimePoint now);
    void read(MutableByteSpan room, TimePoint now);
    void write(MutableByteSpan room, TimePoint now);
    void write_failed(std::string_view message, MutableByteSpan room, TimePoint now);
    void run_limits(TimePoint now);
    bool is_open() const;
    void fail(std::string_view reason, TimePoint now);

    session::ClientPeer peer_;
    Destination destination_;
    std::chrono::milliseconds connect_timeout_;
    std::chrono::milliseconds attempt_timeout_;
    TimePoint connect_deadline_;
    TimePoint close_deadline_ = never;           // once the session has ended
    std::optional<net::Dialer> dialer_;          // until the way is through
    std::optional<net::DegradedStream> stream_;  // from then on
    std::optional<net::LinkPreset> simulated_;
    bool asked_ = false;
    bool asking_ = false;
    bool reading_ = true;  // no end of the stream yet
    bool failed_ = false;
    bool cut_off_ = false;
    Bytes buffer_;  // of who has no room of his own
};

}  // namespace tidewire
