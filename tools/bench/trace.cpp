// Traces in files.
#include "tools/bench/trace.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sdk/core/base/byte_io.h"

namespace tidewire::bench {

namespace {

constexpr std::size_t value_bytes = 4;

Unexpected machine_error(const std::string& what, const std::string& path, const std::string& reason) {
    return unexpected(Blame::Machine, what + " " + path + ": " + reason + "; check the path and its permissions");
}

}  // namespace

std::size_t changed_rows(std::span<const std::int32_t> before, std::span<const std::int32_t> after,
                         std::size_t columns) {
    std::size_t changed = 0;
    for (std::size_t at = 0; at + columns <= after.size(); at += columns) {
        const auto row = after.subspan(at, columns);
        if (!std::equal(row.begin(), row.end(), before.subspan(at, columns).begin())) ++changed;
    }
    return changed;
}

Result<Trace> read_trace(const std::string& path, std::size_t rows, std::size_t columns) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) return machine_error("cannot read the trace", path, error.message());
    const std::size_t frame_bytes = rows * columns * value_bytes;
    if (frame_bytes == 0 || size == 0 || size % frame_bytes != 0)
        return unexpected(Blame::Caller, "the trace " + path + " has " + std::to_string(size) +
                                             " bytes, no whole number of frames of " + std::to_string(rows) +
                                             " rows x " + std::to_string(columns) + " columns x 4 bytes = " +
                                             std::to_string(frame_bytes) + "; name the shape it was recorded in");
    Bytes bytes(static_cast<std::size_t>(size));
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
        return machine_error("cannot read the trace", path, std::strerror(errno));
    Trace trace{rows, columns, std::vector<std::int32_t>(bytes.size() / value_bytes)};
    for (std::size_t i = 0; i < trace.values.size(); ++i) {
        const ByteSpan value = ByteSpan(bytes).subspan(i * value_bytes, value_bytes);
        trace.values[i] = static_cast<std::int32_t>(load_little_endian<std::uint32_t>(value));
    }
    return trace;
}

Result<void> write_trace(const std::string& path, const Trace& trace) {
    Bytes bytes;
    bytes.reserve(trace.values.size() * value_bytes);
    for (const std::int32_t value : trace.values) append_little_endian(bytes, static_cast<std::uint32_t>(value));
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) return machine_error("cannot write the trace", path, std::strerror(errno));
    return {};
}

}  // namespace tidewire::bench
