// libFuzzer: any bytes as what a front or a proxy says: a PROXY header, X-Forwarded-For, an answer to CONNECT. The oracle: a
// prefix asks for more or gives the verdict of the whole.
#include <optional>

#include "sdk/net/http_connect.h"
#include "sdk/net/proxy_protocol.h"
#include "tests/fuzz/ws_chunks.h"

using namespace tidewire;
using namespace tidewire::net;

namespace {

/// Empty while more is needed; otherwise the verdict in words.
using Verdict = std::optional<std::string>;

Verdict proxy_header(ByteSpan input) {
    const auto parsed = parse_proxy_header(input);
    if (!parsed) return "refused";
    if (!*parsed) return std::nullopt;
    const ProxyHeader& header = **parsed;
    fuzz::require(header.bytes <= input.size() && header.bytes <= proxy_header_bytes_max, "a header is bounded");
    if (!header.client) return std::to_string(header.bytes);
    const auto again = IpAddress::parse(header.client->to_string());
    fuzz::require(again == header.client, "an address can be read as it was written");
    return std::to_string(header.bytes) + " " + header.client->to_string();
}

Verdict connect_answer(ByteSpan input) {
    HttpConnect connect({.host = "proxy", .user = "me", .password = "s3cret"}, "game.example:443");
    const auto parsed = connect.receive(input);
    if (!parsed) {
        for (const char c : parsed.error().message)
            fuzz::require(c >= ' ' && c < 0x7f, "a message has no byte that steers a terminal");
        return "refused";
    }
    if (!*parsed) return std::nullopt;
    fuzz::require(**parsed <= input.size(), "an answer lies in its input");
    return std::to_string(**parsed);
}

/// At each length in a block of its own, so that a sanitizer sees each step beyond it.
void require_prefixes(ByteSpan bytes, Verdict (*judge)(ByteSpan)) {
    const Verdict whole = judge(bytes);
    for (std::size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 97) {
        const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const Verdict verdict = judge(prefix);
        fuzz::require(!verdict || verdict == whole, "a prefix asks for more or says the same");
    }
}

void judge_forwarded(ByteSpan bytes) {
    const std::vector<Network> trusted = {*Network::parse("10.0.0.0/8"), *Network::parse("2001:db8::/33")};
    const auto client = forwarded_client(as_text(bytes), trusted);
    fuzz::require(!client || IpAddress::parse(client->to_string()) == client,
                  "an address can be read as it was written");
    const auto network = Network::parse(as_text(bytes));
    if (network) fuzz::require(network->contains(network->address), "a network contains its own address");
    const auto url = parse_proxy_url(as_text(bytes));
    if (url) fuzz::require(!url->host.empty() && url->port > 0, "a proxy has a host and a port");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Input input = fuzz::split_input(data, size);
    require_prefixes(input.bytes, input.flags % 2 == 0 ? proxy_header : connect_answer);
    judge_forwarded(input.bytes);
    return 0;
}
