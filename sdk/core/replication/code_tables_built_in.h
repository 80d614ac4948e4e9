// The bytes of the built-in code tables. Made by `tidewire-flight train --built-in` from recordings of `tidewire-bench delta cubes --record`
// (seeds 11 and 12, three times each), `delta arena --record` (seeds 21 to 25: turning, three times, straight, linear, plain, straight and linear) and
// two matches of bots in samples/arena (`arena-server --record`).
#pragma once

#include "sdk/core/base/bytes.h"

namespace tidewire::replication {

Bytes built_in_code_tables();

}  // namespace tidewire::replication
