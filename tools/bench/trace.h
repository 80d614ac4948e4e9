// A trace: columns of whole numbers, recorded frame by frame; what the delta bench feeds to each codec.
// In a file it has no header: frame after frame, row after row, each column an int32, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tidewire/result.h"

namespace tidewire::bench {

/// Recorded columns; the value of a row's column stands at frame(i)[row * columns + column].
struct Trace {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<std::int32_t> values;  ///< All frames, one behind the other.

    std::size_t frame_values() const { return rows * columns; }
    std::size_t frames() const { return frame_values() == 0 ? 0 : values.size() / frame_values(); }

    /// Precondition: i < frames(). Lives as long as `values` stays as it is.
    std::span<const std::int32_t> frame(std::size_t i) const {
        return std::span(values).subspan(i * frame_values(), frame_values());
    }
};

/// How many rows differ between two frames of one trace.
std::size_t changed_rows(std::span<const std::int32_t> before, std::span<const std::int32_t> after,
                         std::size_t columns);

/// Reads a trace of the given shape. Errors: Machine when the file cannot be read; Caller when its size is not a whole
/// number of frames, or none.
Result<Trace> read_trace(const std::string& path, std::size_t rows, std::size_t columns);

/// Writes a trace for read_trace. Errors: Machine when the file cannot be written whole.
Result<void> write_trace(const std::string& path, const Trace& trace);

}  // namespace tidewire::bench
