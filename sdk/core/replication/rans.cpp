// The state lies in [2^15, 2^31) once a word has left it; before that it is smaller, and it begins at 0. Words leave it
// through its low 16 bits. A decoder that finds it below 2^15 reads a word, unless there are none: then it is near the beginning.

#include "sdk/core/replication/rans.h"

namespace tidewire::replication {

void RansEncoder::finish(Bytes& out) {
    std::uint32_t state = 0;
    words_.clear();
    const auto make_room = [&](std::uint32_t limit) {
        if (state < limit) return;
        words_.push_back(static_cast<std::uint16_t>(state & 0xffff));
        state >>= 16;
    };
    for (std::size_t i = operations_.size(); i-- > 0;) {
        const std::uint32_t low = operations_[i] & 0xffff;
        const std::uint32_t high = operations_[i] >> 16;
        if ((high & raw_mark) != 0) {
            const unsigned bits = high & ~raw_mark;
            make_room(1U << (31 - bits));
            state = state << bits | low;
        } else {
            // 2^15 / 2^12 · 2^16 · frequency: beyond it the state would leave its 31 bits.
            make_room(high << 19);
            state = (state / high << rans_bits) + state % high + low;
        }
    }
    operations_.clear();
    const auto put_byte = [&](std::uint32_t value) { out.push_back(static_cast<std::byte>(value & 0xff)); };
    const auto put_word = [&](std::uint32_t value) {
        put_byte(value);
        put_byte(value >> 8);
    };
    // The state's highest byte stands alone where its bytes are odd in number.
    if (state >= 1U << 24) {
        put_word(state >> 16);
        put_word(state);
    } else if (state >= 1U << 16) {
        put_byte(state >> 16);
        put_word(state);
    } else if (state >= 1U << 8) {
        put_word(state);
    } else if (state != 0) {
        put_byte(state);
    }
    for (std::size_t i = words_.size(); i-- > 0;) put_word(words_[i]);
}

RansDecoder::RansDecoder(ByteSpan section) : next_(section.data()), end_(section.data() + section.size()) {
    if (section.size() % 2 != 0) state_ = std::to_integer<std::uint32_t>(*next_++);
    refill();
    refill();
}

}  // namespace tidewire::replication
