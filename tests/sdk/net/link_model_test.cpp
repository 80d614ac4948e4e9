// The model link: order, rate, delay, jitter, stalls, resets, and what a seed repeats.
#include "sdk/net/link_model.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <numeric>

#include "sdk/net/link_presets.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::net;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

Bytes counted(std::size_t size, std::size_t from = 0) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((from + i) * 7 % 251);
    return bytes;
}

std::size_t write(LinkModel& link, const Bytes& bytes, TimePoint now) {
    const ByteSpan part(bytes);
    return link.write({&part, 1}, now);
}

/// What has arrived by `now`.
Bytes drain(LinkModel& link, TimePoint now) {
    Bytes all;
    Bytes room(4096);
    while (const std::size_t count = link.read(room, now)) append(all, ByteSpan(room).first(count));
    return all;
}

struct Arrival {
    TimePoint at;
    std::size_t bytes;
    friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// Reads at each instant of arrival until nothing is on its way.
std::vector<Arrival> arrivals(LinkModel& link) {
    std::vector<Arrival> all;
    for (TimePoint at = link.next_arrival(); at != never && !link.at_end(at); at = link.next_arrival())
        all.push_back({at, drain(link, at).size()});
    return all;
}

}  // namespace

TEST_CASE("bytes arrive after the latency, and not before", "[net][link]") {
    LinkModel link({.latency = 40ms}, 1);
    CHECK(write(link, counted(100), at(5ms)) == 100);
    CHECK(link.next_arrival() == at(45ms));
    CHECK(drain(link, at(44'999us)).empty());
    CHECK(drain(link, at(45ms)) == counted(100));
    CHECK(link.next_arrival() == never);
}

TEST_CASE("bytes leave no faster than the rate, segment by segment, without rounding adding up", "[net][link]") {
    LinkModel link({.latency = 10ms, .bytes_per_second = 125'000}, 1);
    write(link, counted(125'000), at(0s));
    CHECK(link.next_arrival() == at(10ms + 11'584us));
    const auto seen = arrivals(link);
    CHECK(seen.size() == 87);
    CHECK(seen.back().at == at(1010ms));
}

TEST_CASE("jitter delays, keeps the order, and stays within its bound", "[net][link]") {
    const auto seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    LinkModel link({.latency = 20ms, .jitter = 30ms}, seed);
    TimePoint last{};
    bool late = false;
    for (int i = 0; i < 200; ++i) {
        const TimePoint now = at(i * 100ms);
        write(link, counted(10), now);
        const TimePoint arrives = link.next_arrival();
        CHECK(arrives >= now + 20ms);
        CHECK(arrives <= now + 50ms);
        CHECK(arrives >= last);
        late = late || arrives > now + 40ms;
        last = arrives;
        drain(link, arrives);
    }
    CHECK(late);
}

TEST_CASE("what is held is bounded, and room comes as the reader takes", "[net][link]") {
    LinkModel link({.latency = 10ms, .held_bytes_max = 1000}, 1);
    CHECK(write(link, counted(1500), at(0s)) == 1000);
    CHECK(link.full());
    CHECK(write(link, counted(10), at(1ms)) == 0);
    Bytes room(300);
    CHECK(link.read(room, at(10ms)) == 300);
    CHECK(link.held_bytes() == 700);
    CHECK(write(link, counted(500), at(10ms)) == 300);
}

TEST_CASE("a stall holds up all that follows, and the burst behind it is in order", "[net][link]") {
    LinkModel link({.latency = 10ms}, 1);
    link.stall(at(500ms));
    for (int i = 0; i < 10; ++i) write(link, counted(10, static_cast<std::size_t>(i) * 10), at(i * 20ms));
    CHECK(drain(link, at(499ms)).empty());
    CHECK(drain(link, at(500ms)) == counted(100));
}

TEST_CASE("stalls come again and again, for as long as they should", "[net][link]") {
    LinkModel link({.latency = 5ms, .stall_every = 2s, .stall_for = 250ms}, 9);
    int stalls = 0;
    Duration longest{0};
    bool stalled = false;
    for (Duration now = 0ms; now < 60s; now += 1ms) {
        write(link, counted(1), at(now));
        const Duration wait = link.next_arrival() - at(now);
        longest = std::max(longest, wait);
        stalls += wait > 200ms && !stalled ? 1 : 0;
        stalled = wait > 200ms || (stalled && wait > 5ms);
        drain(link, link.next_arrival());
    }
    CHECK(stalls >= 29);
    CHECK(stalls <= 30);
    CHECK(longest > 250ms);
    CHECK(longest <= 255ms);
}

TEST_CASE("a new rate counts for what has not left yet", "[net][link]") {
    LinkModel link({.latency = 10ms, .bytes_per_second = 100'000}, 1);
    write(link, counted(100'000), at(0s));
    link.set_options({.latency = 10ms, .bytes_per_second = 10'000}, at(500ms));
    const auto seen = arrivals(link);
    // Half a second is done; the other half takes ten times as long, but for the segment that is begun again.
    CHECK(seen.back().at >= at(5410ms));
    CHECK(seen.back().at <= at(5660ms));
    CHECK(std::accumulate(seen.begin(), seen.end(), std::size_t{0},
                          [](std::size_t sum, const Arrival& each) { return sum + each.bytes; }) == 100'000);
}

TEST_CASE("a better link does not let bytes overtake those on the worse one", "[net][link]") {
    LinkModel link({.latency = 300ms}, 1);
    write(link, counted(10), at(0s));
    link.set_options({.latency = 1ms}, at(10ms));
    write(link, counted(10, 10), at(20ms));
    CHECK(drain(link, at(299ms)).empty());
    CHECK(drain(link, at(300ms)) == counted(20));
}

TEST_CASE("the end of file comes behind everything that was written", "[net][link]") {
    LinkModel link({.latency = 10ms, .bytes_per_second = 1000}, 1);
    write(link, counted(500), at(0s));
    link.shut(at(1ms));
    CHECK(write(link, counted(1), at(2ms)) == 0);
    CHECK_FALSE(link.at_end(at(600ms)));
    CHECK(drain(link, at(510ms)).size() == 500);
    CHECK(link.at_end(at(510ms)));
}

TEST_CASE("a reset comes at its byte, wherever reads stop", "[net][link]") {
    const auto byte = GENERATE(0U, 1U, 5U, 1447U, 1448U, 1449U, 2999U);
    CAPTURE(byte);
    LinkModel link({.latency = 10ms, .reset_after = byte}, 1);
    write(link, counted(3000), at(0s));
    CHECK(drain(link, at(10ms)) == counted(byte));
    CHECK(link.reset());
    CHECK(write(link, counted(1), at(11ms)) == 0);
}

TEST_CASE("short reads and writes tear bytes apart and lose none", "[net][link]") {
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    LinkModel link({.latency = 1ms, .jitter = 1ms, .short_reads = true, .short_writes = true}, seed);
    const Bytes all = counted(20'000);
    std::size_t written = 0;
    std::size_t writes = 0;
    Bytes got;
    for (Duration now = 0ms; written < all.size(); now += 1ms, ++writes) {
        written += write(link, Bytes(all.begin() + static_cast<std::ptrdiff_t>(written), all.end()), at(now));
        append(got, drain(link, at(now)));
    }
    append(got, drain(link, at(1h)));
    CHECK(writes > 50);
    CHECK(got == all);
}

TEST_CASE("the same seed is the same link, another seed another", "[net][link]") {
    const auto run = [](std::uint64_t seed) {
        const LinkPreset& preset = *find_link_preset("train");
        LinkModel link(preset.down, seed);
        std::vector<Arrival> all;
        for (int i = 0; i < 500; ++i) {
            write(link, counted(700), at(i * 16ms));
            while (link.next_arrival() <= at(i * 16ms)) {
                const TimePoint arrives = link.next_arrival();
                all.push_back({arrives, drain(link, arrives).size()});
            }
        }
        return all;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}

TEST_CASE("presets have names that are found, and get no better from one to the next", "[net][link]") {
    CHECK(link_preset_names() == "lan, cable, dsl, 4g, 3g, train, hotel-wifi");
    CHECK(find_link_preset("5g") == nullptr);
    for (const LinkPreset& preset : link_presets()) {
        CAPTURE(preset.name);
        CHECK(find_link_preset(preset.name) == &preset);
        CHECK(preset.down.bytes_per_second >= preset.up.bytes_per_second);
    }
}
