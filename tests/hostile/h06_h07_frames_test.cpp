// H06 and H07: frames that RFC 6455 forbids, in both directions, and a second reading of its rules beside ours.
#include <map>
#include <set>

#include "sdk/core/base/random.h"
#include "sdk/core/base/utf8.h"
#include "tests/hostile/balls.h"
#include "tests/hostile/victim.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

std::string close_payload(unsigned code, std::string_view reason = {}) {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + std::string(reason);
}

struct Row {
    const char* what;
    Bytes frame;
    std::uint16_t code;
};

/// Frames that each end the connection; `make` masks them or not, as the direction wants it.
template <class Make>
std::vector<Row> catalogue(const Make& make) {
    const std::string bad_utf8 = "\xc0\xaf";
    std::vector<Row> rows = {
        {"RSV1", make(0xc2, "a"), 1002},
        {"RSV2", make(0xa2, "a"), 1002},
        {"RSV3", make(0x92, "a"), 1002},
        {"RSV1 of a ping", make(0xc9, ""), 1002},
        {"opcode 3", make(0x83, "a"), 1002},
        {"opcode 7", make(0x87, "a"), 1002},
        {"opcode 11", make(0x8b, ""), 1002},
        {"opcode 15", make(0x8f, ""), 1002},
        {"a ping of 126 bytes", make(0x89, std::string(126, 'a')), 1002},
        {"a fragmented ping", make(0x09, "a"), 1002},
        {"a fragmented close", make(0x08, close_payload(1000)), 1002},
        {"a continuation of nothing", make(0x80, "a"), 1002},
        {"a message inside a message", make(0x02, "a"), 0},
        {"a close frame of one byte", make(0x88, "a"), 1002},
        {"close code 0", make(0x88, close_payload(0)), 1002},
        {"close code 999", make(0x88, close_payload(999)), 1002},
        {"close code 1004", make(0x88, close_payload(1004)), 1002},
        {"close code 1005", make(0x88, close_payload(1005)), 1002},
        {"close code 1006", make(0x88, close_payload(1006)), 1002},
        {"close code 1015", make(0x88, close_payload(1015)), 1002},
        {"close code 2999", make(0x88, close_payload(2999)), 1002},
        {"close code 5000", make(0x88, close_payload(5000)), 1002},
        {"a close reason that is not UTF-8", make(0x88, close_payload(1000, bad_utf8)), 1007},
        {"text that is not UTF-8", make(0x81, bad_utf8), 1007},
        {"text that ends within a code point", make(0x81, "\xe2\x82"), 1007},
        {"text", make(0x81, "hello"), 1003},
        {"an empty binary message", make(0x82, ""), 1002},
    };
    for (Row& row : rows)
        if (row.code == 0) {
            append(row.frame, make(0x82, "b"));
            row.code = 1002;
        }
    return rows;
}

/// A second reading of RFC 6455 5 and of the gate's limits, of whole frames: 0, or the code with which they end a connection that plays.
/// What a message says is no matter here: any whole one counts as the end, which is `message`.
constexpr int message = -1;
int reference_code(ByteSpan bytes) {
    std::size_t at = 0;
    bool within = false;
    bool text = false;
    std::string gathered;
    int fragments = 0;
    while (at < bytes.size()) {
        const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[at + i]); };
        const unsigned opcode = byte(0) & 15;
        const bool fin = byte(0) > 127;
        if ((byte(0) & 0x70) != 0) return 1002;
        if (!(opcode <= 2 || (opcode >= 8 && opcode <= 10))) return 1002;
        if (opcode >= 8 && !fin) return 1002;
        if (byte(1) < 128) return 1002;
        std::uint64_t length = byte(1) & 127;
        if (opcode >= 8 && length > 125) return 1002;
        std::size_t head = 2;
        if (length == 126) {
            length = byte(2) << 8 | byte(3);
            head = 4;
            if (length < 126) return 1002;
        } else if (length == 127) {
            length = 0;
            for (std::size_t i = 2; i < 10; ++i) length = length << 8 | byte(i);
            head = 10;
            if (length < 65536 || length >> 63 != 0) return 1002;
        }
        if (opcode < 8) {
            if ((opcode == 0) != within) return 1002;
            if (opcode != 0) text = opcode == 1;
            if (++fragments > 32) return 1008;
            if (gathered.size() + length > 16384) return 1009;
        }
        std::string payload;
        for (std::size_t i = 0; i < length; ++i) payload += static_cast<char>(byte(head + 4 + i) ^ byte(head + i % 4));
        at += head + 4 + static_cast<std::size_t>(length);
        if (opcode == 8) {
            if (length == 0) return 1005;
            if (length == 1) return 1002;
            const int code = static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
            const std::set<int> known = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014};
            if (known.count(code) == 0 && !(code >= 3000 && code <= 4999)) return 1002;
            return valid_utf8(as_bytes(payload).subspan(2)) ? code : 1007;
        }
        if (opcode >= 8) continue;
        gathered += payload;
        within = !fin;
        if (text && fin && !valid_utf8(as_bytes(gathered))) return 1007;
        // Of text the end comes sooner, where it can be no more UTF-8.
        if (text && !fin && !valid_utf8(as_bytes(gathered + "a")) && !valid_utf8(as_bytes(gathered + "\x80")) &&
            !valid_utf8(as_bytes(gathered + "\x80\x80")) && !valid_utf8(as_bytes(gathered + "\x80\x80\x80")) &&
            !valid_utf8(as_bytes(gathered + "\xa0\x80")) && !valid_utf8(as_bytes(gathered + "\x90\x80\x80")))
            return 1007;
        if (fin) return message;
    }
    return 0;
}

}  // namespace

TEST_CASE("H06, H07: a client's frame that is none ends its connection with the right code, and nobody else's",
          "[H06][H07]") {
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, wander(1));
    auto rows = catalogue([](unsigned first, std::string_view payload) { return client_frame(first, payload); });
    rows.push_back({"an unmasked frame", server_frame(0x82, as_bytes("a")), 1002});
    rows.push_back({"an unmasked ping", server_frame(0x89, as_bytes("a")), 1002});
    rows.push_back({"an unmasked close", server_frame(0x88, as_bytes(close_payload(1000))), 1002});
    for (const Row& row : rows) {
        CAPTURE(row.what);
        RawPeer& peer = stage.join("x");
        stage.say(peer, row.frame);
        CHECK(peer.close_code == row.code);
        // Where the session has said why, the answer to its close frame is waited for.
        stage.run_for(5100ms);
        CHECK(peer.over);
    }
    CHECK(playing->newest == stage.room().tick_number());
    CHECK(stage.room().player_count() == 1);
}

TEST_CASE("H06, H07: a server's frame that is none ends a client's session with the right code", "[H06][H07]") {
    auto rows =
        catalogue([](unsigned first, std::string_view payload) { return server_frame(first, as_bytes(payload)); });
    rows.push_back({"a masked frame", client_frame(0x82, "a"), 1002});
    rows.push_back({"a masked ping", client_frame(0x89, "a"), 1002});
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Victim victim;
        victim.hear(row.frame);
        REQUIRE(victim.closed() != nullptr);
        CHECK(victim.closed()->close_code == row.code);
    }
}

TEST_CASE("H06: a client masks each frame with a key of its own from the source of randomness", "[H06]") {
    Victim victim;
    std::set<std::uint32_t> keys;
    std::size_t frames = 0;
    for (int i = 0; i < 400; ++i) {
        victim.hear_message(wire::encode(wire::Ping{.id = static_cast<std::uint32_t>(i + 1), .sent_us = 1}));
        victim.run_for(100ms);
        for (const ws::FrameHeader& header : victim.take_headers()) {
            CHECK(header.masked);
            std::uint32_t key = 0;
            std::memcpy(&key, header.mask.data(), sizeof key);
            keys.insert(key);
            ++frames;
        }
    }
    CHECK(frames > 400);
    CHECK(keys.size() == frames);
    // Nothing but the source makes them: the keys and the handshake's took so many bytes of it, in blocks.
    CHECK(victim.random_bytes() >= 4 * frames);
}

TEST_CASE("H07: of random frames the gate thinks as a second reading of the RFC does", "[H07]") {
    const std::uint64_t seed = GENERATE(11U, 12U, 13U, 14U);
    CAPTURE(seed);
    SeededRandom random(seed);
    Balls balls;
    Stage stage(balls.game(), {});
    std::map<int, int> verdicts;
    for (int round = 0; round < 1500; ++round) {
        Bytes said;
        for (std::uint32_t frame = 0; frame <= random.below(6); ++frame) {
            static constexpr unsigned firsts[] = {0x02, 0x01, 0x00, 0x00, 0x80, 0x89, 0x8a,
                                                  0x89, 0x88, 0x82, 0x81, 0x08, 0xc2};
            static const std::string payloads[] = {"",         "a",        "\xc3",     "\xa9",      "\xe2\x82\xac",
                                                   "\xc0\xaf", "\x03\xe8", "\x03\xed", "\x0b\xb8ok"};
            std::string payload = payloads[random.below(std::size(payloads))];
            if (random.below(8) == 0) payload.append(random.below(200), 'x');
            Bytes next = client_frame(firsts[random.below(std::size(firsts))], payload);
            if (random.below(12) == 0) next[0] ^= static_cast<std::byte>(1U << random.below(8));
            append(said, next);
        }
        const int expected = reference_code(said);
        RawPeer& peer = stage.join("x");
        CAPTURE(round, expected, peer.close_reason);
        // However it is cut.
        for (std::size_t at = 0; at < said.size();) {
            const std::size_t piece = std::min<std::size_t>(1 + random.below(40), said.size() - at);
            stage.say(peer, ByteSpan(said).subspan(at, piece));
            at += piece;
        }
        ++verdicts[expected];
        if (expected == message) {
            // It was delivered, and the session had its own word on it.
            CHECK((peer.close_code == 1002 || peer.close_code == 1003 || peer.close_code == 1007));
        } else if (expected == 1005) {
            CHECK(peer.closing_at);
            CHECK(peer.close_code == 0);
        } else {
            CHECK(peer.close_code == expected);
        }
        stage.end(peer);
        if (round % 100 == 0) {
            stage.sweep();
            stage.run_tick();
        }
    }
    for (const int verdict : {0, message, 1002, 1007, 1000, 1005}) {
        CAPTURE(verdict);
        CHECK(verdicts[verdict] > 0);
    }
}
