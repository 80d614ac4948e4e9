// libFuzzer: any bytes as frames, for both roles, in any chunks. What is accepted satisfies the limits and UTF-8.
#include "sdk/core/ws/message_reader.h"
#include "tests/fuzz/ws_chunks.h"

using namespace tidewire;
using namespace tidewire::ws;

namespace {

std::vector<std::string> read_all(fuzz::Chunks chunks, Role receiver, const Limits& limits) {
    MessageReader reader(receiver);
    std::vector<std::string> words;
    for (Bytes& chunk : chunks) {
        MutableByteSpan input = chunk;
        while (!input.empty()) {
            const auto read = reader.read(input, limits);
            if (!read) {
                words.push_back(std::to_string(read.error().close_code) + " " + read.error().message);
                return words;
            }
            if (!*read) {
                fuzz::require(input.empty(), "a reader that asks for more has taken all");
                break;
            }
            const Incoming& incoming = **read;
            fuzz::require(incoming.opcode != Opcode::Continuation, "messages are whole");
            fuzz::require(incoming.payload.size() <=
                              (is_control(incoming.opcode) ? control_payload_bytes_max : limits.message_bytes_max),
                          "payloads keep to their limit");
            fuzz::require(incoming.opcode != Opcode::Text || valid_utf8(incoming.payload), "text is UTF-8");
            words.push_back(std::to_string(static_cast<int>(incoming.opcode)) + " " + to_string(incoming.payload));
        }
    }
    words.push_back(reader.in_progress() ? "in progress" : "at rest");
    return words;
}

/// A header that is accepted reads back from what is written for it, unless it was written longer than needed.
void require_round_trip(ByteSpan bytes, Role receiver) {
    const auto parsed = parse_frame_header(bytes, receiver);
    if (!parsed || !*parsed) return;
    const HeaderBytes written = to_bytes((*parsed)->header);
    fuzz::require(written.size == (*parsed)->bytes &&
                      std::equal(written.data.begin(), written.data.begin() + static_cast<std::ptrdiff_t>(written.size),
                                 bytes.begin()),
                  "a header has one form only");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Input input = fuzz::split_input(data, size);
    const Role receiver = input.flags & 1 ? Role::Client : Role::Server;
    Limits limits;
    if (input.flags & 2) limits = {.message_bytes_max = 200, .fragments_max = 4};
    require_round_trip(input.bytes, receiver);
    fuzz::require_split_invariance(input,
                                   [&](const fuzz::Chunks& chunks) { return read_all(chunks, receiver, limits); });
    return 0;
}
