// What the gate answers to HTTP requests that do not become a WebSocket. Not a web server.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/ws/http_head.h"
#include "server/gate/site.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

/// Matches end, and sockets of strangers that never speak are gone by then.
inline constexpr std::chrono::seconds retry_when_full{5};

struct HttpAnswer {
    int status = 200;
    std::string body;
    std::vector<ws::HeaderField> headers{};
    const char* content_type = "text/plain; charset=utf-8";
};

/// Clients that cannot put their token into a Hello offer it as a subprotocol with this prefix, behind the one that is chosen. It is in
/// no answer and no log.
inline constexpr std::string_view token_subprotocol = "tidewire.token.";

/// The token that is offered so; empty: none.
std::string_view offered_token(const ws::Request& request);

/// Why this upgrade cannot become a session; empty when it can. `origins` is ServerOptions::origins.
std::optional<HttpAnswer> refuse_upgrade(const ws::Request& request, std::span<const std::string> origins);

/// The answer to an upgrade for which there is no connection free.
HttpAnswer turn_away(const ServerOptions& options, ConnectionCensus::Verdict verdict);
/// The same as a sentence: "the server has no connection free (128 of 128)".
std::string no_connection_free(const ServerOptions& options, ConnectionCensus::Verdict verdict);

/// Can this entry of ServerOptions::origins ever fit: `*`, `null`, or scheme://host with or without a port?
bool is_origin(std::string_view text);

/// The answer to a request that does not ask for an upgrade, from this address.
HttpAnswer answer(const ws::Request& request, std::string_view address, Site& site);

}  // namespace tidewire::server
