// The floor under the echo bench: an epoll loop that answers each frame-sized read with the same bytes that an echo server
// would write, and looks at none of them. It is not a WebSocket server.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tools/bench/bare_echo.h"

namespace tidewire::bench {

namespace {

/// The answer to the one key that the load sends.
constexpr char upgrade_answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

std::size_t header_bytes(std::size_t payload) { return payload < 126 ? 2 : 4; }

struct Peer {
    int fd;
    bool upgraded = false;
    std::size_t received = 0;  // of the frame under way
};

}  // namespace

int bare_echo(std::size_t payload_bytes) {
    signal(SIGPIPE, SIG_IGN);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener, 4096) != 0) return 1;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);

    const std::size_t in_bytes = header_bytes(payload_bytes) + 4 + payload_bytes;
    std::string answer;
    answer += '\x82';
    if (payload_bytes < 126) {
        answer += static_cast<char>(payload_bytes);
    } else {
        answer += '\x7e';
        answer += static_cast<char>(payload_bytes >> 8);
        answer += static_cast<char>(payload_bytes & 0xff);
    }
    for (std::size_t i = 0; i < payload_bytes; ++i) answer += static_cast<char>(i & 0xff);

    const int poller = epoll_create1(0);
    Peer listening{listener};
    epoll_event interest{EPOLLIN, {&listening}};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &interest);
    std::printf("%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    std::fflush(stdout);

    std::vector<char> buffer(256 * 1024);
    epoll_event events[256];
    for (;;) {
        const int ready = epoll_wait(poller, events, 256, -1);
        for (int i = 0; i < ready; ++i) {
            auto* peer = static_cast<Peer*>(events[i].data.ptr);
            if (peer == &listening) {
                for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
                    const int on = 1;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    auto* accepted = new Peer{fd};  // as many as the load opens; freed when it closes them
                    epoll_event event{EPOLLIN, {accepted}};
                    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
                }
                continue;
            }
            const ssize_t received = recv(peer->fd, buffer.data(), buffer.size(), 0);
            if (received <= 0) {
                close(peer->fd);
                delete peer;
                continue;
            }
            if (!peer->upgraded) {
                peer->upgraded = true;
                (void)send(peer->fd, upgrade_answer, sizeof upgrade_answer - 1, MSG_NOSIGNAL);
                continue;
            }
            for (peer->received += static_cast<std::size_t>(received); peer->received >= in_bytes;
                 peer->received -= in_bytes)
                (void)send(peer->fd, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }
}

}  // namespace tidewire::bench
