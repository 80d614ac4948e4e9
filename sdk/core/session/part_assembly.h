// Parts of one lane on their way to be whole again. It takes no more memory than what has come of a transfer.
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"

namespace tidewire::session {

class PartAssembly {
public:
    /// True when the transfer is whole: take() it before the next part. Parts come in order; anything else is the peer's fault (1002).
    /// Precondition: the codec has accepted the part.
    Result<bool> receive(const wire::Part& part);
    /// The whole transfer. Precondition: receive() said true.
    Bytes take();

    /// Of the transfer that is on its way; total() is 0 when none is.
    std::uint32_t id() const { return id_; }
    std::size_t received() const { return bytes_.size(); }
    std::size_t total() const { return total_; }

private:
    std::uint32_t id_ = 0;
    std::size_t total_ = 0;
    Bytes bytes_;
};

}  // namespace tidewire::session
