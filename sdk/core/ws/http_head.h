// The head of an HTTP/1.1 request or response: a strict, bounded, linear-time parser, used for the opening handshake only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/ws/options.h"
#include "tidewire/result.h"

namespace tidewire::ws {

struct HeaderField {
    std::string name;   ///< As it was sent; compare with find_header(), which ignores case.
    std::string value;  ///< Without white space around it.
};

/// Null when there is none. The first when there are several.
const std::string* find_header(const std::vector<HeaderField>& headers, std::string_view name);

struct Request {
    std::string method;
    std::string target;
    std::vector<HeaderField> headers;
    bool upgrade = false;                   ///< Asks for a WebSocket and is valid in every respect.
    std::vector<std::string> subprotocols;  ///< Offered, in the client's order.
    std::string key;                        ///< Sec-WebSocket-Key.
};

}  // namespace tidewire::ws
