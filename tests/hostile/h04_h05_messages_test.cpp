// H04 and H05: lengths that lie, and messages of a great many fragments. Memory is taken for what came, never for what was announced.
#include <algorithm>

#include "sdk/core/base/byte_io.h"
#include "tests/hostile/balls.h"
#include "tests/hostile/victim.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// A client's header with this length in 64 bits, masked.
Bytes header_64(unsigned first, std::uint64_t length) {
    Bytes bytes{static_cast<std::byte>(first), std::byte{0xff}};
    append_big_endian(bytes, length);
    bytes.resize(bytes.size() + 4);
    return bytes;
}

}  // namespace

TEST_CASE("H04: a length that lies is refused by its header, before any memory is taken for it", "[H04]") {
    struct Row {
        const char* what;
        Bytes header;
        std::uint16_t code;
    };
    const Row rows[] = {
        {"2^63", header_64(0x82, std::uint64_t{1} << 63), 1002},
        {"2^64 - 1", header_64(0x82, ~std::uint64_t{0}), 1002},
        {"2^63 - 1", header_64(0x82, ~std::uint64_t{0} >> 1), 1009},
        {"1 GiB", header_64(0x82, 1 << 30), 1009},
        {"5 in 64 bits", header_64(0x82, 5), 1002},
        {"65535 in 64 bits", header_64(0x82, 65535), 1002},
        {"5 in 16 bits", {std::byte{0x82}, std::byte{0xfe}, std::byte{0}, std::byte{5}, {}, {}, {}, {}}, 1002},
        {"16 KiB and one", {std::byte{0x82}, std::byte{0xfe}, std::byte{0x40}, std::byte{1}, {}, {}, {}, {}}, 1009},
        {"a ping of 126", {std::byte{0x89}, std::byte{0xfe}, std::byte{0}, std::byte{126}, {}, {}, {}, {}}, 1002},
        {"a continuation that makes it too large", {}, 1009},
    };
    Balls balls;
    Stage stage(balls.game(), {});
    stage.keeps_events = false;
    stage.run_for(1s);
    std::int64_t most = 0;
    for (const Row& row : rows) {
        CAPTURE(row.what);
        RawPeer& peer = stage.join("x");
        stage.run_for(100ms);
        Bytes said = row.header;
        if (said.empty()) {
            stage.say(peer, client_frame(0x02, std::string(16, 'a')));
            said = {std::byte{0x80}, std::byte{0xfe}, std::byte{0x3f}, std::byte{0xf1}, {}, {}, {}, {}};
        }
        const std::int64_t before = Stage::heap_bytes();
        // The close frame's own memory, and the log's line.
        for (const std::byte byte : said) {
            stage.say(peer, ByteSpan(&byte, 1));
            most = std::max(most, Stage::heap_bytes() - before);
        }
        CHECK(peer.close_code == row.code);
    }
    CHECK(most < 4 * 1024);
    print_figure("H04", "a header that lies: at most " + std::to_string(most) + " bytes of memory");
}

TEST_CASE("H04: a message that is announced and does not come takes memory for what has come", "[H04]") {
    Balls balls;
    Stage stage(balls.game(), {});
    stage.keeps_events = false;
    RawPeer& peer = stage.join("x");
    stage.run_for(100ms);
    const std::int64_t before = Stage::heap_bytes();
    stage.say(peer, ByteSpan(client_frame(binary_frame, std::string(16 * 1024, 'a'))).first(8));
    const std::int64_t header = Stage::heap_bytes() - before;
    CHECK(header < 512);
    stage.say(peer, std::string(1000, 'b'));
    const std::int64_t thousand = Stage::heap_bytes() - before;
    CHECK(thousand < 4 * 1024);
    CHECK(peer.close_code == 0);
    print_figure("H04", "16 KiB announced: " + std::to_string(header) +
                            " bytes of memory; 1000 of them came: " + std::to_string(thousand));
}

TEST_CASE("H05: a message that never ends is refused at its 33rd fragment, and holds no more than its bytes", "[H05]") {
    const std::size_t fragment_bytes = GENERATE(0U, 1U, 500U);
    const bool with_pings = GENERATE(false, true);
    CAPTURE(fragment_bytes, with_pings);
    Balls balls;
    Stage stage(balls.game(), {});
    stage.keeps_events = false;
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, wander(1));
    RawPeer& peer = stage.join("x");
    stage.run_for(100ms);
    const std::int64_t before = Stage::heap_bytes();
    std::int64_t most = 0;
    int fragments = 0;
    // As many as would pin 13 MB where each is an object of its own.
    for (; fragments < 131'000 && !peer.closing_at; ++fragments) {
        stage.say(peer, client_frame(fragments == 0 ? 0x02 : 0x00, std::string(fragment_bytes, 'a')));
        if (with_pings && fragments % 2 == 1) stage.say(peer, client_frame(ping_frame, "p"));
        most = std::max(most, Stage::heap_bytes() - before);
    }
    CHECK(fragments == 33);
    CHECK(peer.close_code == 1008);
    CHECK(most < static_cast<std::int64_t>(3 * 32 * fragment_bytes + 2048));
    if (with_pings) CHECK(peer.pongs == 16);
    stage.run_for(1s);
    CHECK(playing->newest == stage.room().tick_number());
    print_figure("H05", "fragments of " + std::to_string(fragment_bytes) + " bytes: closed at " +
                            std::to_string(fragments) + ", " + std::to_string(most) + " bytes of memory at most");
}

TEST_CASE("H05: a client refuses a server's message at its 33rd fragment as well", "[H05]") {
    Victim victim;
    int fragments = 0;
    for (; fragments < 1000 && victim.closed() == nullptr; ++fragments)
        victim.hear(server_frame(fragments == 0 ? 0x02 : 0x00, as_bytes("a")));
    CHECK(fragments == 33);
    REQUIRE(victim.closed() != nullptr);
    CHECK(victim.closed()->close_code == 1008);
}
