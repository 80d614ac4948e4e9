// What the fuzz targets of whole sessions share: an input is a script, whose bytes are taken one value after another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if __has_include(<sanitizer/allocator_interface.h>)
#include <sanitizer/allocator_interface.h>
#endif

#include "sdk/core/base/bytes.h"

namespace tidewire::fuzz {

class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const std::byte*>(data), size) {}

    bool over() const { return rest_.empty(); }
    /// 0 when the script is over, as all that follows.
    std::uint8_t u8() {
        if (rest_.empty()) return 0;
        const auto value = std::to_integer<std::uint8_t>(rest_.front());
        rest_ = rest_.subspan(1);
        return value;
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(u8() << 8 | u8()); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(u16()) << 16 | u16(); }
    /// Mostly a number close to `value`, now and then any.
    std::uint32_t near(std::uint32_t value) {
        const std::uint8_t way = u8();
        return way < 248 ? value + way - 8 : u32();
    }
    /// Their number comes first, in a byte.
    ByteSpan bytes() {
        const std::size_t told = u8();  // first: it takes a byte of the rest
        const std::size_t size = std::min(told, rest_.size());
        const ByteSpan taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

private:
    ByteSpan rest_;
};

/// What a script does to the bytes of the next message.
class Flip {
public:
    void read(Script& script) {
        at_ = script.u16();
        bits_ = script.u8();
    }
    void apply(Bytes& message) {
        if (bits_ != 0 && !message.empty()) message[at_ % message.size()] ^= static_cast<std::byte>(bits_);
        bits_ = 0;
    }

private:
    std::size_t at_ = 0;
    std::uint8_t bits_ = 0;
};

inline void require(bool holds, const char* promise) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", promise);
    std::abort();
}

/// What the program has allocated; 0 where no sanitizer knows.
inline std::size_t allocated_bytes() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
    return __sanitizer_get_current_allocated_bytes();
#endif
#endif
    return 0;
}

}  // namespace tidewire::fuzz
