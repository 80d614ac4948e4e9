// One zstd frame (RFC 8878) in one go, so that no peer chooses our memory: declared size, small window, no dictionary but an agreed one.
#pragma once

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/dictionary.h"
#include "tidewire/result.h"

namespace tidewire::wire {

/// No frame may ask a decoder for more: 2^17 bytes.
inline constexpr std::size_t zstd_window_bytes_max = 128 * 1024;

/// Appends `content` as one frame that declares its size, without a checksum. `level` is zstd's, 1 to 19.
void append_zstd(Bytes& out, ByteSpan content, int level, const Dictionary* dictionary = nullptr);

/// Overwrites `content` with what `frame` holds. Everything about the frame is checked before `content` grows.
/// Errors blame the peer: 1009 when the declared size is above `content_bytes_max`, 1007 for all else.
/// With a dictionary the frame must name it, without one it must name none.
Result<void> inflate(ByteSpan frame, std::size_t content_bytes_max, Bytes& content,
                     const Dictionary* dictionary = nullptr);

}  // namespace tidewire::wire
