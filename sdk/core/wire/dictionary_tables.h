// What zstd makes of a dictionary. Private to this room, as all that knows zstd is.
#pragma once

#include <zstd.h>

#include <memory>

#include "sdk/core/wire/dictionary.h"

namespace tidewire::wire {

struct DictionaryDeleter {
    void operator()(ZSTD_CDict* dictionary) const { ZSTD_freeCDict(dictionary); }
    void operator()(ZSTD_DDict* dictionary) const { ZSTD_freeDDict(dictionary); }
};

struct Dictionary::Tables {
    Bytes bytes;
    std::uint64_t id = 0;
    std::unique_ptr<ZSTD_CDict, DictionaryDeleter> compress;
    std::unique_ptr<ZSTD_DDict, DictionaryDeleter> decompress;
};

}  // namespace tidewire::wire
