// Baseline codecs.
#define ZSTD_STATIC_LINKING_ONLY  // the format without a magic number
#include "tools/bench/baselines.h"

#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "sdk/core/base/byte_io.h"

namespace tidewire::bench {

namespace {

std::size_t whole_bytes(std::size_t bits) { return (bits + 7) / 8; }

std::int32_t difference(std::int32_t before, std::int32_t after) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(after) - static_cast<std::uint32_t>(before));
}

/// Where the rows that changed begin.
std::vector<std::size_t> changed_places(Frame before, Frame after, std::size_t columns) {
    assert(before.size() == after.size() && after.size() % columns == 0);
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < after.size(); at += columns) {
        const Frame row = after.subspan(at, columns);
        if (!std::equal(row.begin(), row.end(), before.subspan(at, columns).begin())) places.push_back(at);
    }
    return places;
}

/// How many unchanged rows lie before each changed one.
std::vector<std::uint32_t> gaps(const std::vector<std::size_t>& places, std::size_t columns) {
    std::vector<std::uint32_t> gaps;
    std::size_t next = 0;
    for (const std::size_t at : places) {
        gaps.push_back(static_cast<std::uint32_t>((at - next) / columns));
        next = at + columns;
    }
    return gaps;
}

/// Bits behind the selector of one column of a changed row.
std::size_t delta_bits(std::int32_t delta, unsigned width) {
    if (delta == 0) return 0;
    if (delta >= -8 && delta < 8) return std::min(4U, width);
    if (delta >= -128 && delta < 128) return std::min(8U, width);
    return width;
}

std::unique_ptr<ZSTD_CCtx, ZstdContextDeleter> small_frames(int level = 1) {
    std::unique_ptr<ZSTD_CCtx, ZstdContextDeleter> context(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 0);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_dictIDFlag, 0);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_format, ZSTD_f_zstd1_magicless);
    return context;
}

void append_varints(Bytes& out, const std::vector<std::uint32_t>& numbers) {
    for (const std::uint32_t number : numbers) append_varint(out, number);
}

/// A count of planes, then the planes.
void append_planes(Bytes& out, const std::vector<std::uint32_t>& numbers) {
    std::uint32_t all = 0;
    for (const std::uint32_t number : numbers) all |= number;
    unsigned planes = 0;
    while (planes < 4 && all >> (8 * planes) != 0) ++planes;
    out.push_back(static_cast<std::byte>(planes));
    for (unsigned plane = 0; plane < planes; ++plane)
        for (const std::uint32_t number : numbers) out.push_back(static_cast<std::byte>(number >> (8 * plane) & 0xff));
}

std::size_t frame_bytes(ZSTD_CCtx* context, const Bytes& content) {
    Bytes packed(ZSTD_compressBound(content.size()));
    const std::size_t size = ZSTD_compress2(context, packed.data(), packed.size(), content.data(), content.size());
    assert(ZSTD_isError(size) == 0);
    return size;
}

}  // namespace

std::size_t bitpack_full_bytes(std::span<const unsigned> widths, std::size_t rows) {
    std::size_t bits = 0;
    for (const unsigned width : widths) bits += width;
    return whole_bytes(bits * rows);
}

std::size_t bitpack_delta_bytes(Frame before, Frame after, std::span<const unsigned> widths) {
    std::size_t bits = after.size() / widths.size();
    for (const std::size_t at : changed_places(before, after, widths.size()))
        for (std::size_t c = 0; c < widths.size(); ++c)
            bits += 2 + delta_bits(difference(before[at + c], after[at + c]), widths[c]);
    return whole_bytes(bits);
}

std::size_t columns_zstd1_bytes(Frame before, Frame after, std::size_t columns) {
    const std::vector<std::size_t> places = changed_places(before, after, columns);
    std::vector<std::uint32_t> numbers = gaps(places, columns);
    Bytes varints;
    Bytes planes;
    append_varints(varints, numbers);
    append_varint(planes, places.size());  // varints tell how many they are
    append_planes(planes, numbers);
    for (std::size_t c = 0; c < columns; ++c) {
        numbers.clear();
        for (const std::size_t at : places) numbers.push_back(to_zigzag(difference(before[at + c], after[at + c])));
        append_varints(varints, numbers);
        append_planes(planes, numbers);
    }
    const auto context = small_frames();
    return std::min(frame_bytes(context.get(), varints), frame_bytes(context.get(), planes));
}

std::size_t planes_zstd19_bytes(Frame frame, std::size_t columns) {
    Bytes values;
    Bytes differences;
    for (std::size_t c = 0; c < columns; ++c) {
        std::vector<std::uint32_t> numbers;
        std::vector<std::uint32_t> steps;
        std::int32_t last = 0;
        for (std::size_t at = c; at < frame.size(); at += columns) {
            numbers.push_back(to_zigzag(frame[at]));
            steps.push_back(to_zigzag(difference(last, frame[at])));
            last = frame[at];
        }
        append_planes(values, numbers);
        append_planes(differences, steps);
    }
    const auto context = small_frames(19);
    return std::min(frame_bytes(context.get(), values), frame_bytes(context.get(), differences));
}

void ZstdContextDeleter::operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }

VarintZstdStream::VarintZstdStream(std::size_t columns) : columns_(columns), context_(small_frames()) {
    assert(columns <= 32);
}

std::size_t VarintZstdStream::send(Frame before, Frame after) {
    const std::vector<std::size_t> places = changed_places(before, after, columns_);
    const std::vector<std::uint32_t> skipped = gaps(places, columns_);
    Bytes content;
    for (std::size_t i = 0; i < places.size(); ++i) {
        std::uint32_t mask = 0;
        Bytes deltas;
        for (std::size_t c = 0; c < columns_; ++c) {
            const std::int32_t delta = difference(before[places[i] + c], after[places[i] + c]);
            if (delta == 0) continue;
            mask |= std::uint32_t{1} << c;
            append_varint(deltas, to_zigzag(delta));
        }
        append_varint(content, skipped[i]);
        append_varint(content, mask);
        append(content, deltas);
    }
    // The bound of a frame, and room for its header and the flushed block's.
    Bytes packed(ZSTD_compressBound(content.size()) + 64);
    ZSTD_inBuffer in{content.data(), content.size(), 0};
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    [[maybe_unused]] const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, ZSTD_e_flush);
    assert(left == 0);
    return out.pos;
}

}  // namespace tidewire::bench
