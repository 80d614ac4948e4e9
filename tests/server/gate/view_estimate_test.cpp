// What a client shows, as the server sees it from outside: links in virtual time, acknowledged tick by tick.
#include "server/gate/view_estimate.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <deque>

#include "sdk/core/netcode/render_clock.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

constexpr int tick_rate = 50;
constexpr Duration period = 20ms;

/// A client that acknowledges every tick as it comes, with the clock that it draws by.
class Watched {
public:
    explicit Watched(Duration one_way) : one_way_(one_way) {}

    Duration extra_down{0};  ///< How much longer the way takes.
    Duration extra_up{0};

    /// Lets the time pass in steps of a millisecond.
    void run_for(Duration duration) {
        for (const TimePoint end = now_ + duration; now_ < end; now_ += 1ms) {
            if (now_.time_since_epoch() % period == Duration(0) && tick() >= 1)
                down_.push_back({static_cast<Tick>(tick()), std::max(now_ + one_way_ + extra_down, last(down_))});
            while (!down_.empty() && down_.front().at <= now_) {
                clock_.observe(down_.front().tick, now_);
                up_.push_back({down_.front().tick, std::max(now_ + one_way_ + extra_up, last(up_))});
                down_.pop_front();
            }
            clock_.advance(now_);
            shown_.push_back(clock_.tick());
            while (!up_.empty() && up_.front().at <= now_) {
                estimate_.note_acknowledged(up_.front().tick, tick(), now_);
                up_.pop_front();
            }
        }
    }
    double tick() const { return static_cast<double>(now_.time_since_epoch().count()) / period.count(); }
    /// How much later than the truth the estimate is for an input that arrives now, in ticks.
    double error() const {
        const auto since = static_cast<std::size_t>((one_way_ + extra_up) / 1ms);
        return estimate_.at(tick(), now_) - shown_[shown_.size() - 1 - since];
    }
    const ViewEstimate& estimate() const { return estimate_; }
    TimePoint now() const { return now_; }

private:
    struct Way {
        Tick tick;
        TimePoint at;
    };
    static TimePoint last(const std::deque<Way>& ways) { return ways.empty() ? TimePoint{} : ways.back().at; }

    Duration one_way_;
    TimePoint now_{};
    std::deque<Way> down_;
    std::deque<Way> up_;
    netcode::RenderClock clock_{period};
    std::vector<double> shown_;
    ViewEstimate estimate_{tick_rate};
};

}  // namespace

TEST_CASE("before the first acknowledgement nothing is seen", "[gate][rewind]") {
    const ViewEstimate estimate(tick_rate);
    CHECK(estimate.at(100, TimePoint(2s)) == 0);
}

TEST_CASE("on a steady link the estimate is what the client shows", "[gate][rewind]") {
    for (const Duration one_way : {0ms, 10ms, 75ms, 200ms}) {
        INFO(one_way.count());
        Watched client(one_way);
        client.run_for(5s);
        for (int i = 0; i < 100; ++i) {
            client.run_for(7ms);
            CHECK(std::abs(client.error()) < 0.2);
        }
    }
}

TEST_CASE("after a stall the estimate stays behind as long as the picture does", "[gate][rewind]") {
    Watched client(40ms);
    client.run_for(5s);
    // Nothing arrives for 200 ms; then it all does.
    client.extra_down = 200ms;
    client.run_for(20ms);
    client.extra_down = 0ms;
    for (int i = 0; i < 300; ++i) {
        client.run_for(50ms);
        INFO(i);
        CHECK(std::abs(client.error()) < 2);
    }
    CHECK(std::abs(client.error()) < 0.2);
}

TEST_CASE("after a pause that a picture jumps over the estimate is older than it for a while, never newer",
          "[gate][rewind]") {
    Watched client(40ms);
    client.run_for(5s);
    client.extra_down = 2s;
    client.run_for(20ms);
    client.extra_down = 0ms;
    for (int i = 0; i < 300; ++i) {
        client.run_for(100ms);
        INFO(i);
        CHECK(client.error() < 0.2);
        CHECK(client.error() > -400ms / period - 0.2);
    }
    CHECK(std::abs(client.error()) < 0.2);
}

TEST_CASE("an estimate is never of a tick that the client does not say it has", "[gate][rewind]") {
    ViewEstimate estimate(tick_rate);
    estimate.note_acknowledged(10, 14, TimePoint(280ms));
    estimate.note_acknowledged(11, 15, TimePoint(300ms));
    CHECK(estimate.at(15, TimePoint(300ms)) == Approx(10));
    CHECK(estimate.at(25, TimePoint(500ms)) == 11);
    CHECK(estimate.at(1000, TimePoint(20s)) == 11);
    CHECK(estimate.at(2, TimePoint(300ms)) == 0);
}
