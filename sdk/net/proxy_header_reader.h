// Takes a PROXY protocol header off the front of a stream and nothing of what follows, which may be TLS.
#pragma once

#include <optional>

#include "sdk/core/base/bytes.h"
#include "sdk/net/proxy_protocol.h"
#include "sdk/net/stream.h"
#include "tidewire/result.h"

namespace tidewire::net {

class ProxyHeaderReader {
public:
    /// Call when the stream is readable. Empty while the header is not whole. Errors: it is no such header, or the stream
    /// ended. Precondition: the stream is plain.
    Result<std::optional<ProxyHeader>> read(Stream& stream);

private:
    Bytes seen_;
};

}  // namespace tidewire::net
