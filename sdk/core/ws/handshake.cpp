// The rules of the opening handshake, each with its own sentence for the peer.
#include "sdk/core/ws/handshake.h"

#include <algorithm>
#include <optional>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/ws/accept_key.h"
#include "sdk/core/ws/ascii.h"
#include "sdk/core/ws/http_response.h"

namespace tidewire::ws {
namespace {

Refusal refuse(int status, std::string reason) { return {status, std::move(reason), {}}; }

/// Whether any field of this name lists the token, in any case.
bool lists_token(const std::vector<HeaderField>& headers, std::string_view name, std::string_view token) {
    bool found = false;
    for (const HeaderField& field : headers) {
        if (!equals_ignoring_case(field.name, name)) continue;
        for_each_element(field.value, [&](std::string_view element) { found |= equals_ignoring_case(element, token); });
    }
    return found;
}

/// RFC 3986 3.2.2, as far as a Host needs it: a name, an address or an [IPv6 address], and a port.
bool valid_host(std::string_view host) {
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return is_alphanumeric(c) || std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
    });
}

/// "GET, HEAD", or with another word before the last: "GET and HEAD".
std::string listed(std::span<const std::string_view> names, std::string_view before_last) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i)
        list.append(i == 0 ? "" : i + 1 == names.size() ? before_last : ", ").append(names[i]);
    return list;
}

/// Fills method and target from `METHOD SP target SP HTTP/1.1`.
std::optional<Refusal> read_request_line(std::string_view line, std::span<const std::string_view> methods, Request& request) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos)
        return refuse(400, "the request line is not `METHOD target HTTP/1.1`; is it HTTP?");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, second - first - 1);
    const std::string_view version = line.substr(second + 1);
    if (!is_token(method)) return refuse(400, "the method is not a token");
    const bool versioned = version.size() == 8 && version.substr(0, 5) == "HTTP/" && version[6] == '.' &&
                           version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
    if (!versioned) return refuse(400, "the request line does not end with the version of HTTP");
    if (version != "HTTP/1.1") return refuse(505, "this server speaks HTTP/1.1");
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
        constexpr std::string_view known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                              "CONNECT", "OPTIONS", "TRACE", "PATCH"};
        const std::string ours = listed(methods, " and ");
        if (std::find(std::begin(known), std::end(known), method) == std::end(known))
            return refuse(501, "this server knows the methods " + ours);
        return Refusal{405, "this server answers " + ours, {{"Allow", listed(methods, ", ")}}};
    }
    const bool visible =
        std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    if (target.empty() || !visible) return refuse(400, "the target has a character that must be escaped");
    request.method = method;
    request.target = target;
    return std::nullopt;
}

/// RFC 9112 3.2: exactly one Host; the absolute form of the target must name the same one and becomes a path.
std::optional<Refusal> check_host(Request& request) {
    if (count_headers(request.headers, "Host") != 1) return refuse(400, "a request has exactly one Host header");
    const std::string& host = *find_header(request.headers, "Host");
    if (!valid_host(host)) return refuse(400, "the Host header is not a host");
    std::string_view target = request.target;
    if (target.front() == '/') return std::nullopt;
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos || !(equals_ignoring_case(target.substr(0, scheme), "http") ||
                                              equals_ignoring_case(target.substr(0, scheme), "https")))
        return refuse(400, "the target is neither a path nor an http URL");
    target.remove_prefix(scheme + 3);
    const std::size_t path = std::min(target.find_first_of("/?"), target.size());
    if (!equals_ignoring_case(target.substr(0, path), host))
        return refuse(400, "the target and the Host header name different hosts");
    target.remove_prefix(path);
    std::string reduced(target.empty() || target.front() == '?' ? "/" : "");
    request.target = reduced.append(target);
    return std::nullopt;
}

/// Content would be a second message on this stream, which nobody reads: the ground on which request smuggling grows.
std::optional<Refusal> check_no_content(const Request& request, bool upgrade) {
    if (find_header(request.headers, "Transfer-Encoding"))
        return refuse(400, "a request here has no content: Transfer-Encoding is refused");
    const std::string* length = find_header(request.headers, "Content-Length");
    if (length && (upgrade || *length != "0" || count_headers(request.headers, "Content-Length") != 1))
        return refuse(400, "a request here has no content: Content-Length is refused");
    return std::nullopt;
}

std::optional<Refusal> read_subprotocols(Request& request) {
    bool valid = true;
    for (const HeaderField& field : request.headers) {
        if (!equals_ignoring_case(field.name, "Sec-WebSocket-Protocol")) continue;
        for_each_element(field.value, [&](std::string_view element) {
            auto& offered = request.subprotocols;
            valid = valid && is_token(element) && std::find(offered.begin(), offered.end(), element) == offered.end();
            if (valid) offered.emplace_back(element);
        });
    }
    if (!valid) return refuse(400, "Sec-WebSocket-Protocol is not a list of different tokens");
    return std::nullopt;
}

std::optional<Refusal> check_upgrade(Request& request) {
    if (!lists_token(request.headers, "Upgrade", "websocket"))
        return refuse(400, "the Upgrade header does not name websocket");
    if (!lists_token(request.headers, "Connection", "upgrade"))
        return refuse(400, "the Connection header does not list Upgrade");
    const std::string* version = find_header(request.headers, "Sec-WebSocket-Version");
    if (count_headers(request.headers, "Sec-WebSocket-Version") > 1)
        return refuse(400, "Sec-WebSocket-Version stands twice");
    if (!version || *version != "13")
        return Refusal{426,
                       "this server speaks version 13 of the WebSocket protocol",
                       {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}};
    if (count_headers(request.headers, "Sec-WebSocket-Key") != 1)
        return refuse(400, "an upgrade has exactly one Sec-WebSocket-Key");
    const std::string& key = *find_header(request.headers, "Sec-WebSocket-Key");
    if (!valid_key(key)) return refuse(400, "Sec-WebSocket-Key is not 16 bytes in base64");
    request.key = key;
    return read_subprotocols(request);
}

/// "404 Not Found", as far as the status line says it.
std::string status_of(std::string_view line) {
    std::string_view status = line.substr(std::min<std::size_t>(9, line.size()));
    if (status.size() == 3 || (status.size() == 4 && status[3] == ' '))
        return std::string(status.substr(0, 3)) + " " +
               std::string(reason_phrase(std::stoi(std::string(status.substr(0, 3)))));
    return std::string(trim(status.substr(0, 60)));
}

bool valid_status_line(std::string_view line) {
    if (line.size() < 12 || line.substr(0, 7) != "HTTP/1." || (line[7] != '0' && line[7] != '1') || line[8] != ' ')
        return false;
    const bool digits = std::all_of(line.begin() + 9, line.begin() + 12, [](char c) { return c >= '0' && c <= '9'; });
    return digits && line[9] != '0' && (line.size() == 12 || line[12] == ' ');
}

/// It has no place now, and may have one later.
bool puts_off(const Head& head) {
    if (!valid_status_line(head.start_line)) return false;
    const std::string_view status = std::string_view(head.start_line).substr(9, 3);
    return status == "429" || status == "503";
}

bool is_number(std::string_view text, std::size_t digits_max) {
    return !text.empty() && text.size() <= digits_max && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Unexpected not_a_websocket(std::string reason) { return unexpected(Blame::Peer, std::move(reason)); }

}  // namespace

std::variant<Request, Refusal> check_head(Head head, std::span<const std::string_view> methods) {
    Request request;
    request.headers = std::move(head.headers);
    if (auto refusal = read_request_line(head.start_line, methods, request)) return *std::move(refusal);
    if (auto refusal = check_host(request)) return *std::move(refusal);
    return request;
}

std::variant<Request, Refusal> check_request(Head head) {
    constexpr std::string_view methods[] = {"GET", "HEAD"};
    auto checked = check_head(std::move(head), methods);
    if (std::holds_alternative<Refusal>(checked)) return checked;
    auto& request = std::get<Request>(checked);
    // Whoever names any part of the handshake wants a WebSocket, and is told which part is missing.
    const bool upgrade = lists_token(request.headers, "Upgrade", "websocket") ||
                         find_header(request.headers, "Sec-WebSocket-Key") ||
                         find_header(request.headers, "Sec-WebSocket-Version");
    if (upgrade && request.method != "GET") return Refusal{405, "an upgrade is a GET", {{"Allow", "GET, HEAD"}}};
    if (auto refusal = check_no_content(request, upgrade)) return *std::move(refusal);
    if (upgrade) {
        if (auto refusal = check_upgrade(request)) return *std::move(refusal);
        request.upgrade = true;
    }
    return checked;
}

std::string to_request(const ClientHandshake& handshake, std::string_view key) {
    std::string out =
        "GET " + handshake.target + " HTTP/1.1\r\nHost: " + handshake.host +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
    out.append(key).append("\r\n");
    if (!handshake.subprotocols.empty()) {
        out += "Sec-WebSocket-Protocol: ";
        for (std::size_t i = 0; i < handshake.subprotocols.size(); ++i)
            out.append(i == 0 ? "" : ", ").append(handshake.subprotocols[i]);
        out += "\r\n";
    }
    if (!handshake.origin.empty()) out.append("Origin: ").append(handshake.origin).append("\r\n");
    append_fields(out, handshake.headers);
    return out += "\r\n";
}

std::string to_acceptance(std::string_view key, std::string_view subprotocol, std::span<const HeaderField> headers) {
    std::string out =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    out.append(accept_key(key)).append("\r\n");
    if (!subprotocol.empty()) out.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    append_fields(out, headers);
    return out += "\r\n";
}

Result<std::string> check_response(const Head& head, std::string_view key, std::span<const std::string> subprotocols) {
    if (!valid_status_line(head.start_line))
        return not_a_websocket("the server's answer is not HTTP; is it a WebSocket server?");
    const std::string status = status_of(head.start_line);
    if (status.substr(0, 3) != "101")
        return not_a_websocket("the server answered " + status + "; is it a WebSocket server?");
    if (head.start_line[7] != '1') return not_a_websocket("the server answered 101 in HTTP/1.0");
    const std::string* upgrade = find_header(head.headers, "Upgrade");
    if (!upgrade || count_headers(head.headers, "Upgrade") != 1 || !equals_ignoring_case(*upgrade, "websocket"))
        return not_a_websocket("the server's Upgrade header is not websocket");
    if (!lists_token(head.headers, "Connection", "upgrade"))
        return not_a_websocket("the server's Connection header does not list Upgrade");
    const std::string* accept = find_header(head.headers, "Sec-WebSocket-Accept");
    if (!accept || count_headers(head.headers, "Sec-WebSocket-Accept") != 1 || *accept != accept_key(key))
        return not_a_websocket("the server's Sec-WebSocket-Accept does not fit our key");
    if (find_header(head.headers, "Sec-WebSocket-Extensions"))
        return not_a_websocket("the server chose an extension that was not offered");
    if (find_header(head.headers, "Transfer-Encoding") || find_header(head.headers, "Content-Length"))
        return not_a_websocket("the server's 101 announces content");
    const std::string* chosen = find_header(head.headers, "Sec-WebSocket-Protocol");
    if (!chosen) {
        if (subprotocols.empty()) return std::string();
        return not_a_websocket("the server speaks none of the offered subprotocols (" + subprotocols.front() + " …)");
    }
    if (count_headers(head.headers, "Sec-WebSocket-Protocol") != 1 ||
        std::find(subprotocols.begin(), subprotocols.end(), *chosen) == subprotocols.end())
        return not_a_websocket("the server chose a subprotocol that was not offered");
    return *chosen;
}

std::chrono::seconds retry_after_of(const Head& head) {
    constexpr std::size_t digits_max = 6;
    constexpr std::chrono::seconds most = std::chrono::hours(1);
    const std::string* const value = find_header(head.headers, "Retry-After");
    if (value == nullptr || !puts_off(head) || !is_number(*value, digits_max)) return {};
    return std::min(std::chrono::seconds(std::stoi(*value)), most);
}

std::size_t words_bytes_of(const Head& head) {
    constexpr std::size_t digits_max = 3;
    constexpr int most = 256;  // a sentence and no page
    const std::string* const type = find_header(head.headers, "Content-Type");
    const std::string* const length = find_header(head.headers, "Content-Length");
    if (!puts_off(head) || type == nullptr || length == nullptr || find_header(head.headers, "Transfer-Encoding")) return 0;
    if (!equals_ignoring_case(type->substr(0, type->find(';')), "text/plain") || !is_number(*length, digits_max)) return 0;
    const int bytes = std::stoi(*length);
    return bytes <= most ? static_cast<std::size_t>(bytes) : 0;
}

std::string to_sentence(const Head& head, std::string_view words) {
    const std::string_view line = trim(words.substr(0, words.find_first_of("\r\n")));
    if (line.empty() || !valid_utf8(as_bytes(line))) return {};
    return "the server answered " + status_of(head.start_line) + ": " + printable(line);
}

}  // namespace tidewire::ws
