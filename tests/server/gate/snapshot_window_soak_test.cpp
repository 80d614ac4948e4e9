// Ten virtual minutes of a link whose rate, route, jitter and stalls change at random: what the window believes of it.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "sdk/core/base/random.h"
#include "server/gate/snapshot_window.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::test;

namespace {

constexpr Duration interval = Duration(1s) / 60;

/// Carries one tick at a time, each for `carry`; then it is `route` and up to `jitter` until the acknowledgement is back.
class Link {
public:
    explicit Link(std::uint64_t seed) : random_(seed) {}

    Duration route = 60ms;
    Duration carry{0};
    Duration jitter{0};
    SnapshotWindow window{interval, at(0s)};
    TimePoint now = at(0s);
    int told = 0;

    void stall(Duration duration) { free_at_ = std::max(free_at_, now) + duration; }

    void step() {
        for (; !arrivals_.empty() && arrivals_.front().second <= now; arrivals_.pop_front())
            window.note_acknowledged(arrivals_.front().first, arrivals_.front().second);
        ++tick_;
        if (window.open(now)) {
            ++told;
            window.note_written(tick_, 1500, now);
            free_at_ = std::max(free_at_, now) + carry;
            last_arrival_ = std::max(last_arrival_, free_at_ + route + between(Duration(0), jitter));
            arrivals_.emplace_back(tick_, last_arrival_);
        }
        now += interval;
    }

    Duration between(Duration least, Duration most) {
        return least + Duration(random_.below(static_cast<std::uint32_t>((most - least).count()) + 1));
    }
    /// Each power of two is as likely as another.
    Duration rate_between(Duration least, Duration most) {
        const double part = static_cast<double>(random_.below(1001)) / 1000;
        return geometric(least, most, part);
    }
    static Duration geometric(Duration from, Duration to, double part) {
        const double ratio = static_cast<double>(to.count()) / static_cast<double>(from.count());
        return Duration(std::llround(static_cast<double>(from.count()) * std::pow(ratio, part)));
    }

private:
    SeededRandom random_;
    Tick tick_ = 0;
    TimePoint free_at_{};
    TimePoint last_arrival_{};
    std::deque<std::pair<Tick, TimePoint>> arrivals_;
};

/// By how many ticks' time on the link the window believes more than the longest way of the last 15 seconds and the slack.
class Excess {
public:
    void note(const Link& link) {
        recent_.push_back({link.now, link.route + link.jitter, std::max(link.carry, interval)});
        while (recent_.front().at < link.now - 15s) recent_.pop_front();
        if (!link.window.rtt_min()) return;
        Duration route{0};
        Duration carry{0};
        for (const Moment& moment : recent_) {
            route = std::max(route, moment.route);
            carry = std::max(carry, moment.carry);
        }
        const Duration beyond = *link.window.rtt_min() - route - SnapshotWindowOptions{}.slack;
        const double ticks = static_cast<double>(beyond.count()) / static_cast<double>(carry.count());
        // What one acknowledgement has taught and the next has taken back fills no queue.
        most_ = std::max(most_, std::min(ticks, last_));
        last_ = ticks;
    }
    double most() const { return most_; }

private:
    struct Moment {
        TimePoint at;
        Duration route;
        Duration carry;
    };
    std::deque<Moment> recent_;
    double most_ = 0;
    double last_ = 0;
};

constexpr double excess_max = 5;  // ticks

}  // namespace

TEST_CASE("a link whose rate falls and rises slowly never teaches the window its own queue", "[gate][window]") {
    const auto seed = GENERATE(range(1, 13));
    CAPTURE(seed);
    Link link(static_cast<std::uint64_t>(seed));
    Excess excess;
    Duration to = 24ms;
    while (link.now < at(600s)) {
        const Duration from = to;
        to = link.rate_between(4ms, 400ms);
        const TimePoint begin = link.now;
        const Duration length = link.between(5s, 40s);
        for (int i = 0; link.now < begin + length; ++i) {
            link.carry = Link::geometric(
                from, to, static_cast<double>((link.now - begin).count()) / static_cast<double>(length.count()));
            link.step();
            if (i % 30 == 0) excess.note(link);
        }
    }
    CHECK(excess.most() <= excess_max);
}

TEST_CASE("a link whose rate, route and jitter jump, and that stalls, never teaches the window its own queue",
          "[gate][window]") {
    const auto seed = GENERATE(range(1, 13));
    CAPTURE(seed);
    Link link(static_cast<std::uint64_t>(seed));
    Excess excess;
    while (link.now < at(600s)) {
        switch (link.between(Duration(0), Duration(3)).count()) {
            case 0:
                link.carry = link.rate_between(1ms, 400ms);
                break;
            case 1:
                link.route = link.between(5ms, 300ms);
                break;
            case 2:
                link.jitter = link.between(0ms, 60ms);
                break;
            default:
                link.stall(link.between(50ms, 2s));
                // What the stall held up says nothing of what is believed.
                for (const TimePoint end = link.now + 5s; link.now < end;) link.step();
                break;
        }
        const TimePoint end = link.now + link.between(2s, 15s);
        for (int i = 0; link.now < end; ++i) {
            link.step();
            if (i % 30 == 0) excess.note(link);
        }
    }
    CHECK(excess.most() <= excess_max);
}

TEST_CASE("a link that has become fast again is not believed to be as long as it was", "[gate][window]") {
    const auto up = GENERATE(22s, 26s, 32s, 38s);
    CAPTURE(up.count());
    Link link(1);
    const auto change = [&](Duration from, Duration to, Duration length) {
        const TimePoint begin = link.now;
        while (link.now < begin + length) {
            link.carry = Link::geometric(
                from, to, static_cast<double>((link.now - begin).count()) / static_cast<double>(length.count()));
            link.step();
        }
    };
    link.carry = 24ms;
    for (const TimePoint end = link.now + 10s; link.now < end;) link.step();
    change(24ms, 333ms, up);
    change(333ms, 20ms, 13s);
    for (const TimePoint end = link.now + 60s; link.now < end;) link.step();
    CHECK(*link.window.rtt_min() <= 60ms + 50ms);
}

TEST_CASE("five seconds after the route became another every tick is told again", "[gate][window]") {
    const auto seed = GENERATE(range(1, 13));
    CAPTURE(seed);
    Link link(static_cast<std::uint64_t>(seed));
    while (link.now < at(600s)) {
        link.route = link.between(5ms, 400ms);
        link.carry = link.between(0ms, 12ms);
        for (const TimePoint end = link.now + 5s; link.now < end;) link.step();
        link.told = 0;
        const TimePoint begin = link.now;
        const TimePoint end = link.now + link.between(4s, 10s);
        while (link.now < end) link.step();
        CAPTURE(begin, link.route, *link.window.rtt_min());
        CHECK(link.told >= (link.now - begin) / interval * 9 / 10);
    }
}
