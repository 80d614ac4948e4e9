// libFuzzer: any parts at a client's session, cut from the bytes. What it holds never exceeds what has come.
#include <cstdint>
#include <cstdlib>

#include "sdk/core/session/part_assembly.h"
#include "sdk/core/wire/codec.h"

using namespace tidewire;

namespace {

constexpr wire::Limits limits{.message_bytes_max = 1000, .bulk_bytes_max = 3000};

}  // namespace

/// Messages stand one behind another, each with its length in a byte in front.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteSpan rest{reinterpret_cast<const std::byte*>(data), size};
    session::PartAssembly lanes[2];
    Bytes came[2];
    while (!rest.empty()) {
        const std::size_t length = std::min<std::size_t>(std::to_integer<std::size_t>(rest.front()), rest.size() - 1);
        const auto parsed = wire::parse_message(rest.subspan(1, length), limits);
        rest = rest.subspan(1 + length);
        const auto* part = parsed ? std::get_if<wire::Part>(&*parsed) : nullptr;
        if (part == nullptr) continue;
        const auto lane = static_cast<std::size_t>(part->lane);
        const auto whole = lanes[lane].receive(*part);
        if (!whole) return 0;
        append(came[lane], part->bytes);
        if (lanes[lane].received() != came[lane].size() || lanes[lane].total() < came[lane].size()) std::abort();
        if (!*whole) continue;
        if (came[lane].size() > limits.bulk_bytes_max || lanes[lane].take() != came[lane]) std::abort();
        came[lane].clear();
    }
    return 0;
}
