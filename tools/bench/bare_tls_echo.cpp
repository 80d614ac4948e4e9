// The floor under the echo bench with TLS: an epoll loop over OpenSSL that answers each frame-sized read with the same bytes that
// an echo server would write, and looks at none of them. It is not a WebSocket server.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

#include "tools/bench/bare_echo.h"

namespace tidewire::bench {

namespace {

constexpr char upgrade_answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Peer {
    int fd;
    SSL* ssl = nullptr;
    bool established = false;
    bool upgraded = false;
    std::size_t received = 0;
};

}  // namespace

int bare_tls_echo(std::size_t payload_bytes, const std::string& certificate_file, const std::string& key_file) {
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return 1;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener, 4096) != 0) return 1;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);

    const std::size_t header = payload_bytes < 126 ? 2 : 4;
    const std::size_t in_bytes = header + 4 + payload_bytes;
    std::string answer(1, '\x82');
    if (payload_bytes < 126) {
        answer += static_cast<char>(payload_bytes);
    } else {
        answer += {'\x7e', static_cast<char>(payload_bytes >> 8), static_cast<char>(payload_bytes & 0xff)};
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
                    auto* accepted =
                        new Peer{fd, SSL_new(context)};  // as many as the load opens; freed when it closes them
                    SSL_set_fd(accepted->ssl, fd);
                    epoll_event event{EPOLLIN, {accepted}};
                    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
                }
                continue;
            }
            if (!peer->established) {
                const int done = SSL_accept(peer->ssl);
                peer->established = done == 1;
                if (done == 1 || SSL_get_error(peer->ssl, done) == SSL_ERROR_WANT_READ) continue;
            }
            const int received = SSL_read(peer->ssl, buffer.data(), static_cast<int>(buffer.size()));
            if (received <= 0) {
                if (SSL_get_error(peer->ssl, received) == SSL_ERROR_WANT_READ) continue;
                SSL_free(peer->ssl);
                close(peer->fd);
                delete peer;
                continue;
            }
            if (!peer->upgraded) {
                peer->upgraded = true;
                (void)SSL_write(peer->ssl, upgrade_answer, sizeof upgrade_answer - 1);
                continue;
            }
            for (peer->received += static_cast<std::size_t>(received); peer->received >= in_bytes;
                 peer->received -= in_bytes)
                (void)SSL_write(peer->ssl, answer.data(), static_cast<int>(answer.size()));
        }
    }
}

}  // namespace tidewire::bench
