// Lines with their seconds.
#include "tools/sim/storm/journal.h"

#include <array>
#include <cstdio>

#include "sdk/core/base/hash.h"

namespace tidewire::sim {

void Journal::note(const std::string& text) {
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), "%10.4f ", std::chrono::duration<double>(now_.time_since_epoch()).count());
    lines_.push_back(time.data() + text);
    digest_ = hash_combine(digest_, fnv1a(as_bytes(lines_.back())));
    if (on_line) on_line(lines_.back());
    if (lines_.size() > lines_max) lines_.pop_front();
}

void Journal::fail(const std::string& what) {
    note("BROKEN: " + what);
    if (!broken_) broken_ = what;
}

}  // namespace tidewire::sim
