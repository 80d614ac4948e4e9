// The endpoints, and sentences that tell a lost client where to go.
#include "server/gate/http.h"

#include <algorithm>
#include <string_view>

#include "sdk/core/ws/origin.h"
#include "tidewire/version.h"

namespace tidewire::server {

namespace {

/// The Host that the client used, when it is plain enough to be repeated.
std::string host_of(const ws::Request& request) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const std::string* host = ws::find_header(request.headers, "Host");
    if (host == nullptr || host->empty() || host->find_first_not_of(plain) != std::string::npos) return "HOST:PORT";
    return *host;
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        const bool secret = std::string_view(name).starts_with(token_subprotocol);
        text += (text.empty() ? "\"" : ", \"") + (secret ? std::string(token_subprotocol) + "..." : name) + "\"";
    }
    return text;
}

}  // namespace

std::string_view offered_token(const ws::Request& request) {
    for (const std::string_view name : request.subprotocols)
        if (name.starts_with(token_subprotocol)) return name.substr(token_subprotocol.size());
    return {};
}

std::optional<HttpAnswer> refuse_upgrade(const ws::Request& request, std::span<const std::string> origins) {
    if (!ws::origin_allowed(request, origins))
        return HttpAnswer{.status = 403,
                          .body =
                              "Pages of this origin may not connect to this game server; its operator can allow them "
                              "(--origin).\n"};
    const std::vector<std::string>& offered = request.subprotocols;
    if (std::find(offered.begin(), offered.end(), subprotocol) != offered.end()) return std::nullopt;
    return HttpAnswer{.status = 400,
                      .body = std::string("This server speaks the WebSocket subprotocol \"") + subprotocol +
                              "\" only; the request offered " + (offered.empty() ? "none" : quoted_list(offered)) +
                              ". Connect with Sec-WebSocket-Protocol: " + subprotocol + "\n"};
}

std::string no_connection_free(const ServerOptions& options, ConnectionCensus::Verdict verdict) {
    if (verdict == ConnectionCensus::Verdict::Crowded)
        return "the server takes no more than " + std::to_string(options.connections_per_address_max) +
               " connections of one address";
    const std::string limit = std::to_string(options.connections_limit());
    return "the server has no connection free (" + limit + " of " + limit + ")";
}

HttpAnswer turn_away(const ServerOptions& options, ConnectionCensus::Verdict verdict) {
    return {.status = verdict == ConnectionCensus::Verdict::Crowded ? 429 : 503,
            .body = no_connection_free(options, verdict) + "\n",
            .headers = {{"Retry-After", std::to_string(retry_when_full.count())}}};
}

bool is_origin(std::string_view text) {
    if (text == "*" || text == "null") return true;
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos || scheme == 0) return false;
    if (text.substr(0, scheme).find_first_not_of(std::string(letters) + "0123456789+-.") != std::string_view::npos)
        return false;
    std::string_view host = text.substr(scheme + 3);
    const std::size_t bracket = host.rfind(']');
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const std::string_view port = host.substr(colon + 1);
        if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos)
            return false;
        host = host.substr(0, colon);
    }
    if (!host.empty() && host.front() == '[')
        return host.size() > 2 && host.back() == ']' &&
               host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    return !host.empty() && host.find_first_not_of(std::string(letters) + "0123456789.-_") == std::string_view::npos;
}

HttpAnswer answer(const ws::Request& request, std::string_view address, Site& site) {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (path == "/healthz") return {.body = "ok\n"};
    if (path == "/readyz")
        return site.directory.has_seat() ? HttpAnswer{.body = "ok\n"}
                                         : HttpAnswer{.status = 503, .body = site.directory.why_none() + "\n"};
    if (path == "/metrics" && !site.metrics_readers.trusts(address))
        return {.status = 403,
                .body = "Metrics are not for this address; the server's operator can allow its network "
                        "(--metrics-from).\n"};
    if (path == "/metrics") return {.body = site.metrics.text(), .content_type = Metrics::content_type};
    return {.status = 404,
            .body = "This is a Tidewire game server. Its players connect by WebSocket: ws://" + host_of(request) +
                    "/ with the subprotocol " + subprotocol +
                    ". /healthz says whether it is alive, and /readyz whether there is a place for a player.\n"};
}

}  // namespace tidewire::server
