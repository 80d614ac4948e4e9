// Responses as text.
#include "sdk/core/ws/http_response.h"

#include <cassert>

#include "sdk/core/ws/ascii.h"

namespace tidewire::ws {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            break;
    }
    constexpr std::string_view classes[] = {"Unknown", "Continue", "OK", "Redirection", "Bad Request", "Server Error"};
    return classes[status >= 100 && status < 600 ? status / 100 : 0];
}

void append_fields(std::string& out, std::span<const HeaderField> headers) {
    for (const HeaderField& field : headers) {
        assert(is_token(field.name) && field.value.find_first_of("\r\n") == std::string::npos);
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
}

std::string to_response(int status, std::string_view content_type, std::string_view body,
                        std::span<const HeaderField> headers) {
    std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
    out.append(reason_phrase(status)).append("\r\n");
    if (!content_type.empty()) out.append("Content-Type: ").append(content_type).append("\r\n");
    out += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n";
    append_fields(out, headers);
    out.append("\r\n").append(body);
    return out;
}

}  // namespace tidewire::ws
