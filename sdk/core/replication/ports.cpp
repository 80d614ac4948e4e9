// An encoder's end of a section.

#include "sdk/core/replication/ports.h"

#include <algorithm>

namespace tidewire::replication {

void EncodePort::finish(Bytes& out) {
    if (listener_ != nullptr)
        for (const Told* told = told_.data(); told != told_.data() + used_; ++told) {
            if (told->context() != no_context) listener_->symbol(told->context(), told->symbol());
            if (told->bit_count() != 0) listener_->bits(told->bit_count());
        }
    const std::size_t before = out.size();
    out.resize(before + RansEncoder::bytes_max(2 * used_));
    std::byte* const end = out.data() + out.size();
    RansEncoder encoder(end);
    const Codec& codec = *codec_;
    const Told* const first = told_.data();
    for (const Told* told = first + used_; told != first;) {
        --told;
        if (told->bit_count() != 0) encoder.put_bits(told->bits(), told->bit_count());
        if (told->context() != no_context) encoder.put(codec.distribution(told->context()).share(told->symbol()));
    }
    const std::byte* const begin = encoder.finish();
    out.resize(static_cast<std::size_t>(std::copy(begin, static_cast<const std::byte*>(end), out.data() + before) -
                                        out.data()));
    used_ = 0;
}

}  // namespace tidewire::replication
