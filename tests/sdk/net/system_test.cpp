// Promises of the system's clock and random bytes.
#include "sdk/net/system.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <thread>

using namespace tidewire;

TEST_CASE("the clock never goes back", "[net][system]") {
    TimePoint last = net::now();
    CHECK(last > TimePoint());
    for (int i = 0; i < 10'000; ++i) {
        const TimePoint next = net::now();
        REQUIRE(next >= last);
        last = next;
    }
}

TEST_CASE("random bytes fill every span and never come twice", "[net][system]") {
    const RandomSource source = net::system_random();
    RandomSource copy = source;
    std::set<std::string> keys;
    const auto draw = [&keys](const RandomSource& from) {
        Bytes key(16);
        from(key);
        CHECK(keys.insert(to_string(key)).second);
    };
    for (int i = 0; i < 200; ++i) {
        draw(source);
        draw(copy);
        draw(net::system_random());
    }
    std::thread([&] { draw(copy); }).join();

    for (const std::size_t size : {0U, 1U, 255U, 256U, 257U, 100'000U}) {
        Bytes bytes(size + 1);
        source(MutableByteSpan(bytes).first(size));
        CHECK(bytes.back() == std::byte{0});  // not a byte too far
        // 64 zero bytes in a row would not come in the age of the universe.
        if (size >= 255) CHECK(std::search_n(bytes.begin(), bytes.end() - 1, 64, std::byte{0}) == bytes.end() - 1);
    }
}
