// When the kernel got what a read returns: a loop that reads once a tick must not take its own waiting for the link's.
#pragma once

#include <sys/types.h>

#include <optional>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"

namespace tidewire::net {

/// From now on, or from a moment later if this is the machine's first such socket, the kernel notes when bytes of this one arrive
/// (SO_TIMESTAMPNS). False when it does not.
bool note_arrivals(int fd);

/// recv(2), and when the newest of the bytes arrived, by the clock of now(). `arrived` stays as it is where that is not known.
ssize_t receive_noted(int fd, MutableByteSpan buffer, std::optional<TimePoint>& arrived);

}  // namespace tidewire::net
