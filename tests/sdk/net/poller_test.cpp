// Promises of the poller, of the waker and of waiting on one descriptor.
#include "sdk/net/poller.h"

#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>
#include <vector>

#include "sdk/net/system.h"
#include "sdk/net/waker.h"
#include "tests/sdk/net/loopback.h"

using namespace tidewire;
using namespace tidewire::net;

namespace {

Poller make_poller() {
    auto poller = Poller::create();
    REQUIRE(poller);
    return std::move(*poller);
}

/// The one descriptor that is ready now or soon.
Poller::Ready wait_one(Poller& poller) {
    for (;;) {
        const auto ready = poller.wait(patience);
        if (ready.empty()) continue;  // a signal
        REQUIRE(ready.size() == 1);
        return ready[0];
    }
}

void write(Socket& socket, std::string_view text) {
    const ByteSpan part = as_bytes(text);
    REQUIRE(socket.write({&part, 1}).bytes == text.size());
}

}  // namespace

TEST_CASE("nothing ready: looking costs no time, and a timeout passes", "[net][poller]") {
    StreamPair pair;
    Poller poller = make_poller();
    REQUIRE(poller.add(pair.server.fd(), 1, {}));
    CHECK(poller.wait(Duration::zero()).empty());
    CHECK(poller.wait(Duration(-5)).empty());
    const TimePoint start = now();
    CHECK(poller.wait(Duration(1500)).empty());
    CHECK(now() - start >= Duration(1500));
}

TEST_CASE("readiness comes back under the caller's 64-bit key until it is dealt with", "[net][poller]") {
    StreamPair pair;
    Poller poller = make_poller();
    constexpr std::uint64_t key = 0xfedcba9876543210;
    REQUIRE(poller.add(pair.server.fd(), key, {}));
    write(pair.client, "hello");
    for (int twice = 0; twice < 2; ++twice) {
        const Poller::Ready ready = wait_one(poller);
        CHECK(ready.key == key);
        CHECK(ready.readable);
        CHECK_FALSE(ready.writable);
        CHECK_FALSE(ready.hangup);
    }
    read_all(pair.server, 5);
    CHECK(poller.wait(Duration::zero()).empty());
}

TEST_CASE("an interest may change, and end", "[net][poller]") {
    StreamPair pair;
    Poller poller = make_poller();
    REQUIRE(poller.add(pair.server.fd(), 1, {.readable = true, .writable = true}));
    CHECK(wait_one(poller).writable);
    poller.modify(pair.server.fd(), 2, {.readable = true, .writable = false});
    CHECK(poller.wait(Duration::zero()).empty());
    write(pair.client, "x");
    CHECK(wait_one(poller).key == 2);
    poller.modify(pair.server.fd(), 3, {.readable = false, .writable = false});
    CHECK(poller.wait(Duration::zero()).empty());
    poller.modify(pair.server.fd(), 4, {});
    CHECK(wait_one(poller).key == 4);
    poller.remove(pair.server.fd());
    CHECK(poller.wait(Duration::zero()).empty());
    CHECK(poller.add(pair.server.fd(), 5, {}));
    CHECK_FALSE(poller.add(pair.server.fd(), 5, {}));
}

TEST_CASE("a half-closed stream is readable, a reset one hangs up", "[net][poller]") {
    StreamPair pair;
    Poller poller = make_poller();
    REQUIRE(poller.add(pair.server.fd(), 1, {}));
    SECTION("half-close") {
        pair.client.shut_down_sending();
        const Poller::Ready ready = wait_one(poller);
        CHECK(ready.readable);
        CHECK_FALSE(ready.hangup);
    }
    SECTION("reset, even without any interest") {
        poller.modify(pair.server.fd(), 1, {.readable = false, .writable = false});
        const linger reset{1, 0};
        setsockopt(pair.client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        pair.client = {};
        const Poller::Ready ready = wait_one(poller);
        CHECK(ready.readable);
        CHECK(ready.hangup);
    }
}

TEST_CASE("more ready descriptors than one call returns are all met", "[net][poller]") {
    Poller poller = make_poller();
    std::vector<Waker> wakers;
    for (std::uint64_t i = 0; i < 300; ++i) {
        auto waker = Waker::create();
        REQUIRE(waker);
        waker->wake();
        REQUIRE(poller.add(waker->fd(), i, {}));
        wakers.push_back(std::move(*waker));
    }
    std::vector<int> met(wakers.size(), 0);
    for (std::size_t total = 0; total < wakers.size();) {
        const auto ready = poller.wait(Duration::zero());
        REQUIRE_FALSE(ready.empty());
        for (const Poller::Ready& one : ready) {
            ++met[one.key];
            wakers[one.key].reset();
        }
        total += ready.size();
    }
    CHECK(met == std::vector<int>(wakers.size(), 1));
}

TEST_CASE("a waker wakes a sleeping poller from another thread, once for many calls", "[net][waker]") {
    Poller poller = make_poller();
    auto waker = Waker::create();
    REQUIRE(waker);
    REQUIRE(poller.add(waker->fd(), 9, {}));
    CHECK(poller.wait(Duration::zero()).empty());
    std::thread other([&] {
        waker->wake();
        waker->wake();
    });
    CHECK(wait_one(poller).key == 9);
    other.join();
    waker->reset();
    CHECK(poller.wait(Duration::zero()).empty());
    waker->reset();  // nothing to reset is no trouble
    waker->wake();
    CHECK(wait_one(poller).readable);
}

TEST_CASE("waiting on one descriptor sees what it is asked for", "[net][wait]") {
    StreamPair pair;
    CHECK_FALSE(wait(pair.server.fd(), {}, Duration::zero()));
    CHECK(wait(pair.server.fd(), {.readable = true, .writable = true}, Duration::zero()));
    write(pair.client, "x");
    CHECK(wait(pair.server.fd(), {}, patience));
    CHECK(wait(pair.server.fd(), {}, Duration::max()));
    CHECK_FALSE(wait(pair.server.fd(), {.readable = false, .writable = false}, Duration::zero()));

    const TimePoint start = now();
    CHECK_FALSE(wait(-1, {}, Duration(1500)));
    CHECK(now() - start >= Duration(1500));
}

TEST_CASE("pollers that share a listener: whoever comes late finds nobody, and that is no error", "[net][poller]") {
    Listener first = listen_on("127.0.0.1");
    auto second = first.share();
    REQUIRE(second);
    CHECK(second->port() == first.port());
    Poller pollers[] = {make_poller(), make_poller()};
    Listener* const listeners[] = {&first, &*second};
    const Interest interest{.readable = true, .exclusive = true};
    for (int i = 0; i < 2; ++i) REQUIRE(pollers[i].add(listeners[i]->fd(), 7, interest));
    // Nobody sleeps: both learn of it, whichever looks first.
    for (const int quick : {0, 1}) {
        auto client = Socket::connect("127.0.0.1", first.port());
        REQUIRE(client);
        CHECK(wait_one(pollers[quick]).key == 7);
        CHECK(wait_one(pollers[1 - quick]).key == 7);
        auto accepted = listeners[quick]->accept();
        REQUIRE(accepted);
        CHECK(accepted->has_value());
        auto late = listeners[1 - quick]->accept();
        REQUIRE(late);
        CHECK_FALSE(late->has_value());
        CHECK(pollers[1 - quick].wait(Duration::zero()).empty());
    }
    // What is exclusive may rest and come back, as a listener does that is out of descriptors.
    pollers[0].modify(first.fd(), 7, {.readable = false, .exclusive = true});
    auto client = Socket::connect("127.0.0.1", first.port());
    REQUIRE(client);
    CHECK(wait_one(pollers[1]).key == 7);
    CHECK(pollers[0].wait(Duration::zero()).empty());
    pollers[0].modify(first.fd(), 8, interest);
    CHECK(wait_one(pollers[0]).key == 8);
    pollers[0].remove(first.fd());
}

TEST_CASE("threads that share a listener accept everybody once", "[net][poller]") {
    Listener listener = listen_on("127.0.0.1");
    constexpr int clients = 40;
    std::atomic<int> accepted = 0;
    Waker wakers[] = {std::move(*Waker::create()), std::move(*Waker::create())};
    const auto accept_all = [&](Listener& own, Waker& waker) {
        auto poller = Poller::create();
        if (!poller || !poller->add(own.fd(), 1, {.readable = true, .exclusive = true}) ||
            !poller->add(waker.fd(), 2, {}))
            return;
        std::vector<Socket> held;
        for (;;) {
            for (const Poller::Ready& ready : poller->wait(patience)) {
                if (ready.key == 2) return poller->remove(own.fd());
                for (auto one = own.accept(); one && *one; one = own.accept()) {
                    held.push_back(std::move((**one).socket));
                    if (++accepted == clients)
                        for (Waker& each : wakers) each.wake();
                }
            }
        }
    };
    auto shared = listener.share();
    REQUIRE(shared);
    std::thread first(accept_all, std::ref(listener), std::ref(wakers[0]));
    std::thread second(accept_all, std::ref(*shared), std::ref(wakers[1]));
    std::vector<Socket> connecting;
    for (int i = 0; i < clients; ++i) {
        auto client = Socket::connect("127.0.0.1", listener.port());
        if (client) connecting.push_back(std::move(*client));
    }
    first.join();
    second.join();
    CHECK(connecting.size() == clients);
    CHECK(accepted == clients);
}
