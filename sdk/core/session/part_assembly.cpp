// What a part says of its transfer must be what the parts before it said.
#include "sdk/core/session/part_assembly.h"

#include <string>
#include <utility>

#include "sdk/core/ws/close_code.h"

namespace tidewire::session {

Result<bool> PartAssembly::receive(const wire::Part& part) {
    if (total_ == 0) {
        id_ = part.id;
        total_ = part.total;
    }
    if (part.offset != bytes_.size() || part.id != id_ || part.total != total_)
        return unexpected(Blame::Peer,
                          "a part at " + std::to_string(part.offset) + " of " + std::to_string(part.total) +
                              " bytes came where one at " + std::to_string(bytes_.size()) + " of " +
                              std::to_string(total_) + " was due",
                          static_cast<std::uint16_t>(ws::CloseCode::ProtocolError));
    append(bytes_, part.bytes);
    return bytes_.size() == total_;
}

Bytes PartAssembly::take() {
    total_ = 0;
    return std::exchange(bytes_, {});
}

}  // namespace tidewire::session
