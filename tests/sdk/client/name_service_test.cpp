// A name service that does not answer holds up nobody but the client's own thread.
#include <dlfcn.h>
#include <netdb.h>
#include <catch2/catch.hpp>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "sdk/net/system.h"
#include "test_schema.h"
#include "tests/sdk/net/loopback.h"
#include "tidewire/client.h"

using namespace tidewire;
using namespace std::chrono_literals;

namespace {

struct Rules {
    void operator()(Sim&, Entity, const ::test::Steer&) const {}
    std::shared_ptr<int> held_by_rules = nullptr;
};
using Game = Client<::test::Schema, Rules>;

/// Holds up each thread that asks for slow.test, once, until it is opened.
class Gate {
public:
    void pass() {
        thread_local bool passed = false;
        if (std::exchange(passed, true)) return;
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
        --waiting_;
        changed_.notify_all();
    }
    void close() {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void await(int waiting) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, net::patience, [&] { return waiting_ == waiting; }));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    int waiting_ = 0;
};

/// It outlives the threads that it holds up.
Gate& gate = *new Gate;

}  // namespace

/// In place of the C library's, which it asks in turn.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    if (node != nullptr && std::strcmp(node, "slow.test") == 0) {
        gate.pass();
        return EAI_NONAME;
    }
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, service, hints, result);
}

TEST_CASE("while the name service is silent a client is made, asked, closed and gone at once", "[client][error]") {
    gate.close();
    const auto held = std::make_shared<int>(0);
    {
        Game net("ws://slow.test:7777", {}, Rules{held});
        gate.await(1);
        CHECK(net.update());
        CHECK(net.poll());
        CHECK(net.status() == ClientStatus::Connecting);
        CHECK(net.latency().samples == 0);
        Game moved(std::move(net));
        CHECK(moved.poll());
        if (GENERATE(false, true)) {
            moved.close();
            CHECK(moved.status() == ClientStatus::Closed);
            CHECK_FALSE(moved.error());
        }
    }
    // What is the program's is the program's again, although the name service still has no answer.
    CHECK(held.use_count() == 1);
    gate.open();
    gate.await(0);
}

TEST_CASE("the time to connect includes that of the name service", "[client][error]") {
    gate.close();
    Game net("ws://slow.test:7777", {.connect_timeout = 60ms});
    const TimePoint deadline = net::now() + net::patience;
    while (net.update()) REQUIRE(net::now() < deadline);
    REQUIRE(net.error());
    CHECK(net.error()->blame == Blame::Machine);
    CHECK_THAT(net.error()->message, Catch::Matchers::Contains("60 ms"));
    gate.await(1);
    gate.open();
    gate.await(0);
}

TEST_CASE("a host without an address is told by name", "[client][error]") {
    Game net("ws://slow.test:7777");
    const TimePoint deadline = net::now() + net::patience;
    while (net.update()) REQUIRE(net::now() < deadline);
    REQUIRE(net.error());
    CHECK_THAT(net.error()->message, Catch::Matchers::Contains("slow.test"));
}
