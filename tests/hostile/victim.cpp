// Whatever the client does counts as a server's call, so that its memory is told apart from the test's.
#include "tests/hostile/victim.h"

#include "sdk/core/base/random.h"
#include "sdk/core/ws/accept_key.h"
#include "sdk/core/ws/handshake.h"
#include "tools/sim/server_heap.h"

namespace tidewire::hostile {

using sim::ServerCall;

Victim::Victim(Until until, ClientOptions options) {
    {
        const ServerCall call;
        peer_ = std::make_unique<session::ClientPeer>(
            test::schema(), std::move(options), "localhost", "/",
            [random = SeededRandom(7), drawn = random_bytes_](MutableByteSpan bytes) mutable {
                *drawn += bytes.size();
                for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
            },
            now_);
    }
    write();
    if (until == Until::Nothing) return;
    const std::string request = to_string(said_);
    const std::string field = "Sec-WebSocket-Key: ";
    const std::size_t at = request.find(field) + field.size();
    said_.clear();
    hear(ws::to_acceptance(request.substr(at, request.find("\r\n", at) - at), subprotocol, {}));
    if (until == Until::Opened) return;
    hear_message(wire::encode(test::good_welcome()));
    REQUIRE(session().state() == session::ClientState::Playing);
    said_.clear();
}

Victim::~Victim() {
    const ServerCall call;
    peer_.reset();
}

void Victim::hear(ByteSpan bytes) {
    buffer_.assign(bytes.begin(), bytes.end());
    {
        const ServerCall call;
        peer_->receive(buffer_, now_);
    }
    poll();
}

void Victim::run_for(Duration duration) {
    const TimePoint end = now_ + duration;
    while (peer_->poll_timeout() <= end) {
        now_ = std::max(now_, peer_->poll_timeout());
        {
            const ServerCall call;
            peer_->handle_timeout(now_);
        }
        poll();
    }
    now_ = end;
    poll();
}

void Victim::poll() {
    {
        const ServerCall call;
        peer_->advance(now_);
    }
    for (;;) {
        std::optional<session::ClientEvent> event;
        {
            const ServerCall call;
            event = peer_->poll_event();
        }
        if (!event) break;
        events_.push_back(*event);
        const ServerCall call;
        *event = session::ClientEvent{.kind = session::ClientEvent::Kind::Closed, .close_code = 0, .reason = {}};
    }
    write();
}

const session::ClientEvent* Victim::closed() const {
    return !events_.empty() && events_.back().kind == session::ClientEvent::Kind::Closed ? &events_.back() : nullptr;
}

std::vector<ws::FrameHeader> Victim::take_headers() {
    std::vector<ws::FrameHeader> headers;
    std::size_t at = 0;
    while (at < said_.size()) {
        const auto parsed = ws::parse_frame_header(ByteSpan(said_).subspan(at), ws::Role::Server);
        REQUIRE(parsed);
        REQUIRE(*parsed);
        headers.push_back((*parsed)->header);
        at += (*parsed)->bytes + static_cast<std::size_t>((*parsed)->header.payload_bytes);
    }
    said_.clear();
    return headers;
}

void Victim::write() {
    while (taken) {
        std::size_t count = 0;
        for (const ByteSpan part : peer_->poll_transmit()) {
            append(said_, part);
            count += part.size();
        }
        if (count == 0) return;
        const ServerCall call;
        peer_->transmitted(count, now_);
    }
}

}  // namespace tidewire::hostile
