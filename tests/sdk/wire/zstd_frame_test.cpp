// What a zstd frame may not do to us: bombs, lies, windows, company.
#include "sdk/core/wire/zstd_frame.h"

#include <zstd.h>

#include <catch2/catch.hpp>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/random.h"
#include "tests/support/hex.h"
#include "tests/support/zeros_frame.h"

using namespace tidewire;
using namespace tidewire::wire;
using test::frame_of_zeros;
using test::from_hex;

namespace {

constexpr std::size_t limit = 64 * 1024;

/// 0 when the frame inflates, else the close code; a refusal never grows the buffer beyond the limit.
int code(ByteSpan frame, std::size_t content_bytes_max = limit) {
    Bytes content;
    const auto done = inflate(frame, content_bytes_max, content);
    CHECK(content.capacity() <= content_bytes_max);
    if (done) return 0;
    CHECK(done.error().blame == Blame::Peer);
    return done.error().close_code;
}

Bytes good_frame() {
    Bytes frame;
    append_zstd(frame, as_bytes("tide tide tide tide tide tide"), 1);
    return frame;
}

}  // namespace

TEST_CASE("contents of any size and noise come back, at every level", "[wire][zstd]") {
    SeededRandom random(5);
    for (const std::size_t size : {0U, 1U, 100U, 255U, 256U, 65'535U, 65'536U, 131'072U, 200'000U, 262'144U}) {
        for (const int level : {1, 3, 19}) {
            Bytes content(size);
            for (std::byte& byte : content) byte = static_cast<std::byte>(random.below(random.below(3) == 0 ? 256 : 3));
            Bytes frame;
            append_zstd(frame, content, level);
            Bytes inflated(7);
            CAPTURE(size, level);
            REQUIRE(inflate(frame, 256 * 1024, inflated));
            CHECK(inflated == content);
            // A streaming decoder with this window, such as a browser's, can read it, too.
            ZSTD_DCtx* context = ZSTD_createDCtx();
            ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 17);
            Bytes streamed(size + 1);
            ZSTD_outBuffer out{streamed.data(), streamed.size(), 0};
            ZSTD_inBuffer in{frame.data(), frame.size(), 0};
            CHECK(ZSTD_decompressStream(context, &out, &in) == 0);
            CHECK(out.pos == size);
            ZSTD_freeDCtx(context);
        }
    }
}

TEST_CASE("256 MB of zeros are refused by their declared size, before anything is allocated", "[wire][zstd][hostile]") {
    const Bytes bomb = frame_of_zeros(256 << 20, true, 17);
    INFO("the bomb has " << bomb.size() << " bytes");
    CHECK(bomb.size() < 32 * 1024);
    Bytes content;
    const auto done = inflate(bomb, 256 * 1024, content);
    REQUIRE_FALSE(done);
    CHECK(done.error().close_code == 1009);
    CHECK(content.capacity() == 0);
}

TEST_CASE("a frame that hides its size is refused", "[wire][zstd][hostile]") {
    CHECK(code(frame_of_zeros(1000, false, 17)) == 1007);
    CHECK(code(frame_of_zeros(256 << 20, false, 27)) == 1007);
}

TEST_CASE("a frame that declares less or more than it holds is refused", "[wire][zstd][hostile]") {
    // Single segment, declared size 3, one raw block "abc".
    const Bytes honest = from_hex("28 b5 2f fd 20 03 19 00 00 61 62 63");
    CHECK(code(honest) == 0);
    for (const unsigned declared : {0U, 1U, 2U, 4U, 255U}) {
        Bytes liar = honest;
        liar[5] = static_cast<std::byte>(declared);
        CAPTURE(declared);
        CHECK(code(liar) == 1007);
    }
    // Declared size 3, one run of 100 000 zeros.
    CHECK(code(from_hex("28 b5 2f fd 20 03 03 35 0c 00")) == 1007);
}

TEST_CASE("a frame that wants a window of more than 128 KiB is refused", "[wire][zstd][hostile]") {
    // Window descriptor, declared size 256 + 0, a run of 256 zeros.
    const auto with_window = [](unsigned exponent, unsigned mantissa) {
        Bytes frame = from_hex("28 b5 2f fd 40 00 00 00 03 08 00 00");
        frame[5] = static_cast<std::byte>((exponent - 10) << 3 | mantissa);
        return frame;
    };
    CHECK(code(with_window(10, 0)) == 0);
    CHECK(code(with_window(17, 0)) == 0);
    CHECK(code(with_window(17, 1)) == 1007);
    CHECK(code(with_window(20, 0)) == 1007);
    CHECK(code(with_window(31, 7)) == 1007);
    CHECK(code(with_window(41, 7)) == 1007);
    // A single segment needs a window of its whole content.
    CHECK(code(frame_of_zeros(128 * 1024, true, 20), 256 * 1024) == 0);
    CHECK(code(frame_of_zeros(128 * 1024 + 1, true, 20), 256 * 1024) == 1007);
}

TEST_CASE("a frame has no company: no second frame, no skippable frame, no trailing bytes", "[wire][zstd][hostile]") {
    const Bytes frame = good_frame();
    REQUIRE(code(frame) == 0);
    Bytes two = frame;
    append(two, frame);
    CHECK(code(two) == 1007);
    const Bytes skippable = from_hex("50 2a 4d 18 04 00 00 00 01 02 03 04");
    CHECK(code(skippable) == 1007);
    Bytes after = frame;
    append(after, skippable);
    CHECK(code(after) == 1007);
    Bytes before = skippable;
    append(before, frame);
    CHECK(code(before) == 1007);
    for (const std::size_t extra : {1U, 3U, 100U}) {
        Bytes longer = frame;
        longer.resize(frame.size() + extra);
        CHECK(code(longer) == 1007);
    }
}

TEST_CASE("a frame that names a dictionary is refused", "[wire][zstd][hostile]") {
    CHECK(code(from_hex("28 b5 2f fd 21 07 03 19 00 00 61 62 63")) == 1007);
    // zstd itself takes number 0 for no dictionary; here the field alone is too much.
    CHECK(code(from_hex("28 b5 2f fd 21 00 03 19 00 00 61 62 63")) == 1007);
    CHECK(code(from_hex("28 b5 2f fd 22 07 00 03 19 00 00 61 62 63")) == 1007);
    CHECK(code(from_hex("28 b5 2f fd 23 07 00 00 00 03 19 00 00 61 62 63")) == 1007);
}

TEST_CASE("every proper prefix of a frame is refused", "[wire][zstd]") {
    const Bytes frame = good_frame();
    for (std::size_t size = 0; size < frame.size(); ++size) CHECK(code(ByteSpan(frame).first(size)) == 1007);
}

TEST_CASE("any flipped bit of a frame is refused or inflates within the limit", "[wire][zstd]") {
    Bytes content(3000);
    SeededRandom random(6);
    for (std::byte& byte : content) byte = static_cast<std::byte>(random.below(20));
    Bytes frame;
    append_zstd(frame, content, 1);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
        frame[bit / 8] ^= std::byte{1} << (bit % 8);
        const int result = code(frame);
        if (result != 0 && result != 1007 && result != 1009) FAIL("close code " << result << " at bit " << bit);
        frame[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    CHECK(code(frame) == 0);
}
