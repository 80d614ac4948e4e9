// H09: small frames that would become large ones. A server inflates nothing at all; a client no more than its options say, and nothing that
// does not say how much it will be.
#include <sys/resource.h>

#include <algorithm>

#include "sdk/core/wire/envelope.h"
#include "tests/hostile/balls.h"
#include "tests/hostile/victim.h"
#include "tests/support/zeros_frame.h"

using namespace tidewire;
using namespace tidewire::hostile;
using tidewire::test::frame_of_zeros;

namespace {

/// What this process has had in memory at most, and how much more it may have at the end of a test.
class Peak {
public:
    /// In KiB.
    long growth() const { return now() - began_; }
    /// A sanitizer keeps what was freed.
    static constexpr long allowed =
#ifdef __SANITIZE_ADDRESS__
        1024 * 1024;
#else
        16 * 1024;
#endif

private:
    static long now() {
        rusage usage{};
        REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
        return usage.ru_maxrss;
    }
    long began_ = now();
};

Bytes enveloped(wire::Kind kind, wire::Coding coding, ByteSpan rest) {
    Bytes bytes(1 + rest.size(), wire::to_byte({kind, coding}));
    std::copy(rest.begin(), rest.end(), bytes.begin() + 1);
    return bytes;
}

struct Row {
    const char* what;
    Bytes frame;
    std::uint16_t code;
};

std::vector<Row> bombs() {
    const Bytes good = frame_of_zeros(1000, true, 17);
    Bytes two = good;
    append(two, good);
    const Bytes skippable{
        std::byte{0x50}, std::byte{0x2a}, std::byte{0x4d}, std::byte{0x18}, std::byte{4}, {}, {}, {}, {}, {}, {}, {}};
    Bytes hidden = skippable;
    append(hidden, good);
    Bytes behind = good;
    append(behind, skippable);
    Bytes cut;
    append(cut, ByteSpan(good).first(good.size() - 1));
    // Its header names dictionary 7: two bits of the descriptor, and a byte before the content's size.
    Bytes named;
    append(named, ByteSpan(good).first(6));
    named[4] |= std::byte{1};
    named.push_back(std::byte{7});
    append(named, ByteSpan(good).subspan(6));
    return {
        {"256 MB of zeros, declared", frame_of_zeros(256'000'000, true, 17), 1009},
        {"256 MB of zeros, undeclared", frame_of_zeros(256'000'000, false, 17), 1007},
        {"one byte more than a client inflates", frame_of_zeros(256 * 1024 + 1, true, 17), 1009},
        {"a window of 128 MB for little", frame_of_zeros(200'000, false, 27), 1007},
        {"a skippable frame", skippable, 1007},
        {"a skippable frame before a good one", hidden, 1007},
        {"a skippable frame behind a good one", behind, 1007},
        {"two frames", two, 1007},
        {"a frame that is cut off", cut, 1007},
        {"a frame of a dictionary that was not agreed on", named, 1007},
        {"nothing", {}, 1007},
    };
}

}  // namespace

TEST_CASE("H09: what is compressed is refused by a server unread, whatever is in it", "[H09]") {
    const auto rows = bombs();
    Balls balls;
    Stage stage(balls.game(), {});
    stage.keeps_events = false;
    stage.run_for(1s);
    std::int64_t allocations_max = 0;
    std::int64_t bytes_max = 0;
    const Peak peak;
    for (const Row& row : rows)
        for (const wire::Kind kind :
             {wire::Kind::Cold, wire::Kind::Tick, wire::Kind::Input, wire::Kind::Part, wire::Kind::Body})
            for (const wire::Coding coding : {wire::Coding::Zstd, wire::Coding::ZstdDictionary}) {
                CAPTURE(row.what, static_cast<int>(kind), static_cast<int>(coding));
                RawPeer& peer = stage.join("x");
                const std::int64_t allocations = Stage::heap_allocations();
                const std::int64_t bytes = Stage::heap_bytes();
                Bytes message = enveloped(kind, coding, row.frame);
                message.resize(std::min<std::size_t>(message.size(), 16 * 1024));
                stage.say_message(peer, message);
                allocations_max = std::max(allocations_max, Stage::heap_allocations() - allocations);
                bytes_max = std::max(bytes_max, Stage::heap_bytes() - bytes);
                CHECK(peer.close_code == 1002);
            }
    CHECK(allocations_max <= 40);
    CHECK(bytes_max <= 4 * 1024);
    CHECK(peak.growth() < Peak::allowed);
    print_figure("H09", "a zstd bomb to a server: " + std::to_string(allocations_max) + " allocations, " +
                            std::to_string(bytes_max) + " bytes at most");
}

TEST_CASE("H09: a client inflates no frame that is too large, too vague, or not alone", "[H09]") {
    const auto rows = bombs();
    const Peak peak;
    std::int64_t bytes_max = 0;
    for (const Row& row : rows) {
        for (const bool whole_message : {false, true}) {
            CAPTURE(row.what, whole_message);
            Victim victim;
            const std::int64_t bytes = Victim::heap_bytes();
            if (whole_message)
                victim.hear_message(enveloped(wire::Kind::Cold, wire::Coding::Zstd, row.frame));
            else
                victim.hear_message(
                    tidewire::test::keyframe_message(1, enveloped(wire::Kind::Body, wire::Coding::Zstd, row.frame)));
            REQUIRE(victim.closed() != nullptr);
            CHECK(victim.closed()->close_code == row.code);
            bytes_max = std::max(bytes_max, Victim::heap_bytes() - bytes);
        }
    }
    CHECK(bytes_max < 64 * 1024);
    CHECK(peak.growth() < Peak::allowed);
    print_figure("H09", "a zstd bomb to a client: " + std::to_string(bytes_max) +
                            " bytes on the heap, the process's peak " + std::to_string(peak.growth()) + " KiB higher");
}

TEST_CASE("H09: many bodies that each inflate to what is allowed are refused together", "[H09]") {
    Victim victim;
    const Bytes body = enveloped(wire::Kind::Body, wire::Coding::Zstd, frame_of_zeros(256 * 1024, true, 17));
    wire::TickMessage tick{.tick = 1};
    for (std::uint16_t group = 0; group < 1000; ++group)
        tick.bodies.push_back({.group = group, .coding = wire::BodyCoding::Keyframe, .bytes = body});
    const std::int64_t before = Victim::heap_bytes();
    const Peak peak;
    victim.hear_message(tidewire::test::tick_message(tick));
    REQUIRE(victim.closed() != nullptr);
    CHECK(victim.closed()->close_code == 1009);
    // Sixteen of them are what one Tick may inflate to.
    CHECK(Victim::heap_bytes() - before < 4 * 1024 * 1024 + 64 * 1024);
    CHECK(peak.growth() < Peak::allowed);
}
