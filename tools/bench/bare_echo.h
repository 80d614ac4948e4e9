// The floors under the echo bench; see bare_echo.cpp and bare_tls_echo.cpp.
#pragma once

#include <cstddef>
#include <string>

namespace tidewire::bench {

/// Prints its port and serves until it is killed: plain sockets.
int bare_echo(std::size_t payload_bytes);

/// The same over OpenSSL, with this certificate and key (PEM files).
int bare_tls_echo(std::size_t payload_bytes, const std::string& certificate_file, const std::string& key_file);

}  // namespace tidewire::bench
