// The desk of a running server: what the operator asks for is fetched from the shards, and done by them.
#pragma once

#include <chrono>

#include "server/admin/desk.h"
#include "server/gate/site.h"
#include "server/main/log.h"
#include "server/runtime/shards.h"

namespace tidewire::server {

/// What a shard has to do may take so long: longer than any tick that a player would bear.
inline constexpr std::chrono::milliseconds shards_answer_within{2000};

/// All must outlive it.
Desk make_desk(Shards& shards, Site& site, Log& log, std::chrono::milliseconds patience = shards_answer_within);

}  // namespace tidewire::server
