// The bytes of the built-in code tables. Made by `tidewire-flight train --built-in`.
#pragma once

#include "sdk/core/base/bytes.h"

namespace tidewire::replication {

Bytes built_in_code_tables();

}  // namespace tidewire::replication
