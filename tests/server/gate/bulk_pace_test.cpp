// Parts over links of every kind, acknowledged as a client does it: the link has no pause, and what comes between does not wait long.
#include "server/gate/bulk_pace.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "sdk/net/link_model.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

constexpr Duration step = 100us;

/// A sender that always has something, its link, and a receiver that says every 2 ms what it has.
class Path {
public:
    Path(net::LinkOptions link, Duration rtt_min, BulkPaceOptions options = {})
        : pace(rtt_min, options), link_(link, 1, now) {}

    /// `others`: bytes of state on their way.
    void run_for(Duration duration, std::size_t others = 0) {
        for (const TimePoint end = now + duration; now < end; now += step) {
            while (!acknowledgements_.empty() && acknowledgements_.front().first <= now) {
                pace.note_received(acknowledgements_.front().second, now);
                acknowledgements_.erase(acknowledgements_.begin());
            }
            while (sending && pace.open(others)) {
                const Bytes part(pace.chunk());
                const ByteSpan parts[] = {part};
                link_.write(parts, now);
                pace.note_written(part.size(), others, now);
            }
            while (const std::size_t count = link_.read(buffer_, now)) received_ += count;
            if (received_ == told_ || now < told_at_ + 2ms) continue;
            told_ = received_;
            told_at_ = now;
            acknowledgements_.emplace_back(now + link_.options().latency, received_);
        }
    }
    /// How long a byte that is written now waits behind those that are on their way, beyond the link's latency.
    Duration wait() const {
        const auto rate = static_cast<double>(link_.options().bytes_per_second);
        const double pipe = rate * static_cast<double>(link_.options().latency.count()) / 1e6;
        const double queued = static_cast<double>(link_.held_bytes()) - pipe;
        return Duration(static_cast<std::int64_t>(std::max(queued, 0.0) / rate * 1e6));
    }
    void set_link(net::LinkOptions link) { link_.set_options(link, now); }
    std::uint64_t received() const { return received_; }

    TimePoint now{1s};
    BulkPace pace;
    bool sending = true;

private:
    net::LinkModel link_;
    std::uint64_t received_ = 0;
    std::uint64_t told_ = 0;
    TimePoint told_at_{};
    std::vector<std::pair<TimePoint, std::uint64_t>> acknowledgements_;
    Bytes buffer_ = Bytes(64 * 1024);
};

}  // namespace

TEST_CASE("parts fill links of every kind, and what comes between waits for a chunk or two", "[gate][bulk]") {
    const auto bytes_per_second = GENERATE(8'000U, 125'000U, 1'250'000U, 12'500'000U);
    const auto latency = GENERATE(500us, 20ms, 100ms);
    CAPTURE(bytes_per_second, Duration(latency).count());
    Path path({.latency = latency, .bytes_per_second = bytes_per_second}, 2 * Duration(latency));
    path.run_for(4s);
    Duration wait_max{0};
    const std::uint64_t before = path.received();
    for (int i = 0; i < 400; ++i) {
        path.run_for(10ms);
        wait_max = std::max(wait_max, path.wait());
    }
    // A chunk is never smaller than 1 KiB, which takes long on the thinnest link; a flight of 256 KiB bounds the longest.
    const double rtt = static_cast<double>(2 * Duration(latency).count()) / 1e6;
    const double possible = std::min<double>(bytes_per_second, 256 * 1024 / (rtt + 0.002));
    CHECK(static_cast<double>(path.received() - before) >= (bytes_per_second < 10'000 ? 0.75 : 0.9) * 4 * possible);
    const Duration chunk = std::max<Duration>(40ms, Duration(1024ULL * 1'000'000 / bytes_per_second));
    CHECK(wait_max.count() <= (chunk * 5 / 2).count());
    CHECK(path.pace.waiting_since());
}

TEST_CASE("before anything is known 16 KiB are on their way, and after one round trip what the link carries",
          "[gate][bulk]") {
    Path path({.latency = 20ms, .bytes_per_second = 6'250'000}, 40ms);
    CHECK(path.pace.whole_bytes_max() == 16 * 1024);
    CHECK_FALSE(path.pace.rate());
    CHECK_FALSE(path.pace.waiting_since());
    path.run_for(30ms);
    CHECK(path.pace.written() == 16 * 1024);
    path.run_for(20ms);
    CHECK(path.pace.written() > 200 * 1024);
    REQUIRE(path.pace.rate());
    CHECK(*path.pace.rate() > 3e6);
    CHECK(path.pace.whole_bytes_max() == 64 * 1024);
}

TEST_CASE("a link that becomes slower or longer is followed", "[gate][bulk]") {
    Path path({.latency = 10ms, .bytes_per_second = 1'250'000}, 20ms);
    path.run_for(2s);
    SECTION("slower") {
        path.set_link({.latency = 10ms, .bytes_per_second = 62'500});
        path.run_for(3s);
        Duration wait_max{0};
        for (int i = 0; i < 200; ++i) {
            path.run_for(10ms);
            wait_max = std::max(wait_max, path.wait());
        }
        CHECK(wait_max <= 100ms);
    }
    SECTION("longer") {
        path.set_link({.latency = 200ms, .bytes_per_second = 1'250'000});
        path.run_for(20s);
        const std::uint64_t before = path.received();
        path.run_for(5s);
        CHECK(path.received() - before > 5 * 1'250'000 / 2);
    }
}

TEST_CASE("after a pause it begins anew with 16 KiB at most", "[gate][bulk]") {
    Path path({.latency = 20ms, .bytes_per_second = 6'250'000}, 40ms);
    path.run_for(500ms);
    path.sending = false;
    path.run_for(500ms);
    CHECK_FALSE(path.pace.waiting_since());
    const std::uint64_t before = path.pace.written();
    path.sending = true;
    path.run_for(30ms);
    CHECK(path.pace.in_flight() >= 16 * 1024);
    CHECK(path.pace.written() - before <= 32 * 1024);
    path.run_for(30ms);
    CHECK(path.pace.in_flight() > 64 * 1024);
}

TEST_CASE("parts yield to state, but for one at a time", "[gate][bulk]") {
    Path path({.latency = 20ms, .bytes_per_second = 125'000}, 40ms);
    path.run_for(1s, 1000 * 1000);
    const std::uint64_t before = path.pace.received();
    CHECK(before > 0);
    CHECK(path.pace.in_flight() <= path.pace.chunk());
    path.run_for(1s, 1000 * 1000);
    CHECK(path.pace.received() > before);
}

TEST_CASE("who says nothing of parts is waited for since then", "[gate][bulk]") {
    BulkPace pace(20ms, {});
    const TimePoint start{1s};
    pace.note_written(4096, 0, start);
    pace.note_written(4096, 0, start + 10ms);
    CHECK(pace.waiting_since() == start);
    pace.note_received(4096, start + 30ms);
    CHECK(pace.waiting_since() == start + 30ms);
    pace.note_received(8192, start + 40ms);
    CHECK_FALSE(pace.waiting_since());
    CHECK(pace.in_flight() == 0);
}

TEST_CASE("word of a part from before it was written does not make the link shorter", "[gate][bulk]") {
    const auto window_after = [](Duration claimed) {
        BulkPace pace(60ms, {});
        TimePoint now(10s);
        for (int i = 0; i < 200; ++i, now += 70ms) {
            while (pace.open(0)) pace.note_written(pace.chunk(), 0, now);
            pace.note_received(pace.written(), i == 190 ? now + claimed : now + 70ms);
        }
        std::size_t bytes = 0;
        for (; pace.open(0); bytes += pace.chunk()) pace.note_written(pace.chunk(), 0, now);
        return bytes;
    };
    CHECK(window_after(-3s) * 2 > window_after(70ms));
}
