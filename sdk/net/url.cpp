// A strict reader of ws:// URLs: what it lets through can be written into a request as it is.
#include "sdk/net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace tidewire::net {

namespace {

constexpr std::size_t shown_max = 120;

constexpr std::uint16_t scheme_port(bool secure) { return secure ? 443 : 80; }

bool graphic(char c) { return c > ' ' && c < '\x7f'; }

/// For a message: cut, and without bytes that a terminal would obey.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, shown_max)) out += graphic(c) || c == ' ' ? c : '?';
    return out + (text.size() > shown_max ? "…\"" : "\"");
}

bool has_scheme(std::string_view text, std::string_view scheme) {
    return text.size() >= scheme.size() && std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b | 0x20) : b);
           });
}

/// Decimal digits only, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty() || text.size() > 5) return std::nullopt;
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value < 1 || value > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(value);
}

/// RFC 1123 2.1, and the underscore that private networks use.
bool valid_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    });
}

bool valid_ipv6(const std::string& host) {
    std::array<unsigned char, 16> address{};
    return inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

/// A text with an @ may hold a password, which belongs in no message.
Unexpected wrong(std::string_view text, const std::string& what) {
    if (text.find('@') != text.npos) return unexpected(Blame::Caller, "the URL " + what);
    return unexpected(Blame::Caller, quoted(text) + " " + what);
}

/// `text` has no scheme of ours: what the writer probably meant.
Unexpected not_websocket(std::string_view text) {
    std::string meant = "ws://";
    if (has_scheme(text, "https://")) meant = "wss://";
    const auto scheme_end = text.find("://");
    meant += scheme_end == text.npos ? text : text.substr(scheme_end + 3);
    if (meant.size() > shown_max || !parse_url(meant)) meant = "ws://localhost:7777";
    return wrong(text, "is not a WebSocket URL; write " + meant);
}

}  // namespace

std::string host_and_port(const std::string& host, std::uint16_t port) {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::authority() const {
    std::string text;
    if (host.find(':') == host.npos) {
        text = host;
    } else {
        text.append("[").append(host).append("]");
    }
    if (port != scheme_port(secure)) text.append(":").append(std::to_string(port));
    return text;
}

Result<Url> parse_url(std::string_view text) {
    Url url;
    std::string_view rest;
    if (has_scheme(text, "ws://")) {
        rest = text.substr(5);
    } else if (has_scheme(text, "wss://")) {
        url.secure = true;
        rest = text.substr(6);
    } else {
        return not_websocket(text);
    }
    if (!std::all_of(rest.begin(), rest.end(), graphic))
        return wrong(text, "has a space, a control character or a letter beyond ASCII in it; write it percent-encoded");
    // RFC 6455 3: fragments are meaningless here and must not be used.
    if (const auto hash = rest.find('#'); hash != rest.npos)
        return wrong(text, "has a fragment; leave out " + quoted(rest.substr(hash)));

    const auto authority_end = rest.find_first_of("/?");
    const std::string_view authority = rest.substr(0, authority_end);
    if (authority_end != rest.npos) url.target = rest.substr(authority_end);
    if (url.target.front() == '?') url.target.insert(0, "/");
    if (authority.find('@') != authority.npos) return wrong(text, "names a user; leave out what stands before the @");

    std::string_view after_host;
    if (!authority.empty() && authority.front() == '[') {
        const auto bracket = authority.find(']');
        if (bracket == authority.npos) return wrong(text, "lacks the ] after its IPv6 address");
        url.host = authority.substr(1, bracket - 1);
        after_host = authority.substr(bracket + 1);
        if (!valid_ipv6(url.host))
            return wrong(text, "has no IPv6 address between the brackets; write ws://[::1]:7777");
        if (!after_host.empty() && after_host.front() != ':')
            return wrong(text, "has something between ] and the port; write ws://[::1]:7777");
    } else {
        const auto colon = authority.find(':');
        url.host = authority.substr(0, colon);
        if (colon != authority.npos) after_host = authority.substr(colon);
        if (std::count(authority.begin(), authority.end(), ':') > 1)
            return wrong(text, "has an IPv6 address without brackets; write ws://[::1]:7777");
        if (url.host.empty()) return wrong(text, "names no host; write ws://localhost:7777");
        if (!valid_name(url.host)) return wrong(text, "has no valid host name; it has letters, digits, - and . only");
    }
    url.port = scheme_port(url.secure);
    if (!after_host.empty()) {
        const auto port = parse_port(after_host.substr(1));
        if (!port) return wrong(text, "has no valid port; write a number from 1 to 65535 after the host");
        url.port = *port;
    }
    return url;
}

}  // namespace tidewire::net
