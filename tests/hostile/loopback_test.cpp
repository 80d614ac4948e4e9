// H02, H20 and H28 where the defence lies in the kernel or in the sockets: a shard in a thread, over loopback.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "sdk/net/wait.h"
#include "tests/hostile/stage.h"
#include "tests/sdk/net/tls_pair.h"
#include "tests/server/runtime/raw_player.h"
#include "tests/server/runtime/running_shard.h"
#include "tests/support/no_descriptors.h"

using namespace tidewire;
using namespace tidewire::hostile;
using server::GateEvent;
using test::NoDescriptors;
using test::RawPlayer;
using test::RunningShard;

namespace {

/// A blocking socket of this test's own.
class Plain {
public:
    Plain() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) { REQUIRE(fd_ >= 0); }
    ~Plain() { close(); }
    Plain(Plain&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Plain& operator=(Plain&&) = delete;

    void connect(std::uint16_t port) const {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        void* const any = &address;
        REQUIRE(::connect(fd_, static_cast<const sockaddr*>(any), sizeof address) == 0);
    }
    void say(ByteSpan bytes) const {
        REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    }
    /// Reads until the bytes so far have `text` in them.
    void read_until(std::string_view text) {
        while (heard_.find(text) == std::string::npos) {
            REQUIRE(net::wait(fd_, {}, net::patience));
            char buffer[4096];
            const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
            REQUIRE(count > 0);
            heard_.append(buffer, static_cast<std::size_t>(count));
        }
    }
    /// The other end has ended or reset it.
    void wait_for_the_end() const {
        for (;;) {
            REQUIRE(net::wait(fd_, {}, net::patience));
            char buffer[4096];
            if (::recv(fd_, buffer, sizeof buffer, 0) <= 0) return;
        }
    }
    /// By RST, not by FIN.
    void reset() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        REQUIRE(::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
        close();
    }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_;
    std::string heard_;
};

/// Plays, as far as saying a good Hello does it.
void join(Plain& plain, std::uint16_t port) {
    plain.connect(port);
    plain.say(as_bytes(upgrade_request()));
    plain.read_until("\r\n\r\n");
    plain.say(client_frame(binary_frame, wire::encode(hello_for(sim::SampleSchema::info(), "bob"))));
    plain.read_until("sample");
}

}  // namespace

TEST_CASE("H20: a reset takes its player along, and the others play on", "[H20][loopback]") {
    RunningShard shard({.shut_down_max = Duration::zero()});
    RawPlayer ann(shard.port());
    Plain bob;
    join(bob, shard.port());
    bob.reset();
    ann.read_until([&, begun = ann.newest()] { return ann.newest() > begun + 10; });
    shard.stop();
    const auto left = std::find_if(shard.events.begin(), shard.events.end(), [](const GateEvent& event) {
        return event.kind == GateEvent::Kind::Left && event.player_name == "bob";
    });
    REQUIRE(left != shard.events.end());
    CHECK(left->close_code == 1006);
    CHECK(left->reason.find("reset") != std::string::npos);
}

TEST_CASE("H28: out of descriptors, players play on, who comes is turned away at once, and later ones are let in",
          "[H28][loopback]") {
    RunningShard shard({.shut_down_max = Duration::zero()});
    RawPlayer ann(shard.port());
    std::vector<Plain> crowd(20);
    std::vector<Plain> later(3);
    {
        const NoDescriptors none;
        const Tick begun = ann.newest();
        for (const Plain& one : crowd) one.connect(shard.port());
        for (const Plain& one : crowd) one.wait_for_the_end();
        // It is not busy with turning away: ticks come as before.
        ann.read_until([&] { return ann.newest() > begun + 20; });
    }
    for (Plain& one : later) join(one, shard.port());
    ann.read_until([&, begun = ann.newest()] { return ann.newest() > begun + 5; });
    shard.stop();
    const auto refused = std::count_if(shard.events.begin(), shard.events.end(), [](const GateEvent& event) {
        return event.kind == GateEvent::Kind::Refused && event.reason.find("Too many open files") != std::string::npos;
    });
    CHECK(refused >= 1);
    // One line for many: they come in floods.
    CHECK(refused <= 20);
    const auto joined = std::count_if(shard.events.begin(), shard.events.end(),
                                      [](const GateEvent& event) { return event.kind == GateEvent::Kind::Joined; });
    CHECK(joined == 4);
    print_figure("H28",
                 "20 connections without a descriptor: all ended by the server, " + std::to_string(refused) + " lines");
}

TEST_CASE("H02: a TLS handshake that is not finished is ended by the server, whatever trickles in",
          "[.long][H02][loopback]") {
    const auto certificate = test::Certificate::self_signed();
    RunningShard shard({}, net::server_context(certificate));
    Plain silent;
    Plain slow;
    silent.connect(shard.port());
    slow.connect(shard.port());
    // The first bytes of a ClientHello.
    slow.say(as_bytes(std::string_view("\x16\x03\x01", 3)));
    silent.wait_for_the_end();
    slow.wait_for_the_end();
    CHECK(shard.ticks() >= 4 * 60);
}
