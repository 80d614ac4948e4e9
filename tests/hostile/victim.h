// A real client's session and WebSocket against a server that is whatever bytes a test says.
#pragma once

#include <memory>
#include <vector>

#include "sdk/core/session/client_peer.h"
#include "sdk/core/ws/frame.h"
#include "tests/hostile/stage.h"
#include "tests/sdk/session/messages.h"

namespace tidewire::hostile {

class Victim {
public:
    enum class Until : std::uint8_t { Nothing, Opened, Playing };
    /// It has got so far. Its schema is the tests' own.
    explicit Victim(Until until = Until::Playing, ClientOptions options = {});
    ~Victim();

    /// Raw bytes of the server's.
    void hear(ByteSpan bytes);
    void hear(std::string_view bytes) { hear(as_bytes(bytes)); }
    /// One message in one frame.
    void hear_message(ByteSpan message) { hear(server_frame(binary_frame, message)); }
    void run_for(Duration duration);
    /// Looks at its frames, and takes what its session tells.
    void poll();

    TimePoint now() const { return now_; }
    session::ClientPeer& peer() { return *peer_; }
    session::ClientSession& session() { return peer_->session(); }
    /// The Closed event; null while it has not come.
    const session::ClientEvent* closed() const;
    const std::vector<session::ClientEvent>& events() const { return events_; }
    /// The headers of all frames that it has sent since the last call.
    std::vector<ws::FrameHeader> take_headers();
    /// What it has said and nobody has taken.
    const Bytes& said() const { return said_; }
    /// False: its server takes nothing of what it says.
    bool taken = true;
    std::size_t random_bytes() const { return *random_bytes_; }
    /// Of all victims together on the heap: for differences.
    static std::int64_t heap_bytes() { return Stage::heap_bytes(); }

private:
    void write();

    TimePoint now_{1000s};
    std::shared_ptr<std::size_t> random_bytes_ = std::make_shared<std::size_t>(0);
    std::unique_ptr<session::ClientPeer> peer_;
    std::vector<session::ClientEvent> events_;
    Bytes said_;
    Bytes buffer_;
};

}  // namespace tidewire::hostile
