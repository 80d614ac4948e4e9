// The files that a verb writes: all of them or none.
#pragma once

#include <span>
#include <string>

#include "sdk/core/base/bytes.h"
#include "tidewire/result.h"

namespace tidewire::flight {

struct OutputFile {
    std::string path;
    ByteSpan bytes;
};

/// Nothing is replaced before all are written beside their places (PATH.part), and a reader never meets half a file. Errors name
/// the file; what stood there before then stands there still.
Result<void> write_files(std::span<const OutputFile> files);

}  // namespace tidewire::flight
