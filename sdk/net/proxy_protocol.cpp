// The PROXY protocol, versions 1 and 2, and X-Forwarded-For.
#include "sdk/net/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "sdk/core/base/byte_io.h"

namespace tidewire::net {

namespace {

constexpr std::string_view v1_start = "PROXY ";
constexpr std::string_view v2_start("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t v1_bytes_max = 107;
constexpr std::size_t v2_payload_max = proxy_header_bytes_max - 16;

Unexpected wrong(const char* what) {
    return unexpected(Blame::Peer, std::string("not a PROXY protocol header: ") + what +
                                       "; does the front send one, and is this listener meant for it?");
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
    return std::stoul(std::string(text)) <= 65535;
}

Result<std::optional<ProxyHeader>> parse_v1(std::string_view input) {
    const std::size_t end = input.substr(0, v1_bytes_max).find("\r\n");
    if (end == std::string_view::npos) {
        if (input.size() >= v1_bytes_max) return wrong("the line is too long");
        return std::optional<ProxyHeader>();
    }
    ProxyHeader header{.client = {}, .bytes = end + 2};
    std::string_view rest = input.substr(v1_start.size(), end - v1_start.size());
    std::vector<std::string_view> words;
    for (;;) {
        const std::size_t space = rest.find(' ');
        words.push_back(rest.substr(0, space));
        if (space == std::string_view::npos) break;
        rest.remove_prefix(space + 1);
    }
    if (words[0] == "UNKNOWN") return std::optional(header);
    if ((words[0] != "TCP4" && words[0] != "TCP6") || words.size() != 5) return wrong("bad family or number of words");
    // Both addresses are of the family that stands in front, and both matter: half a header is none.
    const bool v6 = words[0] == "TCP6";
    for (const std::string_view address : {words[1], words[2]})
        if (!IpAddress::parse(address) || v6 != (address.find(':') != std::string_view::npos))
            return wrong("bad address");
    if (!is_port(words[3]) || !is_port(words[4])) return wrong("bad port");
    header.client = IpAddress::parse(words[1]);
    return std::optional(header);
}

Result<std::optional<ProxyHeader>> parse_v2(ByteSpan input) {
    if (input.size() < 16) return std::optional<ProxyHeader>();
    const auto version_command = std::to_integer<unsigned>(input[12]);
    const auto family = std::to_integer<unsigned>(input[13]);
    const std::size_t length = load_big_endian<std::uint16_t>(input.subspan(14, 2));
    if (version_command >> 4 != 2 || (version_command & 0xf) > 1) return wrong("bad version or command");
    if (length > v2_payload_max) return wrong("it is too long");
    if (input.size() < 16 + length) return std::optional<ProxyHeader>();
    ProxyHeader header{.client = {}, .bytes = 16 + length};
    if ((version_command & 0xf) == 0) return std::optional(header);  // LOCAL: the proxy itself
    std::array<std::uint8_t, 16> source{};
    switch (family) {
        case 0x11:  // TCP over IPv4
            if (length < 12) return wrong("it ends inside the addresses");
            std::memcpy(source.data(), input.data() + 16, 4);
            header.client = IpAddress::v4(std::span(source).first<4>());
            break;
        case 0x21:  // TCP over IPv6
            if (length < 36) return wrong("it ends inside the addresses");
            std::memcpy(source.data(), input.data() + 16, 16);
            header.client = IpAddress{source};
            break;
        case 0x00:  // unspecified
        case 0x12:  // datagrams, and Unix sockets
        case 0x22:
        case 0x31:
        case 0x32:
            break;
        default:
            return wrong("bad family");
    }
    return std::optional(header);
}

}  // namespace

Result<std::optional<ProxyHeader>> parse_proxy_header(ByteSpan input) {
    const std::string_view text = as_text(input);
    const auto begins = [&](std::string_view start) {
        const std::size_t count = std::min(start.size(), text.size());
        return text.substr(0, count) == start.substr(0, count);
    };
    if (begins(v2_start)) {
        if (text.size() < v2_start.size()) return std::optional<ProxyHeader>();
        return parse_v2(input);
    }
    if (begins(v1_start)) {
        if (text.size() < v1_start.size()) return std::optional<ProxyHeader>();
        return parse_v1(text);
    }
    return wrong("it begins otherwise");
}

std::optional<IpAddress> forwarded_client(std::string_view field, const std::vector<Network>& trusted) {
    while (!field.empty()) {
        const std::size_t comma = field.rfind(',');
        std::string_view word = comma == std::string_view::npos ? field : field.substr(comma + 1);
        field = comma == std::string_view::npos ? std::string_view() : field.substr(0, comma);
        while (!word.empty() && (word.front() == ' ' || word.front() == '\t')) word.remove_prefix(1);
        while (!word.empty() && (word.back() == ' ' || word.back() == '\t')) word.remove_suffix(1);
        if (word.size() > 2 && word.front() == '[' && word.back() == ']') word = word.substr(1, word.size() - 2);
        const auto address = IpAddress::parse(word);
        if (!address) return std::nullopt;
        const bool proxy = std::any_of(trusted.begin(), trusted.end(),
                                       [&](const Network& network) { return network.contains(*address); });
        // When all hops are trusted, the leftmost is the farthest that we know.
        if (!proxy || field.empty()) return address;
    }
    return std::nullopt;
}

}  // namespace tidewire::net
