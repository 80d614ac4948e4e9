// A peer of bytes: what it says, as any program could, and what it has been told.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/base/time.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/frame.h"
#include "server/gate/gate_event.h"
#include "tidewire/schema.h"

namespace tidewire::hostile {

/// A whole upgrade that any gate takes, with further header lines, each ended by CR LF.
std::string upgrade_request(std::string_view more_lines = {}, std::string_view target = "/");
/// One frame of a client's, masked; `first` is its first byte: FIN, reserved bits and opcode.
Bytes client_frame(unsigned first, ByteSpan payload);
inline Bytes client_frame(unsigned first, std::string_view payload) { return client_frame(first, as_bytes(payload)); }
/// The same, unmasked, as a server sends it.
Bytes server_frame(unsigned first, ByteSpan payload);
inline constexpr unsigned text_frame = 0x81;
inline constexpr unsigned binary_frame = 0x82;
inline constexpr unsigned close_frame = 0x88;
inline constexpr unsigned ping_frame = 0x89;
inline constexpr unsigned pong_frame = 0x8a;

wire::Hello hello_for(const SchemaInfo& schema, std::string_view name);

/// The frames of a server's that have come, cut where they come.
class FrameReader {
public:
    void take(ByteSpan bytes) { append(rest_, bytes); }
    struct Frame {
        ws::Opcode opcode;
        Bytes payload;
    };
    /// Empty when no whole one is left.
    std::optional<Frame> poll();

private:
    Bytes rest_;
};

/// One stream to the gate, whose other end does what a test says.
class RawPeer {
public:
    RawPeer(server::ConnectionId connection, TimePoint now) : id(connection), connected_at(now) {}

    const server::ConnectionId id;
    const TimePoint connected_at;

    // What it does.
    std::size_t room = std::numeric_limits<std::size_t>::max();  ///< Bytes that its stream still takes of the server's.
    bool answers_pings = true;                                   ///< Of the WebSocket.
    bool ends = true;                                  ///< It ends its stream when the server has said that it is over.
    bool reads = true;                                 ///< False: what came is counted, and nothing more.
    std::function<void(ByteSpan message)> on_message;  ///< Each binary message.
    std::function<void(ByteSpan bytes)> on_bytes;      ///< Instead of all reading here.
    Bytes to_say;                                      ///< What it says before the next tick.

    // What has come.
    std::uint64_t bytes = 0;
    std::uint64_t hash = fnv1a({});  ///< Of all of them.
    std::string answer;              ///< To its request by HTTP, whole.
    int pongs = 0;
    int messages = 0;
    std::uint16_t close_code = 0;  ///< Of the server's close frame; 0: none came.
    std::string close_reason;
    std::optional<TimePoint> closing_at;  ///< The close frame came, or the answer that ends it.
    bool shut = false;                    ///< The server's side has ended.
    bool over = false;                    ///< The server has let go of it.
    TimePoint over_at{};

    /// "HTTP/1.1 408 ..." is 408; 0: no answer came.
    int status() const;

private:
    friend class Stage;
    void hear(ByteSpan arrived, TimePoint now);
    void read_frames(TimePoint now);

    FrameReader frames_;
    bool ended_ = false;
};

}  // namespace tidewire::hostile
