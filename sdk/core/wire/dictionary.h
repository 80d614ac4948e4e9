// A zstd dictionary that both ends have: trained from a game's own keyframes.
#pragma once

#include <cstdint>
#include <memory>

#include "sdk/core/base/bytes.h"
#include "tidewire/result.h"

namespace tidewire::wire {

/// Cheap to copy. Shared because every thread that compresses with it reads the same tables, and the last reader frees them.
class Dictionary {
public:
    /// A client only unpacks, and is spared the larger half of the tables.
    enum class Use : std::uint8_t { PackAndUnpack, Unpack };

    /// What zstd --train makes. Errors blame the caller: no such dictionary, or larger than resource_bytes_max.
    static Result<Dictionary> parse(ByteSpan bytes, Use use = Use::PackAndUnpack);

    const Bytes& bytes() const;
    /// Hash of bytes().
    std::uint64_t id() const;

    bool can_pack() const;

    struct Tables;  // zstd's
    const Tables& tables() const { return *tables_; }

private:
    explicit Dictionary(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}

    std::shared_ptr<const Tables> tables_;
};

}  // namespace tidewire::wire
