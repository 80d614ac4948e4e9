// When a client tries again.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "sdk/core/session/backoff.h"

using namespace tidewire;
using namespace std::chrono_literals;
using session::Backoff;

namespace {

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

/// The waits of one loss in which each attempt takes `attempt` and fails.
std::vector<Duration> waits(std::uint64_t seed, Duration attempt, Duration until) {
    Backoff backoff({}, seeded(seed));
    TimePoint now{1s};
    const TimePoint lost = now;
    backoff.begin(now, std::nullopt);
    std::vector<Duration> all;
    while (now < lost + until) {
        all.push_back(backoff.next() - now);
        now = backoff.next() + attempt;
        backoff.note_attempt();
        backoff.note_failed(now);
    }
    return all;
}

}  // namespace

TEST_CASE("the first attempt is within 100 ms, later ones within a time that doubles", "[session][resume][H24]") {
    std::vector<Duration> most(12, Duration(0));
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const auto all = waits(seed, 50ms, 9s);
        for (std::size_t i = 0; i < std::min(all.size(), most.size()); ++i) {
            REQUIRE(all[i] >= Duration(0));
            most[i] = std::max(most[i], all[i]);
        }
    }
    const Duration bounds[] = {100ms, 500ms, 1s, 2s, 2s, 2s};
    for (std::size_t i = 0; i < std::size(bounds); ++i) {
        CAPTURE(i);
        CHECK(most[i] <= bounds[i]);
        CHECK(most[i] > bounds[i] * 9 / 10);
    }
}

TEST_CASE("after ten seconds waits grow to thirty, and no further", "[session][resume][H24]") {
    Duration most{0};
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        for (const Duration wait : waits(seed, 3s, 300s)) most = std::max(most, wait);
    CHECK(most <= 30s);
    CHECK(most > 27s);
}

TEST_CASE("players of a server that was gone do not come at once", "[session][resume][H24]") {
    std::vector<TimePoint> first;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        Backoff backoff({}, seeded(seed));
        backoff.begin(TimePoint{1s}, std::chrono::milliseconds(2000));
        first.push_back(backoff.next());
        CHECK(backoff.next() >= TimePoint{3s});
        CHECK(backoff.next() <= TimePoint{4s});
    }
    // In no tenth of the second more than 15 % of them.
    for (Duration at = 2s; at < 3s; at += 100ms) {
        const auto from = TimePoint{1s} + at;
        CHECK(std::count_if(first.begin(), first.end(), [&](TimePoint each) { return each >= from && each < from + 100ms; }) < 150);
    }
}

TEST_CASE("the ten seconds of short waits begin when the server has said that another try is worth it", "[session][resume]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Backoff backoff({}, seeded(seed));
        backoff.begin(TimePoint{1s}, std::chrono::seconds(20));
        TimePoint now = backoff.next();
        CHECK(now >= TimePoint{21s});
        // Refused, and the server says no more.
        while (now < TimePoint{31s}) {
            backoff.note_attempt();
            backoff.note_failed(now);
            REQUIRE(backoff.next() - now <= 2s);
            now = std::max(backoff.next(), now + 1ms);
        }
        CHECK(backoff.give_up_at() == TimePoint{81s});
    }
}
