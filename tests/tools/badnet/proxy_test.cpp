// Bytes through the proxy, over real sockets of this machine: whole, in order, with their ends, and held up where they should be.
#include "tools/badnet/proxy.h"

#include <catch2/catch.hpp>
#include <thread>

#include "sdk/net/link_presets.h"
#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::badnet;
using namespace std::chrono_literals;

namespace {

Bytes counted(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 % 251);
    return bytes;
}

/// A proxy in a thread of its own, in front of a listener of the test's.
class Between {
public:
    explicit Between(net::LinkOptions link, std::optional<Episode> episode = {}) {
        auto waker = net::Waker::create();
        REQUIRE(waker);
        waker_.emplace(std::move(*waker));
        auto proxy =
            Proxy::create(net::listen_on("127.0.0.1"),
                          {.target_host = "127.0.0.1",
                           .target_port = target.port(),
                           .up = link,
                           .down = link,
                           .episode = episode});
        REQUIRE(proxy);
        proxy_.emplace(std::move(*proxy));
        thread_ = std::thread([this] { proxy_->run(*waker_); });
    }
    ~Between() {
        waker_->wake();
        thread_.join();
    }

    net::Socket connect() {
        auto socket = net::Socket::connect("127.0.0.1", proxy_->port());
        REQUIRE(socket);
        REQUIRE(net::wait_writable(*socket));
        REQUIRE_FALSE(socket->connect_error());
        return std::move(*socket);
    }

    net::Listener target = net::listen_on("127.0.0.1");

private:
    std::optional<net::Waker> waker_;
    std::optional<Proxy> proxy_;
    std::thread thread_;
};

void write_all(net::Socket& socket, const Bytes& bytes) {
    for (ByteSpan rest = bytes; !rest.empty();) {
        const net::Transfer transfer = socket.write({&rest, 1});
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) {
            REQUIRE(net::wait_writable(socket));
            continue;
        }
        REQUIRE(transfer.outcome == net::Transfer::Outcome::Done);
        rest = rest.subspan(transfer.bytes);
    }
}

Bytes read_until_broken(net::Socket& socket) {
    Bytes got;
    Bytes buffer(4096);
    for (;;) {
        const net::Transfer transfer = socket.read(buffer);
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) {
            REQUIRE(net::wait_readable(socket));
            continue;
        }
        if (transfer.outcome != net::Transfer::Outcome::Done) return got;
        append(got, ByteSpan(buffer).first(transfer.bytes));
    }
}

}  // namespace

TEST_CASE("bytes and ends pass both ways", "[badnet]") {
    Between between({.latency = 2ms, .jitter = 3ms, .held_bytes_max = 16 * 1024, .short_reads = true});
    net::Socket client = between.connect();
    net::Socket server = net::accept_from(between.target).socket;
    const Bytes question = counted(10'000);
    write_all(client, question);
    CHECK(net::read_all(server, question.size()) == question);
    client.shut_down_sending();
    CHECK(net::read_all(server).empty());
    // The other half lives on.
    const Bytes answer = counted(7'000);
    write_all(server, answer);
    server.shut_down_sending();
    CHECK(net::read_all(client) == answer);
}

TEST_CASE("more than the link holds waits, and nothing is lost", "[badnet]") {
    Between between({.held_bytes_max = 4096});
    net::Socket client = between.connect();
    net::Socket server = net::accept_from(between.target).socket;
    const Bytes all = counted(8 * 1024 * 1024);
    Bytes got;
    std::thread reader([&] { got = net::read_all(server, all.size()); });
    write_all(client, all);
    reader.join();
    CHECK(got == all);
}

TEST_CASE("a reset link ends both connections at its byte", "[badnet]") {
    Between between({.reset_after = 5'000});
    net::Socket client = between.connect();
    net::Socket server = net::accept_from(between.target).socket;
    write_all(client, counted(20'000));
    CHECK(read_until_broken(server) == counted(5'000));
}

TEST_CASE("in an episode the links are its own", "[badnet]") {
    Between between({}, Episode{.begin = 0s, .length = 1h, .up = {.reset_after = 5'000}});
    net::Socket client = between.connect();
    net::Socket server = net::accept_from(between.target).socket;
    write_all(client, counted(20'000));
    CHECK(read_until_broken(server) == counted(5'000));
}

TEST_CASE("after an episode the links are as before", "[badnet]") {
    Between between({}, Episode{.begin = 0s, .length = 0s, .up = {.reset_after = 5'000}});
    net::Socket client = between.connect();
    net::Socket server = net::accept_from(between.target).socket;
    // The first bytes may meet the episode, which ends with the next look; they are fewer than would break it.
    write_all(client, counted(100));
    CHECK(net::read_all(server, 100) == counted(100));
    write_all(client, counted(20'000));
    CHECK(net::read_all(server, 20'000) == counted(20'000));
}

TEST_CASE("who connects while the target is away is let go", "[badnet]") {
    Between between({});
    {
        // Nobody listens any more.
        const net::Listener gone = std::move(between.target);
    }
    net::Socket client = between.connect();
    Bytes buffer(16);
    REQUIRE(net::wait_readable(client));
    CHECK(client.read(buffer).outcome != net::Transfer::Outcome::Done);
}

TEST_CASE("each connection has links of its own", "[badnet]") {
    Between between({.latency = 1ms, .jitter = 2ms});
    std::vector<net::Socket> clients;
    std::vector<net::Socket> servers;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(between.connect());
        servers.push_back(net::accept_from(between.target).socket);
        write_all(clients.back(), counted(static_cast<std::size_t>(i) + 1));
        CHECK(net::read_all(servers.back(), static_cast<std::size_t>(i) + 1).size() == static_cast<std::size_t>(i) + 1);
    }
    for (int i = 4; i >= 0; --i) {
        write_all(servers[static_cast<std::size_t>(i)], counted(100));
        CHECK(net::read_all(clients[static_cast<std::size_t>(i)], 100) == counted(100));
    }
}
