// The flags of a dedicated server: what an operator may set, and what main() does then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/main/admin_access.h"
#include "server/main/audit_log.h"
#include "server/main/log.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

/// What the flags say beyond ServerOptions.
struct RunOptions {
    std::uint32_t seconds = 0;  ///< The server stops by itself after so long; 0: never.
    LogOptions log{};
    AuditOptions audit{};
    AdminOptions admin{};
};

/// What there is to do instead of running the server.
struct FlagsAnswer {
    int exit_code = 0;
    std::string output{};  ///< For standard output: --help, --version, --print-config.
    std::string error{};   ///< For standard error: one line with the remedy.
};

/// Sets what the flags and the file of --config name; the rest keeps the value that the program chose, and that --help shows as the
/// default. Empty: run the server.
std::optional<FlagsAnswer> parse_flags(int argc, const char* const* argv, ServerOptions& options, RunOptions& run);

}  // namespace tidewire::server
