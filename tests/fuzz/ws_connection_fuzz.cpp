// libFuzzer: any bytes as what a peer sends to a whole connection, before and after the handshake, in any chunks. Events
// and answers must not depend on the chunks, and every connection must end.
#include "sdk/core/ws/connection.h"
#include "tests/fuzz/ws_chunks.h"

using namespace tidewire;
using namespace tidewire::ws;

namespace {

constexpr TimePoint start = TimePoint(std::chrono::seconds(1000));
constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// For the key that a client makes of zeros.
constexpr std::string_view acceptance =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";

struct Flags {
    bool client;
    bool open;   // the handshake is done before the input
    bool echo;   // answers every message
    bool close;  // closes after the third event
    bool small;  // tight limits
    bool eof;    // the stream ends after the input
};

class Driver {
public:
    Driver(const Flags& flags, const Limits& limits)
        : flags_(flags),
          connection_(flags.client
                          ? Connection::client(
                                {.host = "a"}, limits, {},
                                [](MutableByteSpan bytes) { std::fill(bytes.begin(), bytes.end(), std::byte{0}); },
                                start)
                          : Connection::server(limits, {}, start)) {
        drain();
        if (flags.open) {
            accepts_ = true;
            receive(to_bytes(flags.client ? acceptance : upgrade));
            fuzz::require(connection_.open(), "a good handshake opens");
        }
    }

    static Bytes to_bytes(std::string_view text) { return Bytes(as_bytes(text).begin(), as_bytes(text).end()); }

    void receive(Bytes bytes) {
        connection_.receive(bytes, start);
        drain();
    }

    std::vector<std::string> end() {
        if (flags_.eof) {
            connection_.receive_eof(start);
            drain();
        }
        // Whatever happened, time ends it: the peer is silent from here on.
        for (int i = 0; i < 100 && connection_.poll_timeout() != never; ++i) {
            connection_.handle_timeout(connection_.poll_timeout());
            drain();
        }
        if (connection_.poll_timeout() == never && !connection_.finished()) words_.push_back("waits");
        fuzz::require(connection_.finished() && closed_, "a silent peer is given up");
        words_.push_back(to_string(sent_));
        return words_;
    }

private:
    void drain() {
        while (auto event = connection_.poll_event(start)) {
            fuzz::require(!closed_, "Closed is the last event");
            if (event->kind == Event::Kind::Request) {
                // Whether bytes come before the answer depends on the chunks, so a raw input is never accepted.
                if (accepts_) connection_.accept("", {}, start);
                continue;
            }
            words_.push_back(std::to_string(static_cast<int>(event->kind)) + " " +
                             std::to_string(static_cast<int>(event->message_kind)) + " " +
                             std::to_string(static_cast<int>(event->close_code)) + (event->clean ? " clean" : "") +
                             (event->by_peer ? " by peer " : " by us ") + to_string(event->bytes));
            closed_ = event->kind == Event::Kind::Closed;
            if (event->kind == Event::Kind::Message && flags_.echo && connection_.open()) {
                fuzz::require(connection_.send(event->message_kind, ByteSpan(event->bytes)).has_value(),
                              "an open connection sends");
                connection_.retain_unsent();
            }
            if (flags_.close && words_.size() == 3) connection_.close(CloseCode::GoingAway, "three", start);
        }
        std::size_t bytes = 0;
        for (const ByteSpan piece : connection_.poll_transmit()) {
            append(sent_, piece);
            bytes += piece.size();
        }
        fuzz::require(bytes == connection_.transmit_bytes(), "the count of queued bytes is right");
        connection_.transmitted(bytes, start);
    }

    Flags flags_;
    Connection connection_;
    bool accepts_ = false;
    bool closed_ = false;
    Bytes sent_;
    std::vector<std::string> words_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Input input = fuzz::split_input(data, size);
    const auto flag = [&](int bit) { return (input.flags >> bit & 1) != 0; };
    const Flags flags{flag(0), flag(1), flag(2), flag(3), flag(4), flag(5)};
    Limits limits;
    if (flags.small)
        limits = {
            .message_bytes_max = 300, .fragments_max = 4, .control_frames_per_second = 0, .control_frames_burst = 4};
    limits.transmit_bytes_max = 16 << 20;
    fuzz::require_split_invariance(input, [&](const fuzz::Chunks& chunks) {
        Driver driver(flags, limits);
        for (const Bytes& chunk : chunks) driver.receive(chunk);
        return driver.end();
    });
    return 0;
}
