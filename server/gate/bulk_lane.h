// What is too large to go to a client at once: messages, and what the application sends beside its state. It waits here and leaves in
// parts, between which everything else goes. It keeps of messages what is unsent, and of the application's bytes a view.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"
#include "server/gate/bulk_pace.h"
#include "tidewire/state.h"

namespace tidewire::server {

/// The next part to be written.
struct LanePart {
    wire::Part part;    ///< Its bytes are valid until the next call of the lane's.
    bool last = false;  ///< Of its transfer.
    Tick tick = 0;      ///< Of the Tick message that it is a part of; 0: of something else.
};

class BulkLane {
public:
    BulkLane(Duration rtt_min, BulkPaceOptions options) : pace_(rtt_min, options) {}

    /// A whole message; of a Tick with its number. Messages leave one after another, ahead of the application's bytes.
    void push(Bytes message, Tick tick);
    /// The application's next transfer, whose bytes must stay until its last part was polled. Precondition: !has_bulk(), not empty.
    void begin_bulk(std::uint32_t id, ByteSpan bytes);

    /// The next part, which counts as written; empty when there is none, or when it must not go yet. `others`: bytes of state on their
    /// way.
    std::optional<LanePart> poll(std::size_t others, TimePoint now);
    void note_received(std::uint64_t bytes, TimePoint now) { pace_.note_received(bytes, now); }

    bool has_messages() const { return !messages_.empty(); }
    bool has_bulk() const { return !bulk_.rest.empty(); }
    /// Of messages, as long as they are kept.
    std::size_t message_bytes() const { return message_bytes_; }
    const BulkPace& pace() const { return pace_; }

private:
    struct Message {
        Bytes bytes;
        std::size_t written = 0;
        Tick tick = 0;
    };
    struct BulkRest {
        std::uint32_t id = 0;
        std::size_t total = 0;
        ByteSpan rest{};
    };

    LanePart next_of_message(std::size_t bytes);
    LanePart next_of_bulk(std::size_t bytes);

    BulkPace pace_;
    std::vector<Message> messages_;  // few
    std::size_t message_bytes_ = 0;
    Bytes last_;  // the message whose last part was polled
    BulkRest bulk_;
};

}  // namespace tidewire::server
