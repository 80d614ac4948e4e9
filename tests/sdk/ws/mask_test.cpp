// Masking: every length, offset and alignment, and nothing outside.
#include "sdk/core/ws/mask.h"

#include "tests/sdk/ws/endpoint.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

TEST_CASE("RFC 6455 5.3: octet i is masked with key octet i modulo 4, at any length, offset and alignment",
          "[ws][mask]") {
    const MaskKey key{std::byte{0x12}, std::byte{0x34}, std::byte{0x56}, std::byte{0x78}};
    for (std::size_t size = 0; size < 70; ++size) {
        for (std::size_t offset = 0; offset < 5; ++offset) {
            for (std::size_t alignment = 0; alignment < 8; ++alignment) {
                Bytes buffer(alignment + size + 8, std::byte{0xee});
                apply_mask(MutableByteSpan(buffer).subspan(alignment, size), key, offset);
                bool right = true;
                for (std::size_t i = 0; i < buffer.size(); ++i) {
                    const bool inside = i >= alignment && i < alignment + size;
                    right = right && buffer[i] == (inside ? std::byte{0xee} ^ key[(offset + i - alignment) % 4]
                                                          : std::byte{0xee});
                }
                INFO(size << " bytes from " << offset << " at alignment " << alignment);
                REQUIRE(right);
            }
        }
    }
}

TEST_CASE("RFC 6455 5.3: each frame of a client has a new key from the source of randomness", "[ws][mask]") {
    std::size_t calls = 0;
    MaskSource masks([&, random = seeded(3)](MutableByteSpan bytes) {
        ++calls;
        random(bytes);
    });
    std::vector<MaskKey> keys;
    for (int i = 0; i < 200; ++i) keys.push_back(masks.next());
    std::sort(keys.begin(), keys.end());
    CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
    CHECK(calls == 4);
}
