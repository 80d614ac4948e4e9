// One round a tenth of a second: who has nothing to do costs no more than a look now and then.
#include "tools/bench/hostile/hostile_peers.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "arena_n.h"
#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/frame.h"
#include "sdk/net/socket.h"
#include "sdk/net/system.h"
#include "tidewire/version.h"

namespace tidewire::bench {

namespace {

constexpr std::string_view request =
    "GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: tidewire.v1\r\n\r\n";
constexpr auto round_length = std::chrono::milliseconds(100);
constexpr std::size_t rounds_a_second = 10;

/// One masked message in one frame, under a mask of zeros.
Bytes frame(ByteSpan message) {
    const ws::HeaderBytes head = ws::to_bytes({.masked = true, .payload_bytes = message.size()});
    Bytes bytes;
    append(bytes, head);
    append(bytes, message);
    return bytes;
}

Bytes hello() {
    const SchemaInfo& schema = ::arena_n::Schema::info();
    return frame(wire::encode(wire::Hello{.protocol = protocol_version,
                                          .schema_hash = schema.hash,
                                          .schema_name = schema.name,
                                          .sdk_version = version,
                                          .player_name = "x"}));
}

/// Whether the server has ended the stream, which who does not read cannot see.
bool ended_by_peer(int fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
    return info.tcpi_state == TCP_CLOSE_WAIT || info.tcpi_state == TCP_CLOSE;
}

class Peer {
public:
    Peer(HostileKind kind, bool trickles, std::size_t number) : kind_(kind), trickles_(trickles), number_(number) {}

    bool open() const { return socket_.valid(); }

    void act(std::uint16_t port, std::size_t turn, HostileFigures& figures) {
        if (!socket_.valid()) return connect(port, figures);
        if (!upgraded_ && !trickles_request()) return shake_hands(figures);
        if ((turn + number_) % rounds_a_second != 0) return;
        if (trickles_ && said_ < trickle_.size() && !say(ByteSpan(trickle_).subspan(said_++, 1))) return send_away(figures);
        if (ended_by_peer(socket_.fd())) send_away(figures);
    }

private:
    bool trickles_request() const { return trickles_ && kind_ == HostileKind::Strangers && number_ % 2 == 0; }

    void connect(std::uint16_t port, HostileFigures& figures) {
        auto connected = net::Socket::connect("127.0.0.1", port);
        if (!connected) return;
        socket_ = std::move(*connected);
        ++figures.connections;
        upgraded_ = greeted_ = false;
        said_ = 0;
        trickle_.clear();
        if (trickles_request()) append(trickle_, as_bytes(request));
    }

    /// Who comes further than the request has said it at once, and reads the answer to it.
    void shake_hands(HostileFigures& figures) {
        if (!greeted_) {
            greeted_ = say(as_bytes(request));
            return;
        }
        std::array<std::byte, 1024> room{};
        const net::Transfer answer = socket_.read(room);
        if (answer.outcome == net::Transfer::Outcome::WouldBlock) return;
        const std::string_view text = as_text(ByteSpan(room).first(answer.outcome == net::Transfer::Outcome::Done ? answer.bytes : 0));
        if (text.substr(0, 12) != "HTTP/1.1 101") {
            ++figures.refused;
            socket_ = {};
            return;
        }
        upgraded_ = true;
        if (kind_ == HostileKind::Players) {
            ++figures.joined;
            say(hello());
        }
        if (!trickles_) return;
        trickle_ = kind_ == HostileKind::Players ? frame(wire::encode(wire::InputMessage{.tick = 1, .data = {}})) : hello();
    }

    bool say(ByteSpan bytes) { return socket_.write({&bytes, 1}).outcome != net::Transfer::Outcome::Failed; }

    void send_away(HostileFigures& figures) {
        ++figures.sent_away;
        socket_ = {};
    }

    HostileKind kind_;
    bool trickles_;
    std::size_t number_;
    net::Socket socket_;
    bool greeted_ = false;
    bool upgraded_ = false;
    Bytes trickle_;
    std::size_t said_ = 0;
};

}  // namespace

HostilePeers::HostilePeers(const HostileOptions& options) {
    thread_ = std::thread([this, options] {
        std::vector<Peer> peers;
        for (std::size_t i = 0; i < options.deaf + options.tricklers; ++i) peers.emplace_back(options.kind, i >= options.deaf, i);
        auto next = std::chrono::steady_clock::now();
        for (std::size_t turn = 0; !stops_; ++turn) {
            std::size_t open = 0;
            for (std::size_t i = 0; i < peers.size(); ++i) {
                // They come over two seconds.
                if (turn >= 2 * rounds_a_second * i / peers.size()) peers[i].act(options.port, turn, figures_);
                open += peers[i].open() ? 1U : 0U;
            }
            open_ = open;
            std::this_thread::sleep_until(next += round_length);
        }
    });
}

HostilePeers::~HostilePeers() { stop(); }

HostileFigures HostilePeers::stop() {
    stops_ = true;
    if (thread_.joinable()) thread_.join();
    return figures_;
}

}  // namespace tidewire::bench
