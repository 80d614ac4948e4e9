// Small zstd frames of a great many zeros.
#pragma once

#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "sdk/core/base/bytes.h"

namespace tidewire::test {

/// By zstd's streaming interface, whose memory does not depend on `content_bytes`. `declare`: the frame says how large its content is.
inline Bytes frame_of_zeros(std::uint64_t content_bytes, bool declare, int window_log) {
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, declare ? 1 : 0);
    if (declare) ZSTD_CCtx_setPledgedSrcSize(context, content_bytes);
    const Bytes zeros(std::size_t{1} << 20);
    Bytes frame(std::size_t{64} << 10);
    ZSTD_outBuffer out{frame.data(), frame.size(), 0};
    while (content_bytes > 0) {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(content_bytes, zeros.size()));
        content_bytes -= part;
        ZSTD_inBuffer in{zeros.data(), part, 0};
        const auto end = content_bytes == 0 ? ZSTD_e_end : ZSTD_e_continue;
        if (ZSTD_isError(ZSTD_compressStream2(context, &out, &in, end)) != 0) throw std::runtime_error("zstd failed");
    }
    ZSTD_freeCCtx(context);
    frame.resize(out.pos);
    return frame;
}

}  // namespace tidewire::test
