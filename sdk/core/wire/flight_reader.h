// A flight recording, read piece by piece: bytes go in, whole records come out. Nothing in the file is trusted, and no more of it
// is held than one record and what was handed over last.
//
//     reader.receive(piece);                      // in a loop, until the file ends: receive_end()
//     while (auto record = reader.poll_record())  // a Result: an error ends the recording
//         if (!*record) break; else use(**record);
#pragma once

#include <optional>
#include <variant>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/flight_format.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"

namespace tidewire::wire {

/// Spans of a TickMessage are valid until the next call that is not const.
using FlightRecord = std::variant<FlightHeader, TickMessage>;

class FlightReader {
public:
    explicit FlightReader(FlightLimits limits = {}) : limits_(limits) {}

    void receive(ByteSpan bytes);
    /// The file ends here.
    void receive_end() { ended_ = true; }

    /// The next record of a kind that this version knows. Empty: more bytes are needed, or the recording is over. The first record
    /// is the header, all others are ticks. Errors blame the peer, name the byte, and come again at each further call.
    Result<std::optional<FlightRecord>> poll_record();

    /// After poll_record() had nothing more: the file has ended in the middle of a record, or before its header was whole.
    bool cut() const { return ended_ && !error_ && (rest() > 0 || state_ != State::Ticks); }
    /// Bytes of the file that whole records have taken.
    std::uint64_t bytes_read() const { return base_ + position_; }

private:
    enum class State : std::uint8_t { Magic, Header, Ticks, Broken };

    std::size_t rest() const { return buffer_.size() - position_; }
    Result<bool> read_magic();
    Result<std::optional<FlightRecord>> read_record();
    Result<FlightRecord> parse(FlightKind kind, ByteSpan payload);
    Result<FlightRecord> parse_tick(ByteSpan payload);

    FlightLimits limits_;
    State state_ = State::Magic;
    bool ended_ = false;
    std::optional<Error> error_;
    std::uint32_t last_tick_ = 0;
    std::uint64_t base_ = 0;  // of the buffer's first byte, in the file
    std::size_t position_ = 0;
    Bytes buffer_;
};

}  // namespace tidewire::wire
