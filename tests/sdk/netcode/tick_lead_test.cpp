// The loop of tick-ahead, closed: inputs over a model link, a server that says how early they came, and the clock that follows.
#include "sdk/core/netcode/tick_lead.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "sdk/net/link_model.h"
#include "tests/support/time.h"

using namespace tidewire;
using namespace tidewire::netcode;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

struct LoopOptions {
    int tick_rate = 60;
    net::LinkOptions link{};          // both ways
    Duration frame = Duration(1000);  // how often the client looks
    std::uint64_t seed = 1;
};

/// What happened from one instant on.
struct Tally {
    int inputs = 0;
    int late = 0;
    double late_most = 0;  // in ticks
    int sign_changes = 0;  // of the dilation
    double lead_sum = 0;   // over the inputs
    double lead_mean() const { return lead_sum / inputs; }
    double late_percent() const { return 100.0 * late / inputs; }
};

class Loop {
public:
    explicit Loop(LoopOptions options)
        : options_(options),
          period_(Duration(1s) / options.tick_rate),
          up_(options.link, options.seed * 2, at(0s)),
          down_(options.link, options.seed * 2 + 1, at(0s)),
          lead(period_) {}

    void run_for(Duration duration) {
        for (const TimePoint end = now_ + duration; now_ < end; now_ = std::min(end, next_instant())) {
            serve();
            if (now_ >= next_frame_) {
                next_frame_ += options_.frame;
                play();
            }
        }
    }
    void set_link(net::LinkOptions link) {
        up_.set_options(link, now_);
        down_.set_options(link, now_);
        options_.link = link;
    }
    TimePoint now() const { return now_; }

    Tally tally;

private:
    struct Up {
        Tick tick;
    };
    struct Down {
        Tick tick;
        Tick input;
        double lead;
    };

    TimePoint next_instant() const { return std::min({up_.next_arrival(), start_of(tick_ + 1), next_frame_}); }
    TimePoint start_of(Tick tick) const { return at(0s) + period_ * tick; }

    void serve() {
        Up input{};
        MutableByteSpan room{reinterpret_cast<std::byte*>(&input), sizeof input};
        while (up_.read(room, now_) == sizeof input) {
            const double ticks =
                static_cast<double>((start_of(input.tick) - now_).count()) / static_cast<double>(period_.count());
            // One of a burst: the worst.
            if (sample_.input == 0 || ticks < sample_.ticks) sample_.ticks = ticks;
            sample_.input = input.tick;
            ++tally.inputs;
            tally.lead_sum += ticks;
            if (input.tick > tick_) continue;
            ++tally.late;
            tally.late_most = std::max(tally.late_most, -ticks);
        }
        if (now_ < start_of(tick_ + 1)) return;
        ++tick_;
        const Down down{tick_, sample_.input, sample_.ticks};
        const ByteSpan part{reinterpret_cast<const std::byte*>(&down), sizeof down};
        down_.write({&part, 1}, now_);
        sample_ = {};
    }

    void play() {
        Down down{};
        MutableByteSpan room{reinterpret_cast<std::byte*>(&down), sizeof down};
        while (down_.read(room, now_) == sizeof down) {
            if (!lead.running()) {
                lead.start(down.tick, 2 * options_.link.latency, now_);
                sent_ = static_cast<Tick>(lead.position());
            }
            if (down.input != 0) lead.observe({down.input, down.lead}, now_);
        }
        if (!lead.running()) return;
        lead.advance(now_);
        const double dilation = lead.speed() - 1;
        if (dilation != 0) {
            tally.sign_changes += sign_ != 0 && (dilation > 0) != (sign_ > 0) ? 1 : 0;
            sign_ = dilation > 0 ? 1 : -1;
        }
        while (sent_ < static_cast<Tick>(lead.position())) {
            const Up input{++sent_};
            lead.note_sent(sent_);
            const ByteSpan part{reinterpret_cast<const std::byte*>(&input), sizeof input};
            up_.write({&part, 1}, now_);
        }
    }

    LoopOptions options_;
    Duration period_;
    net::LinkModel up_;
    net::LinkModel down_;
    TimePoint now_ = at(0s);
    TimePoint next_frame_ = at(0s);
    Tick tick_ = 0;
    Tick sent_ = 0;
    LeadSample sample_{};
    int sign_ = 0;

public:
    TickLead lead;
};

constexpr int rtts[] = {0, 1, 20, 80, 200, 400};
constexpr int rates[] = {15, 20, 30, 60, 128};

net::LinkOptions link(int rtt_ms, double jitter_part = 0) {
    const Duration latency = Duration(1ms) * rtt_ms / 2;
    return {.latency = latency,
            .jitter = Duration(static_cast<std::int64_t>(static_cast<double>(latency.count()) * jitter_part))};
}

}  // namespace

TEST_CASE("on a steady link no input is late, at any round trip and tick rate, and none waits long",
          "[netcode][lead]") {
    for (const int rtt : rtts)
        for (const int rate : rates)
            for (const Duration frame : {Duration(1ms), Duration(100ms)}) {
                CAPTURE(rtt, rate, frame.count());
                Loop loop({.tick_rate = rate, .link = link(rtt), .frame = frame});
                loop.run_for(3s);
                loop.tally = {};
                loop.run_for(30s);
                CHECK(loop.tally.inputs > 29 * rate);
                CHECK(loop.tally.late == 0);
                CHECK(loop.tally.sign_changes <= 1);
                CHECK(loop.tally.lead_mean() < 2.3 + 0.1 * rate * (frame == Duration(100ms) ? 1 : 0));
            }
}

TEST_CASE("with jitter fewer than one input in a thousand is late", "[netcode][lead]") {
    for (const int rtt : rtts)
        for (const int rate : rates) {
            CAPTURE(rtt, rate);
            Loop loop({.tick_rate = rate, .link = link(rtt, 0.3), .seed = 7});
            loop.run_for(5s);
            loop.tally = {};
            loop.run_for(60s);
            CAPTURE(loop.tally.late, loop.tally.late_most, loop.tally.sign_changes);
            CHECK(loop.tally.late_percent() < 0.1);
            CHECK(loop.tally.lead_mean() < 3.5 + rtt * 0.5 * 0.3 * rate / 1000);
        }
}

TEST_CASE("after a step of the link nothing is late from five seconds on, and the clock does not swing",
          "[netcode][lead]") {
    for (const int rtt : rtts)
        for (const int rate : rates)
            for (const int other : {rtt + 60, rtt + 200, rtt / 4})
                for (const Duration frame : {Duration(1ms), Duration(100ms)}) {
                    CAPTURE(rtt, other, rate, frame.count());
                    Loop loop({.tick_rate = rate, .link = link(rtt), .frame = frame});
                    loop.run_for(10s);
                    loop.tally = {};
                    loop.set_link(link(other));
                    loop.run_for(5s);
                    const int sign_changes = loop.tally.sign_changes;
                    loop.tally = {};
                    loop.run_for(30s);
                    CHECK(loop.tally.late == 0);
                    CHECK(sign_changes + loop.tally.sign_changes <= 2);
                }
}

TEST_CASE("stalls make late what they hold up and no more, and the lead does not grow with their number",
          "[netcode][lead]") {
    for (const int rtt : rtts)
        for (const int rate : rates) {
            CAPTURE(rtt, rate);
            net::LinkOptions options = link(rtt);
            options.stall_every = 2s;
            options.stall_for = 250ms;
            Loop loop({.tick_rate = rate, .link = options, .seed = 3});
            loop.run_for(10s);
            loop.tally = {};
            loop.run_for(20s);
            const double early_mean = loop.tally.lead_mean();
            loop.run_for(10s);
            loop.tally = {};
            loop.run_for(20s);
            CAPTURE(loop.tally.late, early_mean, loop.tally.lead_mean());
            // It may come to cover the stall, at rates that see few inputs between two; never more.
            CHECK(loop.tally.lead_mean() <= 0.25 * rate + 2);
            CHECK(loop.tally.lead_mean() <= early_mean + 1.5);
            const double lead = *loop.lead.worst();
            CHECK(loop.tally.late <= 10 * (std::max(0.0, 0.25 * rate - lead) + 2));
        }
}

TEST_CASE("a clock that was not asked for long goes on where it should be", "[netcode][lead]") {
    TickLead lead(Duration(1s) / 50);
    CHECK_FALSE(lead.running());
    lead.start(100, 40ms, at(0s));
    CHECK(lead.position() == Approx(103.25));
    lead.advance(at(10s));
    CHECK(lead.position() == Approx(603.25));
    CHECK(lead.when(604) == at(10015ms));
    lead.advance(lead.when(604));
    CHECK(lead.position() >= 604);
}

TEST_CASE("what a server says of inputs that were never sent counts for nothing", "[netcode][lead]") {
    TickLead lead(Duration(1s) / 50);
    lead.start(100, 40ms, at(0s));
    lead.observe({.input = 0, .ticks = -100}, at(20ms));
    lead.observe({.input = 4'000'000'000, .ticks = -100}, at(20ms));
    CHECK_FALSE(lead.worst());
    CHECK(lead.speed() == 1);
}

TEST_CASE("a server that says much in little time is not remembered without end", "[netcode][lead]") {
    TickLead lead(Duration(1s) / 50);
    lead.start(100, 40ms, at(0s));
    lead.note_sent(104);
    // Each sample is judged with all that are remembered.
    for (int i = 1; i <= 4000; ++i) {
        lead.observe({.input = 104, .ticks = 1}, at(i * 5us));
        REQUIRE(lead.samples() <= 1024);
    }
    CHECK(lead.samples() > 512);
}
