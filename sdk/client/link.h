// A client's session over one stream, plain or TLS: carries bytes and time between both. It decides nothing of the protocol.
#pragma once

#include <optional>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/session/client_peer.h"
#include "sdk/net/dialer.h"
#include "sdk/net/stream.h"
#include "sdk/net/url.h"

namespace tidewire {

class Link {
public:
    /// Starts to connect; only the name service may block. Trouble, then and later, is in the session's Closed event.
    Link(const SchemaInfo& schema, const ClientOptions& options, const net::Url& url, TimePoint now);

    /// Connects on, reads, writes and runs time limits, as far as it can without waiting.
    void pump(TimePoint now);
    /// Writes what the session has queued.
    void write(TimePoint now);
    /// Sleeps until there is something to pump, or `until`.
    void wait(TimePoint now, TimePoint until);

    session::ClientPeer& peer() { return peer_; }
    const session::ClientPeer& peer() const { return peer_; }
    /// The stream is closed for good.
    bool finished() const { return peer_.finished(); }
    /// The operating system or the network ended it, not the peer.
    bool failed() const { return failed_; }
    /// The stream ended in the midst of the session, without a close frame.
    bool cut_off() const { return cut_off_; }
    /// "ws://localhost:7777"
    const std::string& name() const { return name_; }

private:
    void connect(TimePoint now);
    void read(TimePoint now);
    bool is_open() const;
    void fail(std::string_view reason, TimePoint now);

    session::ClientPeer peer_;
    std::string name_;
    std::chrono::milliseconds connect_timeout_;
    TimePoint connect_deadline_;
    std::optional<net::Dialer> dialer_;  // until the way is through
    std::optional<net::Stream> stream_;  // from then on
    bool reading_ = true;                // no end of the stream yet
    bool failed_ = false;
    bool cut_off_ = false;
    Bytes buffer_;
};

}  // namespace tidewire
