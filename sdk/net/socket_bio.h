// The end of OpenSSL's pipe: a BIO over a socket that somebody else owns. OpenSSL's own one writes with write(2), whose SIGPIPE
// ends a program that talks to a peer who is gone.
#pragma once

#include <openssl/bio.h>

namespace tidewire::net {

/// One reference, or null when memory is out. `fd` stays open when the BIO goes, and must outlive it.
BIO* make_socket_bio(int fd);

}  // namespace tidewire::net
