// Where the operator asks, and what it shows then.
#pragma once

#include <cstdint>
#include <string>

#include "tidewire/result.h"

namespace tidewire::server {

struct AdminOptions {
    std::uint32_t port = 0;    ///< Of 127.0.0.1; 0: none.
    std::string token_file{};  ///< Read at the start.
};

/// A token is letters, digits, '-', '_', '.', '~', '+', '/' and '=' (RFC 6750 2.1), enough of them not to be guessed.
inline constexpr std::size_t admin_token_bytes_min = 16;
inline constexpr std::size_t admin_token_bytes_max = 256;

/// The first line of that file. Errors name the file and the remedy, and nothing of what stands in it.
Result<std::string> read_admin_token(const AdminOptions& options);

}  // namespace tidewire::server
