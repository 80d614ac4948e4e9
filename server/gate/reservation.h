// A place to play that is kept for somebody who has not come yet.
#pragma once

#include <string>

#include "sdk/core/base/time.h"
#include "server/gate/gate_event.h"

namespace tidewire::server {

struct Reservation {
    std::string text;  ///< Whoever brings it gets the place: a secret.
    RoomNumber room{};
    TimePoint until{};
};

}  // namespace tidewire::server
