// `SERVER ticket …`: makes a join ticket on the command line, for tests and for matchmakers that are scripts.
#pragma once

#include "server/main/flags.h"
#include "tidewire/identity.h"

namespace tidewire::server {

/// `argv[0]` is the word `ticket`. The output is the ticket and a line's end.
FlagsAnswer ticket_command(int argc, const char* const* argv, SystemTime now);

}  // namespace tidewire::server
