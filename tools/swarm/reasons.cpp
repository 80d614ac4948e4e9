// A map that does not grow without end.
#include "tools/swarm/reasons.h"

#include "sdk/core/base/printable.h"

namespace tidewire::swarm {

void Reasons::add(const std::string& reason, std::uint64_t times) {
    total_ += times;
    const std::string text = printable(reason);
    const bool known = by_text_.size() < kinds_max || by_text_.count(text) != 0;
    by_text_[known ? text : "other reasons"] += times;
}

void Reasons::merge(const Reasons& other) {
    for (const auto& [reason, times] : other.by_text_) add(reason, times);
}

}  // namespace tidewire::swarm
