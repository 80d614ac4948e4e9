// Which request asks the desk for what, and its answers as JSON. Whether the one who asks may is decided before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/ws/http_head.h"
#include "server/admin/desk.h"

namespace tidewire::server {

struct DeskAnswer {
    int status = 200;
    std::string body;  ///< JSON, and a line's end.
    std::vector<ws::HeaderField> headers{};
};

/// `target` is a path, `body` what came with it.
DeskAnswer ask(const Desk& desk, std::string_view method, std::string_view target, std::string_view body);

/// {"error": sentence}
DeskAnswer desk_refusal(int status, std::string_view sentence);

}  // namespace tidewire::server
