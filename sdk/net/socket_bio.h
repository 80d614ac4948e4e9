// The end of OpenSSL's pipe: a BIO over a socket that somebody else owns. OpenSSL's own one writes with write(2), whose SIGPIPE
// ends a program that talks to a peer who is gone.
#pragma once

#include <openssl/bio.h>

#include <optional>

#include "sdk/core/base/time.h"

namespace tidewire::net {

/// What a BIO reads from and writes to.
struct SocketEnd {
    int fd;
    bool notes_arrivals = false;
    std::optional<TimePoint> arrived{};  ///< Of the newest bytes that were read; see receive_noted().
};

/// One reference, or null when memory is out. `end` and its descriptor must outlive the BIO.
BIO* make_socket_bio(SocketEnd& end);

}  // namespace tidewire::net
