// Frames made and read by hand, as far as a raw peer needs them.
#include "tests/hostile/raw_peer.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "sdk/core/ws/mask.h"
#include "tidewire/version.h"

namespace tidewire::hostile {

namespace {

constexpr ws::MaskKey mask{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

Bytes frame(unsigned first, ByteSpan payload, bool masked) {
    const ws::FrameHeader header{.masked = masked, .mask = mask, .payload_bytes = payload.size()};
    const ws::HeaderBytes head = ws::to_bytes(header);
    const ByteSpan head_bytes = head;
    Bytes bytes(head_bytes.begin(), head_bytes.end());
    bytes[0] = static_cast<std::byte>(first);
    append(bytes, payload);
    if (masked) ws::apply_mask(MutableByteSpan(bytes).subspan(head_bytes.size()), mask, 0);
    return bytes;
}

}  // namespace

std::string upgrade_request(std::string_view more_lines, std::string_view target) {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: game.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Protocol: tidewire.v1\r\n" +
           std::string(more_lines) + "\r\n";
}

Bytes client_frame(unsigned first, ByteSpan payload) { return frame(first, payload, true); }
Bytes server_frame(unsigned first, ByteSpan payload) { return frame(first, payload, false); }

wire::Hello hello_for(const SchemaInfo& schema, std::string_view name) {
    return {.protocol = protocol_version,
            .schema_hash = schema.hash,
            .schema_name = schema.name,
            .sdk_version = version,
            .player_name = std::string(name)};
}

std::optional<FrameReader::Frame> FrameReader::poll() {
    const auto parsed = ws::parse_frame_header(rest_, ws::Role::Client);
    REQUIRE(parsed);
    if (!*parsed) return std::nullopt;
    const ws::FrameHeader& header = (*parsed)->header;
    const std::size_t whole = (*parsed)->bytes + static_cast<std::size_t>(header.payload_bytes);
    if (rest_.size() < whole) return std::nullopt;
    REQUIRE(header.fin);
    const ByteSpan payload = ByteSpan(rest_).subspan((*parsed)->bytes, whole - (*parsed)->bytes);
    Frame frame{.opcode = header.opcode, .payload = Bytes(payload.begin(), payload.end())};
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(whole));
    return frame;
}

int RawPeer::status() const { return answer.size() < 12 ? 0 : std::atoi(answer.c_str() + 9); }

void RawPeer::hear(ByteSpan arrived, TimePoint now) {
    bytes += arrived.size();
    hash = fnv1a(arrived, hash);
    if (!reads) return;
    if (on_bytes) return on_bytes(arrived);
    // A 101 has no content: frames begin behind its head. Every other answer is the last that comes.
    const bool opened = answer.rfind("HTTP/1.1 101", 0) == 0 && answer.find("\r\n\r\n") != std::string::npos;
    if (opened) {
        frames_.take(arrived);
        return read_frames(now);
    }
    answer += as_text(arrived);
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (status() != 101) {
        if (!closing_at) closing_at = now;
        return;
    }
    const std::string behind = answer.substr(end + 4);
    answer.resize(end + 4);
    frames_.take(as_bytes(behind));
    read_frames(now);
}

void RawPeer::read_frames(TimePoint now) {
    while (const auto frame = frames_.poll()) {
        switch (frame->opcode) {
            case ws::Opcode::Close:
                closing_at = now;
                if (frame->payload.size() < 2) break;
                close_code = static_cast<std::uint16_t>(std::to_integer<unsigned>(frame->payload[0]) << 8 |
                                                        std::to_integer<unsigned>(frame->payload[1]));
                close_reason = to_string(ByteSpan(frame->payload).subspan(2));
                break;
            case ws::Opcode::Ping:
                if (answers_pings) append(to_say, client_frame(pong_frame, frame->payload));
                break;
            case ws::Opcode::Pong:
                ++pongs;
                break;
            default:
                ++messages;
                if (on_message) on_message(frame->payload);
        }
    }
}

}  // namespace tidewire::hostile
