// The contexts are function-local and thread_local: about 100 KiB to read and 600 KiB to write, made once for each thread
// that needs them. They hold no state from one frame to the next, so results depend on the arguments alone.
#include "sdk/core/wire/zstd_frame.h"

#include <zstd.h>

#include <cassert>
#include <exception>
#include <memory>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/wire/dictionary_tables.h"
#include "sdk/core/wire/refusal.h"

namespace tidewire::wire {

namespace {

struct ContextDeleter {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

constexpr int window_log_max = 17;
static_assert(zstd_window_bytes_max == std::size_t{1} << window_log_max);

// RFC 8878 3.1.1: magic number, then the frame header descriptor and, without its single-segment bit, the window descriptor.
constexpr std::uint32_t frame_magic = 0xfd2fb528;
constexpr std::size_t header_bytes_min = 6;
constexpr unsigned dictionary_id_bits = 0x03;
constexpr unsigned single_segment_bit = 0x20;

/// RFC 8878 3.1.1.1.2. Precondition: the frame has header_bytes_min bytes.
std::uint64_t window_bytes(ByteSpan frame, std::uint64_t content_bytes) {
    const unsigned descriptor = std::to_integer<unsigned>(frame[4]);
    if ((descriptor & single_segment_bit) != 0) return content_bytes;
    const unsigned window = std::to_integer<unsigned>(frame[5]);
    const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
    return base + base / 8 * (window & 7);
}

}  // namespace

void append_zstd(Bytes& out, ByteSpan content, int level, const Dictionary* dictionary) {
    assert(level >= 1 && level <= 19);
    assert(dictionary == nullptr || dictionary->can_pack());
    thread_local const std::unique_ptr<ZSTD_CCtx, ContextDeleter> context{ZSTD_createCCtx()};
    const std::size_t start = out.size();
    out.resize(start + ZSTD_compressBound(content.size()));
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log_max);
    ZSTD_CCtx_refCDict(context.get(), dictionary == nullptr ? nullptr : dictionary->tables().compress.get());
    const std::size_t size =
        ZSTD_compress2(context.get(), out.data() + start, out.size() - start, content.data(), content.size());
    // With a buffer of the bound's size only a lack of memory is left, and that ends a program elsewhere, too.
    if (ZSTD_isError(size) != 0) std::terminate();
    out.resize(start + size);
}

Result<void> inflate(ByteSpan frame, std::size_t content_bytes_max, Bytes& content, const Dictionary* dictionary) {
    if (frame.size() < header_bytes_min || load_little_endian<std::uint32_t>(frame) != frame_magic)
        return refuse(Refusal::NotValid, "A body that should be a zstd frame does not begin like one.");
    const unsigned named = ZSTD_getDictID_fromFrame(frame.data(), frame.size());
    if (dictionary == nullptr && (std::to_integer<unsigned>(frame[4]) & dictionary_id_bits) != 0)
        return refuse(Refusal::NotValid, "A zstd frame names a dictionary, but none was agreed on.");
    if (dictionary != nullptr && named != ZSTD_getDictID_fromDDict(dictionary->tables().decompress.get()))
        return refuse(Refusal::NotValid, "A zstd frame does not name the dictionary that was agreed on.");
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size == ZSTD_CONTENTSIZE_ERROR) return refuse(Refusal::NotValid, "The header of a zstd frame is cut off.");
    if (size == ZSTD_CONTENTSIZE_UNKNOWN)
        return refuse(Refusal::NotValid, "A zstd frame does not declare the size of its content.");
    if (size > content_bytes_max)
        return refuse_size("A zstd frame", static_cast<std::size_t>(size), "declared bytes", content_bytes_max);
    if (window_bytes(frame, size) > zstd_window_bytes_max)
        return refuse(Refusal::NotValid, "A zstd frame needs a window of more than 128 KiB.");
    // One frame and nothing after it. The walk over the block headers also finds a frame that is cut off.
    if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size())
        return refuse(Refusal::NotValid, "A zstd frame does not end where its body ends.");

    thread_local const std::unique_ptr<ZSTD_DCtx, ContextDeleter> context{ZSTD_createDCtx()};
    if (context == nullptr) std::terminate();
    ZSTD_DCtx_refDDict(context.get(), dictionary == nullptr ? nullptr : dictionary->tables().decompress.get());
    content.resize(static_cast<std::size_t>(size));
    const std::size_t written =
        ZSTD_decompressDCtx(context.get(), content.data(), content.size(), frame.data(), frame.size());
    if (ZSTD_isError(written) != 0 || written != content.size())
        return refuse(Refusal::NotValid, "A zstd frame does not inflate to the size that it declares.");
    return {};
}

}  // namespace tidewire::wire
