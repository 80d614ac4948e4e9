// An HTTP/1.1 response that ends its connection, as text. Not a server: it answers what is not a WebSocket.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sdk/core/ws/http_head.h"

namespace tidewire::ws {

/// "Not Found" for 404; the class's own phrase for a status without one here.
std::string_view reason_phrase(int status);

/// Head and body, with Content-Length and Connection: close. Precondition: no control characters in type and headers.
std::string to_response(int status, std::string_view content_type, std::string_view body,
                        std::span<const HeaderField> headers);

/// The same lines for any head: `Name: value` and CR LF each.
void append_fields(std::string& out, std::span<const HeaderField> headers);

}  // namespace tidewire::ws
