// Reaching a server through an HTTP proxy.
#include "sdk/net/http_connect.h"

#include <openssl/evp.h>

#include <algorithm>

namespace tidewire::net {

namespace {

constexpr std::size_t answer_bytes_max = 8 * 1024;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// RFC 3986 2.1; empty optional for a percent sign without two digits behind it.
std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::string base64(const std::string& text) {
    std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

}  // namespace

Result<ProxyUrl> parse_proxy_url(std::string_view text) {
    const auto wrong = [](const char* what) {
        return unexpected(Blame::Caller, std::string("the proxy URL has ") + what +
                                             "; write http://host:3128 or http://user:password@host:3128");
    };
    constexpr std::string_view scheme = "http://";
    if (text.substr(0, scheme.size()) != scheme) return wrong("no http:// in front");
    text.remove_prefix(scheme.size());
    if (!text.empty() && text.back() == '/') text.remove_suffix(1);
    ProxyUrl url;
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
        const std::string_view credentials = text.substr(0, at);
        const std::size_t colon = credentials.find(':');
        const auto user = percent_decode(credentials.substr(0, colon));
        const auto password =
            percent_decode(colon == std::string_view::npos ? std::string_view() : credentials.substr(colon + 1));
        if (!user || !password || user->empty())
            return wrong("credentials that are not user:password, percent-encoded");
        if (user->find(':') != std::string::npos)
            return wrong("a colon in the user name, which Basic authentication cannot carry");
        url.user = *user;
        url.password = *password;
        text.remove_prefix(at + 1);
    }
    std::string_view port;
    if (!text.empty() && text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return wrong("an IPv6 address without its closing bracket");
        url.host = std::string(text.substr(1, end - 1));
        port = text.substr(end + 1);
    } else {
        const std::size_t colon = text.find(':');
        url.host = std::string(text.substr(0, colon));
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (url.host.empty() || std::any_of(url.host.begin(), url.host.end(), [](char c) {
            return c <= ' ' || c == '/' || c == '?' || c == '#' || c == 0x7f;
        }))
        return wrong("no host");
    if (!port.empty()) {
        const std::string_view digits = port.substr(1);
        if (port[0] != ':' || digits.empty() || digits.size() > 5 ||
            !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return wrong("no port behind the host");
        const unsigned long number = std::stoul(std::string(digits));
        if (number == 0 || number > 65535) return wrong("a port outside 1 to 65535");
        url.port = static_cast<std::uint16_t>(number);
    }
    return url;
}

HttpConnect::HttpConnect(const ProxyUrl& proxy, std::string_view authority) {
    request_ = "CONNECT " + std::string(authority) + " HTTP/1.1\r\nHost: " + std::string(authority) + "\r\n";
    if (!proxy.user.empty())
        request_ += "Proxy-Authorization: Basic " + base64(proxy.user + ":" + proxy.password) + "\r\n";
    request_ += "\r\n";
}

ByteSpan HttpConnect::request() const { return as_bytes(request_); }

Result<std::optional<std::size_t>> HttpConnect::receive(ByteSpan input) {
    const std::string_view text = as_text(input);
    constexpr std::string_view version = "HTTP/1.";
    const auto not_http = [] {
        return unexpected(Blame::Peer, "the proxy's answer is not HTTP; is it an HTTP proxy, and is the port right?");
    };
    // Whoever speaks something else may never end it as a head does.
    if (text.substr(0, version.size()) != version.substr(0, text.size())) return not_http();
    const std::size_t end = text.substr(0, answer_bytes_max).find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (text.size() >= answer_bytes_max)
            return unexpected(Blame::Peer, "the proxy's answer is longer than 8 KiB; is it an HTTP proxy?");
        return std::optional<std::size_t>();
    }
    const std::string_view line = text.substr(0, text.find("\r\n"));
    const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
    if (line.size() < 12 || !digit(7) || line[8] != ' ' || !digit(9) || !digit(10) || !digit(11) ||
        (line.size() > 12 && line[12] != ' '))
        return not_http();
    if (line[9] == '2') return std::optional(end + 4);
    std::string message = "the proxy answered " + std::string(line.substr(9, 60));
    for (char& c : message)
        if (c < ' ' || c == 0x7f) c = '?';
    if (line.substr(9, 3) == "407")
        message += ": check the user and password in the proxy URL";
    else if (line.substr(9, 3) == "403")
        message += ": it does not allow this server; ask whoever runs the proxy";
    else
        message += ": it could not reach the server";
    return unexpected(Blame::Peer, message);
}

}  // namespace tidewire::net
