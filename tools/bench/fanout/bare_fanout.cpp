// The floor under the fan-out bench: an epoll loop that reads what has come once per tick, looks at none of it, and writes each client a
// message of its own. It is not a WebSocket server.
#include "tools/bench/fanout/bare_fanout.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace tidewire::bench {

namespace {

/// The answer to the one key that the load sends.
constexpr char upgrade_answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

volatile sig_atomic_t stopped = 0;

std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

struct Loop {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int live = epoll_create1(0);   // the listener, and who has not been upgraded
    int ticks = epoll_create1(0);  // the others: looked at once per tick
    std::vector<int> clients;
    std::vector<char> buffer = std::vector<char>(256 * 1024);

    void accept_or_upgrade(int fd) {
        if (fd == listener) {
            for (int accepted; (accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
                const int on = 1;
                setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                watch(live, EPOLL_CTL_ADD, accepted);
            }
            return;
        }
        if (recv(fd, buffer.data(), buffer.size(), 0) <= 0) return;
        (void)send(fd, upgrade_answer, sizeof upgrade_answer - 1, MSG_NOSIGNAL);
        watch(live, EPOLL_CTL_DEL, fd);
        watch(ticks, EPOLL_CTL_ADD, fd);
        clients.push_back(fd);
    }

    static void watch(int poller, int operation, int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(poller, operation, fd, &event);
    }

    void wait_until(std::int64_t due) {
        epoll_event events[256];
        for (std::int64_t left; stopped == 0 && (left = due - now_ns()) > 0;) {
            const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
            const int ready = epoll_pwait2(live, events, 256, &timeout, nullptr);
            for (int i = 0; i < ready; ++i) accept_or_upgrade(events[i].data.fd);
        }
    }

    void drain() {
        epoll_event events[256];
        for (int ready; (ready = epoll_wait(ticks, events, 256, 0)) > 0;)
            for (int i = 0; i < ready; ++i) {
                const int fd = events[i].data.fd;
                if (recv(fd, buffer.data(), buffer.size(), 0) > 0) continue;
                close(fd);
                clients.erase(std::find(clients.begin(), clients.end(), fd));
            }
    }
};

}  // namespace

int bare_fanout(const FanoutLoadShape& shape) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, [](int) { stopped = 1; });
    Loop loop;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(loop.listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(loop.listener, 4096) != 0)
        return 1;
    getsockname(loop.listener, reinterpret_cast<sockaddr*>(&address), &length);
    Loop::watch(loop.live, EPOLL_CTL_ADD, loop.listener);
    std::printf("%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    std::fflush(stdout);

    std::vector<char> frame(4 + shape.payload_bytes, 'x');
    frame[0] = '\x82';
    frame[1] = '\x7e';
    frame[2] = static_cast<char>(shape.payload_bytes >> 8);
    frame[3] = static_cast<char>(shape.payload_bytes & 0xff);
    std::vector<double> send_ms;
    const std::int64_t period = 1'000'000'000 / shape.tick_rate;
    std::int64_t due = now_ns() + period;
    for (std::uint64_t tick = 1; stopped == 0; ++tick, due += period) {
        loop.wait_until(due);
        loop.drain();
        const std::int64_t began = now_ns();
        for (const int fd : loop.clients) {
            std::memcpy(frame.data() + 4, &tick, sizeof tick);
            std::memcpy(frame.data() + 12, &fd, sizeof fd);
            (void)send(fd, frame.data(), frame.size(), MSG_NOSIGNAL);
        }
        send_ms.push_back(static_cast<double>(now_ns() - began) / 1e6);
    }
    std::sort(send_ms.begin(), send_ms.end());
    std::printf("%f\n", send_ms[send_ms.size() / 2]);
    return 0;
}

}  // namespace tidewire::bench
