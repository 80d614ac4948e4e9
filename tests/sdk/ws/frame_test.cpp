// Frame headers (RFC 6455 5.2).
#include "sdk/core/ws/frame.h"

#include "tests/sdk/ws/endpoint.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

namespace {

/// "needs more", the error, or opcode, fin, payload and header size.
std::string parse(ByteSpan bytes, Role receiver) {
    const auto parsed = parse_frame_header(bytes, receiver);
    if (!parsed) return std::to_string(parsed.error().close_code) + " " + parsed.error().message;
    if (!*parsed) return "needs more";
    const FrameHeader& header = (*parsed)->header;
    return std::to_string(static_cast<int>(header.opcode)) + (header.fin ? " fin " : " ") +
           std::to_string(header.payload_bytes) + " bytes, header " + std::to_string((*parsed)->bytes);
}

}  // namespace

TEST_CASE("RFC 6455 5.2: a header is written in its shortest form and reads back, in both roles", "[ws][frame]") {
    for (const Role receiver : {Role::Server, Role::Client}) {
        for (const std::uint64_t size :
             {0ULL, 1ULL, 125ULL, 126ULL, 127ULL, 128ULL, 65535ULL, 65536ULL, 0x7fffffffffffffffULL}) {
            for (const Opcode opcode : {Opcode::Continuation, Opcode::Text, Opcode::Binary}) {
                for (const bool fin : {true, false}) {
                    FrameHeader header{.opcode = opcode, .fin = fin, .payload_bytes = size};
                    header.masked = receiver == Role::Server;
                    if (header.masked) header.mask = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
                    const HeaderBytes bytes = to_bytes(header);
                    CHECK(bytes.size == (size < 126 ? 2U : size < 65536 ? 4U : 10U) + (header.masked ? 4U : 0U));
                    const auto parsed = parse_frame_header(bytes, receiver);
                    REQUIRE((parsed && *parsed));
                    CHECK((*parsed)->bytes == bytes.size);
                    CHECK((*parsed)->header.opcode == opcode);
                    CHECK((*parsed)->header.fin == fin);
                    CHECK((*parsed)->header.payload_bytes == size);
                    CHECK((*parsed)->header.mask == header.mask);
                    Bytes trailing = to_owned(ByteSpan(bytes));
                    trailing.push_back(std::byte{0xff});
                    CHECK(parse(trailing, receiver) == parse(bytes, receiver));
                    for (std::size_t prefix = 0; prefix < bytes.size; ++prefix)
                        CHECK(parse(ByteSpan(bytes).first(prefix), receiver) == "needs more");
                }
            }
        }
    }
}

TEST_CASE("RFC 6455 5.7: the document's own frames", "[ws][frame]") {
    CHECK(parse(from_hex("81 05 48 65 6c 6c 6f"), Role::Client) == "1 fin 5 bytes, header 2");
    CHECK(parse(from_hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), Role::Server) == "1 fin 5 bytes, header 6");
    CHECK(parse(from_hex("01 03 48 65 6c"), Role::Client) == "1 3 bytes, header 2");
    CHECK(parse(from_hex("80 02 6c 6f"), Role::Client) == "0 fin 2 bytes, header 2");
    CHECK(parse(from_hex("89 05 48 65 6c 6c 6f"), Role::Client) == "9 fin 5 bytes, header 2");
    CHECK(parse(from_hex("82 7e 01 00"), Role::Client) == "2 fin 256 bytes, header 4");
    CHECK(parse(from_hex("82 7f 00 00 00 00 00 01 00 00"), Role::Client) == "2 fin 65536 bytes, header 10");
}

TEST_CASE("RFC 6455 5.2: a wrong header is refused with 1002 at the first byte that shows it", "[ws][frame]") {
    struct Row {
        const char* hex;
        Role receiver;
        std::size_t at;  // bytes that still ask for more
        const char* reason;
    };
    const Row rows[] = {
        {"7e 00", Role::Client, 0, "a frame has reserved bits set, and no extension was agreed"},
        {"80 80 00 00 00 00", Role::Client, 1, "a server's frame is masked"},
        {"81 05", Role::Server, 1, "a client's frame is not masked"},
        {"88 05", Role::Server, 1, "a client's frame is not masked"},
        {"09 00", Role::Client, 0, "a control frame is fragmented"},
        {"08 00", Role::Client, 0, "a control frame is fragmented"},
        {"0a 00", Role::Client, 0, "a control frame is fragmented"},
        {"89 7e 00 7e", Role::Client, 1, "a control frame has more than 125 bytes"},
        {"89 7f 00 00 00 00 00 01 00 00", Role::Client, 1, "a control frame has more than 125 bytes"},
        {"88 fe 00 7e 00 00 00 00", Role::Server, 1, "a control frame has more than 125 bytes"},
        {"82 7e 00 00", Role::Client, 3, "a frame's length is not in its shortest form"},
        {"82 7e 00 7d", Role::Client, 3, "a frame's length is not in its shortest form"},
        {"82 7f 00 00 00 00 00 00 00 01", Role::Client, 9, "a frame's length is not in its shortest form"},
        {"82 7f 00 00 00 00 00 00 ff ff", Role::Client, 9, "a frame's length is not in its shortest form"},
        {"82 7f 80 00 00 00 00 00 00 00", Role::Client, 9, "a frame's length has its highest bit set"},
        {"82 ff ff ff ff ff ff ff ff ff 00 00 00 00", Role::Server, 9, "a frame's length has its highest bit set"},
    };
    for (const Row& row : rows) {
        INFO(row.hex);
        const Bytes bytes = from_hex(row.hex);
        for (std::size_t size = 0; size <= bytes.size(); ++size) {
            INFO("the first " << size << " bytes");
            CHECK(parse(ByteSpan(bytes).first(size), row.receiver) ==
                  (size <= row.at ? "needs more" : "1002 " + std::string(row.reason)));
        }
    }
    for (unsigned reserved = 1; reserved < 8; ++reserved) {
        const Bytes bytes{static_cast<std::byte>(0x82 | reserved << 4)};
        CHECK(parse(bytes, Role::Server) == "1002 a frame has reserved bits set, and no extension was agreed");
    }
    for (unsigned opcode = 0; opcode < 16; ++opcode) {
        const Bytes bytes{static_cast<std::byte>(0x80 | opcode)};
        const bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
        CHECK(parse(bytes, Role::Server) == (known ? "needs more" : "1002 a frame has a reserved opcode"));
    }
}
