// Promises of sockets and listeners, over this machine's loopback.
#include "sdk/net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/net/system.h"
#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::net;

namespace {

using Outcome = Transfer::Outcome;

int option(int fd, int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    getsockopt(fd, level, name, &value, &length);
    return value;
}

bool has_ipv6() { return Listener::listen("::1", 0).has_value(); }

}  // namespace

TEST_CASE("bytes written at one end are read at the other", "[net][socket]") {
    StreamPair pair;
    Bytes buffer(100);
    CHECK(pair.server.read(buffer).outcome == Outcome::WouldBlock);
    const ByteSpan parts[] = {as_bytes("one "), as_bytes(""), as_bytes("two "), as_bytes("three")};
    const Transfer written = pair.client.write(parts);
    CHECK(written.outcome == Outcome::Done);
    CHECK(written.bytes == 13);
    CHECK(as_text(read_all(pair.server, 13)) == "one two three");
}

TEST_CASE("both ends send small messages at once", "[net][socket]") {
    StreamPair pair;
    CHECK(option(pair.client.fd(), IPPROTO_TCP, TCP_NODELAY) == 1);
    CHECK(option(pair.server.fd(), IPPROTO_TCP, TCP_NODELAY) == 1);
}

TEST_CASE("a gathered write takes at most 64 parts and says how many bytes went", "[net][socket]") {
    StreamPair pair;
    const std::vector<ByteSpan> parts(100, as_bytes("ab"));
    const Transfer written = pair.client.write(parts);
    CHECK(written.outcome == Outcome::Done);
    CHECK(written.bytes == 128);
}

TEST_CASE("short writes, continued where they stopped, lose and double no byte", "[net][socket]") {
    StreamPair pair;
    const int small = 4096;
    setsockopt(pair.client.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    Bytes sent(3'000'000);
    SeededRandom random(1);
    for (std::byte& byte : sent) byte = static_cast<std::byte>(random.next());

    Bytes received;
    Bytes buffer(10'000);
    std::size_t offset = 0;
    bool was_short = false;
    while (received.size() < sent.size()) {
        if (offset < sent.size()) {
            const ByteSpan rest = ByteSpan(sent).subspan(offset);
            const Transfer written = pair.client.write({&rest, 1});
            if (written.outcome == Outcome::Done) offset += written.bytes;
            was_short |= written.outcome == Outcome::WouldBlock || written.bytes < rest.size();
            REQUIRE(written.outcome != Outcome::Failed);
        }
        const Transfer read = pair.server.read(buffer);
        if (read.outcome == Outcome::Done) append(received, ByteSpan(buffer).first(read.bytes));
        if (read.outcome == Outcome::WouldBlock)
            REQUIRE((offset < sent.size() ? wait_writable(pair.client) : wait_readable(pair.server)));
    }
    CHECK(was_short);
    CHECK(received == sent);
}

TEST_CASE("after a half-close the peer reads the end and may still write", "[net][socket]") {
    StreamPair pair;
    const ByteSpan last = as_bytes("last");
    REQUIRE(pair.client.write({&last, 1}).bytes == 4);
    pair.client.shut_down_sending();
    CHECK(as_text(read_all(pair.server)) == "last");
    const ByteSpan answer = as_bytes("answer");
    REQUIRE(pair.server.write({&answer, 1}).bytes == 6);
    pair.server = {};
    CHECK(as_text(read_all(pair.client)) == "answer");
}

TEST_CASE("a peer that vanished fails reads and writes with the system's words, without a signal", "[net][socket]") {
    StreamPair pair;
    // An immediate reset instead of an orderly end.
    const linger reset{1, 0};
    setsockopt(pair.server.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    pair.server = {};
    REQUIRE(wait_readable(pair.client));
    Bytes buffer(10);
    const Transfer read = pair.client.read(buffer);
    CHECK(read.outcome == Outcome::Failed);
    CHECK(read.message == "Connection reset by peer");
    const ByteSpan part = as_bytes("x");
    const Transfer written = pair.client.write({&part, 1});
    CHECK(written.outcome == Outcome::Failed);
    CHECK(written.message == "Broken pipe");
}

TEST_CASE("a refused connect names the cause and the remedy", "[net][socket]") {
    const std::uint16_t port = listen_on("127.0.0.1").port();  // free again
    auto socket = Socket::connect("127.0.0.1", port);
    std::string message;
    if (socket) {
        REQUIRE(wait_writable(*socket));
        message = socket->connect_error().value_or("connected");
    } else {
        message = socket.error().message;
    }
    CHECK(message == "Connection refused; is the server running?");
}

TEST_CASE("only numeric addresses are connected to", "[net][socket]") {
    const auto socket = Socket::connect("localhost", 1);
    REQUIRE_FALSE(socket);
    CHECK(socket.error().blame == Blame::Caller);
}

TEST_CASE("a listener tells its port and its peers' addresses", "[net][socket]") {
    Listener listener = listen_on("127.0.0.1");
    CHECK(listener.port() != 0);
    CHECK(option(listener.fd(), SOL_SOCKET, SO_REUSEADDR) == 1);
    auto nobody = listener.accept();
    REQUIRE(nobody);
    CHECK_FALSE(nobody->has_value());
    auto client = Socket::connect("127.0.0.1", listener.port());
    REQUIRE(client);
    CHECK(accept_from(listener).peer_address == "127.0.0.1");
}

TEST_CASE("a listener on :: takes IPv6 and IPv4, and shows IPv4 as such", "[net][socket]") {
    if (!has_ipv6()) {
        WARN("this machine has no IPv6");
        return;
    }
    Listener listener = listen_on("::");
    auto v4 = Socket::connect("127.0.0.1", listener.port());
    REQUIRE(v4);
    CHECK(accept_from(listener).peer_address == "127.0.0.1");
    auto v6 = Socket::connect("::1", listener.port());
    REQUIRE(v6);
    CHECK(accept_from(listener).peer_address == "::1");
}

TEST_CASE("trouble with listening is told with its remedy", "[net][socket]") {
    Listener first = listen_on("0.0.0.0");
    const auto second = Listener::listen("0.0.0.0", first.port());
    REQUIRE_FALSE(second);
    CHECK(second.error().blame == Blame::Machine);
    CHECK(second.error().message == "port " + std::to_string(first.port()) +
                                        " on 0.0.0.0 is in use; stop the other program or choose another port");

    const auto foreign = Listener::listen("192.0.2.77", 0);  // RFC 5737: nobody's
    REQUIRE_FALSE(foreign);
    CHECK(foreign.error().message ==
          "192.0.2.77 is not an address of this machine: Cannot assign requested address; 0.0.0.0 listens on all of "
          "them");

    const auto name = Listener::listen("example", 0);
    REQUIRE_FALSE(name);
    CHECK(name.error().blame == Blame::Caller);
    CHECK(name.error().message ==
          "\"example\" is not an IP address to listen on; write 0.0.0.0 or :: for all addresses of this machine, "
          "127.0.0.1 for itself alone");
}

TEST_CASE("a port is free again at once after its server has gone", "[net][socket]") {
    std::uint16_t port = 0;
    {
        StreamPair pair;
        port = pair.listener.port();
        pair.server = {};  // the server closes first: its end is in TIME-WAIT
        CHECK(read_all(pair.client).empty());
    }
    CHECK(Listener::listen("127.0.0.1", port));
}

TEST_CASE("accept out of descriptors is an error that passes", "[net][socket]") {
    Listener listener = listen_on("127.0.0.1");
    auto client = Socket::connect("127.0.0.1", listener.port());
    REQUIRE(client);
    REQUIRE(wait(listener.fd(), {}, patience));

    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlimit none = limit;
    none.rlim_cur = 0;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    const auto refused = listener.accept();
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);

    REQUIRE_FALSE(refused);
    CHECK(refused.error().blame == Blame::Machine);
    CHECK(refused.error().message ==
          "could not accept a connection: Too many open files; raise the limit with ulimit -n");
    CHECK(accept_from(listener).socket.valid());
}

TEST_CASE("out of descriptors, those who wait are turned away at once, and later ones are accepted", "[net][socket]") {
    Listener listener = listen_on("127.0.0.1");
    std::vector<Socket> waiting;
    for (int i = 0; i < 3; ++i) {
        auto client = Socket::connect("127.0.0.1", listener.port());
        REQUIRE(client);
        waiting.push_back(std::move(*client));
    }
    REQUIRE(wait(listener.fd(), {}, patience));

    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int round = 0; round < 2; ++round) {
        // Of those that are free, the lowest would be next.
        rlimit full = limit;
        {
            const Descriptor next(dup(listener.fd()));
            REQUIRE(next.valid());
            full.rlim_cur = static_cast<rlim_t>(next.get());
        }
        REQUIRE(setrlimit(RLIMIT_NOFILE, &full) == 0);
        const auto refused = listener.accept();
        const auto nobody = listener.accept();
        REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);

        REQUIRE_FALSE(refused);
        CHECK(refused.error().message ==
              "could not accept a connection: Too many open files; raise the limit with ulimit -n");
        // The kernel looks for a descriptor before it looks for a peer.
        CHECK_FALSE(nobody);
        CHECK(listener.turned_away() == waiting.size() * static_cast<std::size_t>(round + 1));
        Bytes buffer(10);
        for (Socket& client : waiting) {
            REQUIRE(wait_readable(client));
            const Transfer read = client.read(buffer);
            CHECK(read.outcome == Outcome::Failed);
            CHECK(read.message == "Connection reset by peer");
        }
        for (Socket& client : waiting) {
            auto again = Socket::connect("127.0.0.1", listener.port());
            REQUIRE(again);
            client = std::move(*again);
        }
        REQUIRE(wait(listener.fd(), {}, patience));
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) CHECK(accept_from(listener).socket.valid());
}

TEST_CASE("accepted streams have the options of their listener", "[net][socket]") {
    auto listener = Listener::listen("127.0.0.1", 0, SocketOptions::for_play());
    REQUIRE(listener);
    auto shared = listener->share();
    REQUIRE(shared);
    for (Listener* each : {&*listener, &*shared}) {
        auto client = Socket::connect("127.0.0.1", each->port());
        REQUIRE(client);
        const Socket server = accept_from(*each).socket;
        const int fd = server.fd();
        CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
        // The kernel counts its own bookkeeping, and doubles what it is told.
        CHECK(option(fd, SOL_SOCKET, SO_SNDBUF) == 2 * 64 * 1024);
        CHECK(option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 4 * 1024);
        CHECK(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 10'000);
        CHECK(option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
        CHECK(option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 5);
        CHECK(option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 2);
        CHECK(option(fd, IPPROTO_TCP, TCP_KEEPCNT) == 3);
    }
}

TEST_CASE("without options the kernel's figures stay, but for small messages that leave at once", "[net][socket]") {
    StreamPair pair;
    const int fd = pair.server.fd();
    CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
    CHECK(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 0);
    CHECK(option(fd, SOL_SOCKET, SO_KEEPALIVE) == 0);
    CHECK(option(fd, SOL_SOCKET, SO_SNDBUF) > 2 * 64 * 1024);
}

TEST_CASE("a stream in play holds little of what its peer does not read", "[net][socket]") {
    auto listener = Listener::listen("127.0.0.1", 0, SocketOptions::for_play());
    REQUIRE(listener);
    auto client = Socket::connect("127.0.0.1", listener->port());
    REQUIRE(client);
    const int small = 4096;
    setsockopt(client->fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    Socket server = accept_from(*listener).socket;
    const Bytes message(1000);
    const ByteSpan part(message);
    std::size_t taken = 0;
    Transfer transfer;
    while ((transfer = server.write({&part, 1})).outcome == Outcome::Done) taken += transfer.bytes;
    CHECK(transfer.outcome == Outcome::WouldBlock);
    // The kernel's own figures take more than two megabytes.
    CHECK(taken < 256 * 1024);
    const auto info = server.tcp_info();
    REQUIRE(info);
    CHECK(info->unsent_bytes > 0);
    CHECK(info->unsent_bytes <= taken);
    CHECK(info->unacknowledged_bytes + info->unsent_bytes <= taken);
}

TEST_CASE("the kernel tells what it knows of a stream", "[net][socket]") {
    StreamPair pair;
    const ByteSpan part = as_bytes("hello");
    for (int i = 0; i < 20; ++i) {
        REQUIRE(pair.server.write({&part, 1}).bytes == part.size());
        read_all(pair.client, part.size());
        REQUIRE(pair.client.write({&part, 1}).bytes == part.size());
        read_all(pair.server, part.size());
    }
    const auto info = pair.server.tcp_info();
    REQUIRE(info);
    CHECK(info->rtt > Duration::zero());
    CHECK(info->rtt < std::chrono::seconds(5));
    CHECK(info->rtt_deviation < std::chrono::seconds(5));
    CHECK(info->rtt_min <= info->rtt + info->rtt_deviation * 4);
    CHECK(info->congestion_window > 0);
    CHECK(info->unsent_bytes == 0);
    CHECK(info->unacknowledged_bytes <= part.size());
    CHECK(info->retransmits == 0);

    CHECK_FALSE(Socket(Descriptor(dup(STDERR_FILENO))).tcp_info());
}

TEST_CASE("localhost is this machine in both families, and a numeric address is itself", "[net][resolve]") {
    for (const char* name : {"localhost", "LocalHost"}) {
        const auto addresses = resolve(name);
        REQUIRE(addresses);
        CHECK(*addresses == std::vector<std::string>{"::1", "127.0.0.1"});
    }
    for (const char* address : {"127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"}) {
        const auto addresses = resolve(address);
        REQUIRE(addresses);
        CHECK(*addresses == std::vector<std::string>{address});
    }
}

TEST_CASE("a name without an address is told by name", "[net][resolve]") {
    // RFC 6761 6.4: never exists. Without any network the resolver's words differ, the sentence does not.
    const auto addresses = resolve("no-such-host.invalid");
    REQUIRE_FALSE(addresses);
    CHECK(addresses.error().blame == Blame::Machine);
    CHECK_THAT(addresses.error().message,
               Catch::Matchers::StartsWith("could not find the address of \"no-such-host.invalid\": ") &&
                   Catch::Matchers::EndsWith("; check the spelling and the network"));
}

TEST_CASE("a socket that notes arrivals tells when bytes came, not when they were read", "[net][socket]") {
    StreamPair pair;
    Bytes buffer(100);
    const auto write = [&] {
        const ByteSpan part = as_bytes("input");
        const TimePoint before = now();
        REQUIRE(pair.client.write({&part, 1}).outcome == Outcome::Done);
        REQUIRE(wait_readable(pair.server));
        return before;
    };
    write();
    CHECK_FALSE(pair.server.read(buffer).arrived);

    REQUIRE(pair.server.note_arrivals());
    // The kernel begins a moment later.
    for (const TimePoint end = now() + patience; now() < end;) {
        write();
        if (pair.server.read(buffer).arrived) break;
    }
    const TimePoint before = write();
    const TimePoint after = now();
    constexpr Duration held = std::chrono::milliseconds(20);
    while (now() < after + held) {
    }
    const Transfer transfer = pair.server.read(buffer);
    const TimePoint read = now();
    REQUIRE(transfer.arrived);
    // The kernel's stamp and ours are of two clocks: they agree within far less than this.
    CHECK(*transfer.arrived >= before - held / 2);
    CHECK(*transfer.arrived <= read - held / 2);
}
