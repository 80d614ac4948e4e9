// Nothing is read that the link has no room for: a slow link holds its sender up, as TCP does.
#include "tools/badnet/way.h"

#include <algorithm>

namespace tidewire::badnet {

using Outcome = net::Transfer::Outcome;

void Way::pump(net::Socket& from, net::Socket& to, TimePoint now) {
    if (broken_ || ended_) return;
    take(from, now);
    give(to, now);
}

void Way::take(net::Socket& from, TimePoint now) {
    while (wants_read()) {
        const std::size_t room = link_.options().held_bytes_max - link_.held_bytes();
        const net::Transfer transfer = from.read(MutableByteSpan(buffer_).first(std::min(room, buffer_.size())));
        if (transfer.outcome == Outcome::WouldBlock) return;
        if (transfer.outcome == Outcome::Eof) {
            read_end_ = true;
            link_.shut(now);
            return;
        }
        if (transfer.outcome == Outcome::Failed) {
            broken_ = true;
            return;
        }
        const ByteSpan bytes = ByteSpan(buffer_).first(transfer.bytes);
        link_.write({&bytes, 1}, now);
    }
}

void Way::give(net::Socket& to, TimePoint now) {
    for (;;) {
        if (taken_ == arrived_.size()) {
            taken_ = 0;
            arrived_.resize(buffer_.size());
            arrived_.resize(link_.read(arrived_, now));
            if (arrived_.empty()) break;
        }
        const ByteSpan rest = ByteSpan(arrived_).subspan(taken_);
        const net::Transfer transfer = to.write({&rest, 1});
        if (transfer.outcome == Outcome::WouldBlock) return;
        if (transfer.outcome != Outcome::Done) {
            broken_ = true;
            return;
        }
        taken_ += transfer.bytes;
    }
    broken_ = link_.reset();
    if (broken_ || !link_.at_end(now)) return;
    to.shut_down_sending();
    ended_ = true;
}

}  // namespace tidewire::badnet
