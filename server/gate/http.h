// What the gate answers to HTTP requests that do not become a WebSocket. Not a web server.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sdk/core/ws/http_head.h"

namespace tidewire::server {

struct HttpAnswer {
    int status = 200;
    std::string body;  ///< text/plain, UTF-8
    std::vector<ws::HeaderField> headers{};
};

/// Why this upgrade cannot become a session; empty when it can. `origins` is ServerOptions::origins.
std::optional<HttpAnswer> refuse_upgrade(const ws::Request& request, std::span<const std::string> origins);

/// The answer to a request that does not ask for an upgrade.
HttpAnswer answer(const ws::Request& request);

}  // namespace tidewire::server
