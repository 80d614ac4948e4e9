// What stands behind a TlsContext. Private to tls_context.cpp and tls.cpp.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/net/tls.h"

namespace tidewire::net {

template <auto Free>
struct OpensslDeleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

struct TlsContext::State {
    std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>> context;
    std::vector<Bytes> pinned_keys;
    bool client = false;
    bool verify = true;
};

/// The library's own words for the oldest error of this thread; clears the queue.
std::string openssl_message();

}  // namespace tidewire::net
