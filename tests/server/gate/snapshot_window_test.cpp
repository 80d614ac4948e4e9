// How much may be on its way, and what is believed of a link that our own ticks fill.
#include "server/gate/snapshot_window.h"

#include <catch2/catch.hpp>
#include <deque>

#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::test;

namespace {

constexpr Duration interval = Duration(1s) / 60;

/// A link that carries one tick at a time, each for `carry`, after a round trip of `rtt`; written to at 60 Hz as far as the window allows.
struct Line {
    explicit Line(Duration round_trip) : rtt(round_trip), window(interval, at(0s)) {}

    void run_for(Duration duration) {
        for (const TimePoint end = now + duration; now < end; now += interval) {
            while (!arrivals.empty() && arrivals.front().second <= now) {
                window.note_acknowledged(arrivals.front().first, arrivals.front().second);
                age_max = std::max(age_max, now - written[arrivals.front().first]);
                arrivals.pop_front();
            }
            ++tick;
            if (!window.open(now)) continue;
            ++told;
            window.note_written(tick, 1500, now);
            written.resize(tick + 1);
            written[tick] = now;
            free_at = std::max(free_at, now) + carry;
            arrivals.emplace_back(tick, free_at + rtt);
            ticks_most = std::max(ticks_most, window.ticks());
        }
    }

    Duration rtt;
    Duration carry{0};
    SnapshotWindow window;
    TimePoint now = at(0s);
    TimePoint free_at{};
    Tick tick = 0;
    int told = 0;
    std::size_t ticks_most = 0;
    Duration age_max{0};  // from the writing to the acknowledgement
    std::vector<TimePoint> written;
    std::deque<std::pair<Tick, TimePoint>> arrivals;
};

}  // namespace

TEST_CASE("on a link that carries everything every tick is told, at any round trip", "[gate][window]") {
    for (const Duration rtt : {Duration(0), Duration(1ms), Duration(60ms), Duration(200ms), Duration(400ms)}) {
        CAPTURE(rtt.count());
        Line line(rtt);
        line.run_for(2s);
        line.told = 0;
        line.run_for(60s);
        CHECK(line.told == 3600 + 1);
        CHECK(*line.window.rtt_min() <= rtt + interval);
    }
}

TEST_CASE("on a link that is too slow the ticks on their way are few, however long it lasts", "[gate][window]") {
    Line line(60ms);
    line.run_for(5s);
    line.carry = 24ms;  // 1500 bytes at 0.5 Mbit/s
    line.age_max = Duration(0);
    line.run_for(120s);
    CHECK(line.age_max <= 240ms);
    CHECK(line.window.ticks_allowed(line.now) <= 8);
    line.carry = Duration(0);
    line.run_for(2s);
    line.told = 0;
    line.run_for(10s);
    CHECK(line.told >= 595);
}

TEST_CASE("a route that became longer is believed once fewer ticks on their way come back no sooner", "[gate][window]") {
    const auto rtt = GENERATE(20ms, 60ms);
    Line line(rtt);
    line.run_for(5s);
    line.rtt = rtt + 240ms;
    line.run_for(4s);
    CHECK(*line.window.rtt_min() >= line.rtt);
    CHECK(*line.window.rtt_min() <= line.rtt + interval);
    line.told = 0;
    line.run_for(10s);
    CHECK(line.told >= 10 * 60 * 9 / 10);
}

TEST_CASE("a route that became longer is believed after ten seconds, by a window that is halved on trial",
          "[gate][window]") {
    Line line(20ms);
    line.run_for(5s);
    CHECK(line.window.ticks_allowed(line.now) == 6);
    line.rtt = 300ms;
    line.run_for(14s);
    CHECK(*line.window.rtt_min() >= 300ms);
    CHECK(*line.window.rtt_min() <= 300ms + interval);
    line.told = 0;
    line.run_for(30s);
    CHECK(line.told >= 30 * 60);
}

TEST_CASE("bytes close the window too, and a single tick may be as large as it is", "[gate][window]") {
    SnapshotWindow window(interval, at(0s));
    CHECK(window.open(at(0s)));
    window.note_written(1, 500'000, at(0s));
    CHECK_FALSE(window.open(at(0s)));
    CHECK(window.bytes() == 500'000);
    window.note_acknowledged(1, at(2s));
    CHECK(window.open(at(2s)));
    CHECK(window.bytes() == 0);
    for (Tick tick = 2; window.open(at(2s)); ++tick) window.note_written(tick, 20'000, at(2s));
    CHECK(window.ticks() == 4);
}

TEST_CASE("an acknowledgement covers what was written before it, and a stale one nothing", "[gate][window]") {
    SnapshotWindow window(interval, at(0s));
    for (Tick tick = 10; tick < 15; ++tick) window.note_written(tick, 100, at(0s));
    CHECK(window.oldest() == at(0s));
    window.note_acknowledged(12, at(50ms));
    CHECK(window.ticks() == 2);
    window.note_acknowledged(12, at(60ms));
    CHECK(window.ticks() == 2);
    window.note_acknowledged(14, at(70ms));
    CHECK(window.ticks() == 0);
    CHECK_FALSE(window.oldest());
}

TEST_CASE("what a thin link carries is not forgotten while ticks are alone on it", "[gate][window]") {
    Line line(40ms);
    line.run_for(1s);
    line.carry = 300ms;
    line.run_for(30s);
    REQUIRE(line.window.ticks_allowed(line.now) <= 4);
    // One tick a second, as on the rung of keyframes.
    while (line.window.ticks() > 0) line.window.note_acknowledged(line.tick, line.now);
    for (int second = 1; second <= 60; ++second) {
        line.now += 1s;
        REQUIRE(line.window.open(line.now));
        line.window.note_written(++line.tick, 1500, line.now);
        line.window.note_acknowledged(line.tick, line.now + 340ms);
    }
    CHECK(line.window.ticks_allowed(line.now) <= 4);
}

TEST_CASE("an acknowledgement from before its tick was written is no round trip", "[gate][window]") {
    Line line(60ms);
    line.run_for(5s);
    const std::size_t allowed = line.window.ticks_allowed(line.now);
    const Duration rtt_min = *line.window.rtt_min();
    line.window.note_written(++line.tick, 1500, line.now);
    line.window.note_acknowledged(line.tick, line.now - 3s);
    CHECK(line.window.rtt_min() == rtt_min);
    CHECK(line.window.ticks_allowed(line.now) == allowed);
}
