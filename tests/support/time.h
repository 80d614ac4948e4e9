// Instants for tests: virtual time starts where the test says.
#pragma once

#include <ostream>

#include "sdk/core/base/time.h"

namespace tidewire::test {

using namespace std::chrono_literals;

/// The instant `since` after the start of virtual time, which lies far from the clock's zero so that no test leans on it.
constexpr TimePoint at(Duration since) { return TimePoint(std::chrono::hours(24)) + since; }

}  // namespace tidewire::test

namespace std::chrono {

/// Failing checks show microseconds, not bytes.
inline std::ostream& operator<<(std::ostream& out, const tidewire::Duration& duration) {
    return out << duration.count() << " us";
}

}  // namespace std::chrono
