// An encoder's end of a section.

#include "sdk/core/replication/ports.h"

namespace tidewire::replication {

void EncodePort::finish(Bytes& out) {
    if (listener_ != nullptr)
        for (const Told* told = told_.data(); told != told_.data() + used_; ++told) {
            if (told->has_symbol()) listener_->symbol(told->context(), told->symbol());
            if (told->bit_count() != 0) listener_->bits(told->bit_count());
        }
    const std::size_t room = RansEncoder::bytes_max(2 * used_);
    if (coded_.size() < room) coded_.resize(2 * room);
    std::byte* const end = coded_.data() + coded_.size();
    RansEncoder encoder(end);
    const Codec::Distributions distributions = codec_->distributions();
    const Told* const first = told_.data();
    for (const Told* told = first + used_; told != first;) {
        --told;
        if (told->bit_count() != 0) encoder.put_bits(told->bits(), told->bit_count());
        if (told->has_symbol()) encoder.put(distributions[told->context()].share(told->symbol()));
    }
    const std::byte* const begin = encoder.finish();
    out.insert(out.end(), begin, static_cast<const std::byte*>(end));
    used_ = 0;
}

}  // namespace tidewire::replication
