// The load of the echo benches. It writes prepared bytes and compares what comes back: cheap, so that the server is the bottleneck.
#include "tools/bench/ws_load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "sdk/net/system.h"

namespace tidewire::bench {

namespace {

constexpr char request[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

Unexpected trouble(const std::string& what) {
    return unexpected(Blame::Machine, "load: " + what + (errno != 0 ? std::string(": ") + std::strerror(errno) : ""));
}

struct Peer {
    int fd = -1;
    SSL* ssl = nullptr;
    std::size_t received = 0;  // of the echo under way

    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        if (ssl != nullptr) SSL_free(ssl);
        if (fd >= 0) close(fd);
    }

    bool write(const std::string& bytes) const {
        if (ssl != nullptr)
            return SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
        return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    /// 0 when nothing is there, negative at the end.
    ssize_t read(char* buffer, std::size_t size) const {
        if (ssl != nullptr) {
            const int n = SSL_read(ssl, buffer, static_cast<int>(size));
            if (n > 0) return n;
            return SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ ? 0 : -1;
        }
        const ssize_t n = recv(fd, buffer, size, MSG_DONTWAIT);
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        return n == 0 ? -1 : n;
    }
};

}  // namespace

struct Load::State {
    std::unique_ptr<SSL_CTX, FreeContext> tls;
    std::vector<std::unique_ptr<Peer>> peers;
    int poller = -1;
    std::string message;
    std::string echo;

    ~State() {
        peers.clear();
        if (poller >= 0) close(poller);
    }
};

Load::Load(std::unique_ptr<State> state) : state_(std::move(state)) {}
Load::Load(Load&&) noexcept = default;
Load::~Load() = default;

Result<Load> Load::open(const LoadOptions& options) {
    auto state = std::make_unique<State>();
    std::string length;
    if (options.payload_bytes < 126) {
        length = std::string(1, static_cast<char>(options.payload_bytes));
    } else {
        length = {'\x7e', static_cast<char>(options.payload_bytes >> 8),
                  static_cast<char>(options.payload_bytes & 0xff)};
    }
    constexpr char mask[] = {'\x37', '\x21', '\x5a', '\x0d'};
    state->echo = "\x82" + length;
    length[0] = static_cast<char>(length[0] | '\x80');
    state->message = "\x82" + length + std::string(mask, 4);
    for (std::size_t i = 0; i < options.payload_bytes; ++i) {
        const char byte = static_cast<char>(i & 0xff);
        state->echo += byte;
        state->message += static_cast<char>(byte ^ mask[i % 4]);
    }
    if (options.tls) state->tls.reset(SSL_CTX_new(TLS_client_method()));
    state->poller = epoll_create1(0);

    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (std::size_t i = 0; i < options.connections; ++i) {
        auto peer = std::make_unique<Peer>();
        errno = 0;
        peer->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (peer->fd < 0 || connect(peer->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return trouble("connect");
        const int on = 1;
        setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (state->tls) {
            peer->ssl = SSL_new(state->tls.get());
            SSL_set_fd(peer->ssl, peer->fd);
            if (SSL_connect(peer->ssl) != 1) return trouble("TLS handshake");
        }
        std::string answer;
        char buffer[1024];
        if (!peer->write(request)) return trouble("write");
        while (answer.find("\r\n\r\n") == std::string::npos) {
            const ssize_t n = peer->ssl != nullptr ? SSL_read(peer->ssl, buffer, sizeof buffer)
                                                   : recv(peer->fd, buffer, sizeof buffer, 0);
            if (n <= 0) return trouble("the server ended the handshake");
            answer.append(buffer, static_cast<std::size_t>(n));
        }
        if (answer.rfind("HTTP/1.1 101", 0) != 0) return trouble("not a 101: " + answer.substr(0, answer.find('\r')));
        if (peer->ssl != nullptr) {
            // From here on a read must not wait: the sockets become non-blocking for the library.
            BIO_set_nbio(SSL_get_rbio(peer->ssl), 1);
            BIO_socket_nbio(peer->fd, 1);
        }
        epoll_event interest{};
        interest.events = EPOLLIN;
        interest.data.ptr = peer.get();
        epoll_ctl(state->poller, EPOLL_CTL_ADD, peer->fd, &interest);
        state->peers.push_back(std::move(peer));
    }
    return Load(std::move(state));
}

Result<void> Load::run(std::size_t messages) {
    State& state = *state_;
    std::size_t sent = 0;
    std::size_t echoed = 0;
    for (auto& peer : state.peers) {
        if (sent == messages) break;
        ++sent;
        if (!peer->write(state.message)) return trouble("write");
    }
    std::vector<char> buffer(256 * 1024);
    epoll_event events[256];
    while (echoed < messages) {
        const int ready = epoll_wait(state.poller, events, 256, 10'000);
        if (ready == 0) return trouble("no echo for 10 s");
        for (int i = 0; i < ready; ++i) {
            auto* peer = static_cast<Peer*>(events[i].data.ptr);
            const ssize_t received = peer->read(buffer.data(), buffer.size());
            if (received < 0) return trouble("the server closed a connection");
            const auto bytes = static_cast<std::size_t>(received);
            if (peer->received + bytes > state.echo.size()) return trouble("more came back than was sent");
            if (std::memcmp(buffer.data(), state.echo.data() + peer->received, bytes) != 0)
                return trouble("an echo differs");
            peer->received += bytes;
            if (peer->received < state.echo.size()) continue;
            peer->received = 0;
            ++echoed;
            if (sent < messages) {
                ++sent;
                if (!peer->write(state.message)) return trouble("write");
            }
        }
    }
    return {};
}

Result<std::size_t> Load::run_ticks(const TickLoad& ticks, Duration length) {
    State& state = *state_;
    const char head[] = {'\x82', '\x7e', static_cast<char>(ticks.answer_bytes >> 8),
                         static_cast<char>(ticks.answer_bytes & 0xff)};
    const std::size_t frame = sizeof head + ticks.answer_bytes;
    const Duration period = Duration(std::chrono::seconds(1)) / ticks.rate;
    // Spread over the period by the golden ratio: no two at once, and the ticks of the server at none of them.
    const auto phase = [&](std::size_t i) { return period * static_cast<std::int64_t>(i * 618 % 1000) / 1000; };
    std::vector<std::size_t> order(state.peers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return phase(a) < phase(b); });

    std::size_t messages = 0;
    std::vector<char> buffer(256 * 1024);
    epoll_event events[256];
    const TimePoint end = net::now() + length;
    TimePoint round = net::now();
    std::size_t next = 0;
    for (TimePoint now = round; now < end; now = net::now()) {
        for (; next < order.size() && round + phase(order[next]) <= now; ++next, ++messages)
            if (!state.peers[order[next]]->write(state.message)) return trouble("write");
        if (next == order.size() && now >= round + period) {
            round += period;
            next = 0;
            continue;
        }
        // A millisecond is short beside a tick, and long beside a message.
        const int ready = epoll_wait(state.poller, events, 256, 1);
        for (int i = 0; i < ready; ++i) {
            auto* peer = static_cast<Peer*>(events[i].data.ptr);
            const ssize_t received = peer->read(buffer.data(), buffer.size());
            if (received < 0) return trouble("the server closed a connection");
            for (std::size_t at = 0; at < static_cast<std::size_t>(received); ++at) {
                if (peer->received < sizeof head && buffer[at] != head[peer->received])
                    return trouble("no message of the size that was asked for");
                const std::size_t step =
                    peer->received < sizeof head
                        ? 1
                        : std::min(frame - peer->received, static_cast<std::size_t>(received) - at);
                peer->received += step;
                at += step - 1;
                if (peer->received < frame) continue;
                peer->received = 0;
                ++messages;
            }
        }
    }
    return messages;
}

}  // namespace tidewire::bench
