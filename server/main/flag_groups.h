// Every option of a dedicated server, by group.
#pragma once

#include "server/main/flag_list.h"
#include "server/main/flags.h"

namespace tidewire::server {

/// `options` and `run` must outlive the list.
void add_flags(FlagList& flags, ServerOptions& options, RunOptions& run);

}  // namespace tidewire::server
