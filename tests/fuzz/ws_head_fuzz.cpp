// libFuzzer: any bytes as the head of a request and of a response, in any chunks.
#include "sdk/core/ws/handshake.h"
#include "tests/fuzz/ws_chunks.h"

using namespace tidewire;
using namespace tidewire::ws;

namespace {

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

std::vector<std::string> judge(const fuzz::Chunks& chunks, const Limits& limits) {
    HeadParser parser(limits);
    std::size_t taken = 0;
    for (const Bytes& chunk : chunks) taken += parser.receive(chunk);
    fuzz::require(parser.bytes() == taken && taken <= limits.head_bytes_max + 1, "a head is bounded");
    if (parser.fault()) {
        fuzz::require(parser.fault()->status >= 400 && parser.fault()->status < 500,
                      "a fault of the head is the peer's");
        return {std::to_string(parser.fault()->status), parser.fault()->reason};
    }
    if (!parser.complete()) return {"incomplete"};
    const Head head = parser.take();
    fuzz::require(head.headers.size() <= limits.head_fields_max, "fields are bounded");
    std::vector<std::string> words{head.start_line, std::to_string(taken)};
    for (const HeaderField& field : head.headers) words.push_back(field.name + ": " + field.value);

    const std::vector<std::string> offered{"a", "tidewire.v1"};
    const auto response = check_response(head, key, offered);
    words.push_back(response ? "speaks " + *response : response.error().message);

    const auto checked = check_request(head);
    if (const auto* refusal = std::get_if<Refusal>(&checked)) {
        fuzz::require(refusal->status >= 400 && refusal->status < 600 && !refusal->reason.empty(),
                      "a refusal says why");
        words.push_back(std::to_string(refusal->status) + " " + refusal->reason);
        return words;
    }
    const Request& request = std::get<Request>(checked);
    fuzz::require(request.method == "GET" || (request.method == "HEAD" && !request.upgrade),
                  "a request is a GET, or a HEAD that asks for no WebSocket");
    fuzz::require(request.target[0] == '/', "a request has a path");
    fuzz::require(count_headers(request.headers, "Host") == 1, "a request has one Host");
    fuzz::require(!request.upgrade || request.key.size() == 24, "an upgrade has a key");
    words.push_back((request.upgrade ? "upgrade " : "plain ") + request.target);
    return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Input input = fuzz::split_input(data, size);
    Limits limits;
    if (input.flags & 1) limits = {.head_bytes_max = 200, .head_fields_max = 5};
    fuzz::require_split_invariance(input, [&](const fuzz::Chunks& chunks) { return judge(chunks, limits); });
    return 0;
}
