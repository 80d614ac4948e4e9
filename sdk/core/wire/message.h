// Every message that the two ends exchange, as plain structs. The codec (codec.h) alone knows that they are
// FlatBuffers and zstd; sdk/PROTOCOL.md shows the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "tidewire/room_wish.h"

namespace tidewire::wire {

/// In the Hello of a client that has lost its connection: whose session it was, and what it has of it.
struct Resume {
    Bytes token{};                      ///< Of the last Welcome.
    std::uint32_t tick = 0;             ///< The newest that was applied; 0: none.
    std::uint32_t events_received = 0;  ///< Events and replies, since the session began.
    std::uint32_t bulks_received = 0;   ///< Bulk transfers, whole ones.
    std::uint32_t attempt = 1;          ///< To come back to this session, from 1. It rises: what an earlier attempt sent may come late.
    struct Group {
        std::uint16_t group = 0;
        std::uint32_t tick = 0;
        friend bool operator==(const Group&, const Group&) = default;
    };
    std::vector<Group> groups{};  ///< By group: those whose state is here, and of which tick it is.
};

/// Client to server, first: who I am and what I speak.
struct Hello {
    std::uint16_t protocol = 0;
    std::uint64_t schema_hash = 0;
    std::string schema_name{};
    std::string sdk_version{};
    std::string player_name{};
    std::vector<std::uint32_t> schema_prints{};  ///< The schema in hashes: replication's fingerprint. May be empty.
    std::vector<std::uint64_t> code_tables{};    ///< Those that the client has, besides the built-in ones.
    std::vector<std::uint64_t> dictionaries{};   ///< Those that it has.
    std::string token{};                         ///< What the server's authenticator asks for; a secret.
    std::optional<Resume> resume{};              ///< Of who comes back.
    bool spectate = false;                       ///< To watch, and not to play.
    RoomWish room{};                             ///< Of who joins.
    bool lists_rooms = false;                    ///< The client wants the list of rooms and its changes, and nothing else.
};

/// Server to client: the answer to a Hello that fits.
struct Welcome {
    std::uint16_t protocol = 0;
    std::uint64_t schema_hash = 0;
    std::string schema_name{};
    std::uint32_t player = 0;        ///< The client's number in the room, from 1; 0: it spectates.
    std::uint16_t tick_rate = 0;     ///< Hz.
    std::uint32_t tick = 0;          ///< The room's tick when this was written.
    std::uint32_t entities_max = 0;  ///< No entity index reaches this.
    std::uint64_t code_tables = 0;   ///< By what bodies are coded; 0: the built-in tables.
    std::uint64_t dictionary = 0;    ///< With what keyframes may be compressed; 0: none.
    Bytes session_token{};           ///< For the next Hello, should the connection be lost. Empty: nobody can come back.
    std::uint32_t session_ms = 0;    ///< And so long after the loss.
    enum class Resumed : std::uint8_t {
        No = 0,        ///< The client has joined.
        Here = 1,      ///< All goes on from what the client has.
        Restored = 2,  ///< The room was saved meanwhile and restored: the player is the same, all state comes anew.
    };
    Resumed resumed = Resumed::No;
    std::uint32_t events_received = 0;  ///< Of the client's events and requests, since the session began.
    bool spectates = false;             ///< It watches, and has no input and no events to send.
    std::uint32_t delay_ms = 0;         ///< And so much later than players see it.
    RoomIdentity room{};
};

/// Either direction: why the WebSocket close frame that follows comes. A close frame's own reason holds 123 bytes only.
struct Goodbye {
    std::uint16_t close_code = 0;
    std::string reason{};
    std::uint32_t retry_after_ms = 0;  ///< Of a server: when it is worth another try; 0: nothing is known of that.
    bool keeps_session = false;        ///< Of a server: who comes back goes on with this session.
};

/// Either direction: please answer with a Pong. Times are microseconds of the sender's clock.
struct Ping {
    std::uint32_t id = 0;
    std::int64_t sent_us = 0;
    std::uint32_t events_received = 0;  ///< Events, requests and replies of the other end, since the session began.
};

/// The answer. `rtt = (now - sent_us) - hold_us`.
struct Pong {
    std::uint32_t id = 0;
    std::int64_t sent_us = 0;      ///< Copied from the Ping.
    std::int64_t received_us = 0;  ///< When the Ping arrived, by the answerer's clock.
    std::int64_t hold_us = 0;      ///< From the Ping's arrival to the Pong's writing.
    std::uint32_t events_received = 0;  ///< As of a Ping.
};

/// What a server gives to a client that does not have it yet: trained by tidewire-flight, named in Welcome by its hash.
struct Resource {
    enum class Kind : std::uint8_t { CodeTables = 1, Dictionary = 2 };
    Kind kind = Kind::CodeTables;
    std::uint64_t id = 0;
    Bytes data{};
};

/// Client to server: the state of `tick` is not what its hash says. Without a difference it asks for keyframes to compare with;
/// with one it reports what they showed.
struct Desync {
    std::uint32_t tick = 0;
    std::uint16_t group = 0;
    std::string difference{};
};

/// Client to server: nobody is looking, so no state is worth sending; or somebody looks again.
struct Suspend {
    bool suspended = false;
};

/// Either direction: something happened. Events arrive once, in order, and in order with the Ticks of their direction.
struct Event {
    std::uint16_t type = 0;  ///< Place in SchemaInfo::events.
    ByteSpan data{};         ///< Replication's event codec has the format.
    std::uint32_t tick = 0;  ///< Of the server's, when it happened; 0 from clients.
    /// Whose input the rules made it of: that player may have foreseen it. 0: nobody's, the server itself says it.
    std::uint32_t player = 0;
};

/// Client to server: an event that is answered by a Reply with its id.
struct Request {
    std::uint32_t id = 0;
    std::uint16_t type = 0;
    ByteSpan data{};
};

/// The answer: an event, or why there is none.
struct Reply {
    std::uint32_t id = 0;
    std::uint16_t type = 0;
    ByteSpan data{};
    std::string refusal{};  ///< Empty: it was granted.
};

/// Server to client: public rooms, and what has become of them.
struct RoomList {
    struct Room {
        std::uint32_t number = 0;
        std::string name{};
        RoomProperties properties{};
        std::uint32_t players = 0;
        std::uint32_t seats = 0;
        friend bool operator==(const Room&, const Room&) = default;
    };
    bool anew = false;  ///< It takes the place of all that was told before.
    bool more = false;  ///< Another message goes on with it at once.
    std::vector<Room> rooms{};  ///< That are new, or not as they were.
    std::vector<std::uint32_t> gone{};
};

/// How the body of a group is coded.
enum class BodyCoding : std::uint8_t {
    Delta = 0,      ///< From the last body of the group's stream, which the client has.
    CatchUp = 1,    ///< From the last body of the group that the client has, whatever it was.
    Keyframe = 2,   ///< All of the group: an envelope byte, then a catch-up from nothing.
    Newcomers = 3,  ///< Entities that the next delta of the group takes for known; an envelope byte as well.
    Left = 4,       ///< The client is not told of the group any more. No bytes.
    Verify = 5,     ///< A keyframe to compare with what the bodies before it made, and to take. See Desync.
};

struct GroupBody {
    std::uint16_t group = 0;  ///< From 2^15 on a private stream: what only its owner is told.
    BodyCoding coding = BodyCoding::Delta;
    ByteSpan bytes{};
};

inline constexpr std::int16_t no_input_lead = INT16_MIN;  ///< None came.
inline constexpr int input_leads_per_tick = 256;

/// Server to client, once per tick and client: the newest state. Applied whole or not at all.
struct TickMessage {
    std::uint32_t tick = 0;
    std::uint32_t input_tick = 0;  ///< The newest input of this client that has arrived; 0: none yet.
    /// How early the inputs since the last Tick came, the worst of them: from the arrival to the input's tick, in 256ths of a tick.
    std::int16_t input_lead = no_input_lead;
    std::vector<GroupBody> bodies{};
    std::uint64_t state_hash =
        0;  ///< Of the groups that this message tells of, as they are now; 0: not told this time.
};

/// Client to server: one tick of input, and how far the client's state is.
struct InputMessage {
    /// The tick that the input is for; rises from message to message. 0: there is no input, the message only acknowledges.
    std::uint32_t tick = 0;
    std::uint32_t ack_tick = 0;  ///< The newest tick applied; 0: none yet.
    std::uint16_t type = 0;      ///< Place in SchemaInfo::inputs.
    ByteSpan data{};             ///< The input's quantised scalars as zigzag varints.
    /// What the player saw when the input was made: a tick and 256ths of the way to the next; 0: nothing yet.
    std::uint32_t view_tick = 0;
    std::uint8_t view_fraction = 0;
    /// Bytes of parts that have come since the session began; 0: none since the last message that told.
    std::uint64_t parts_received = 0;
};

/// Server to client: a piece of what is too large to go at once. Other messages may go between the parts of one transfer.
struct Part {
    /// Each carries one transfer at a time.
    enum class Lane : std::uint8_t {
        Message = 0,  ///< A message: when it is whole, it counts as if it had come now.
        Bulk = 1,     ///< What the application sends beside its state.
    };
    Lane lane = Lane::Message;
    std::uint32_t id = 0;      ///< Of Bulk: the application's. Of messages 0.
    std::uint32_t offset = 0;  ///< Of `bytes` in the transfer: as much as has come of it before.
    std::uint32_t total = 0;   ///< The transfer's bytes, the same in all of its parts.
    ByteSpan bytes{};
};

/// Anything that may arrive in one WebSocket binary message. Spans point into the buffer that was parsed.
using Message = std::variant<Hello, Welcome, Goodbye, Ping, Pong, Resource, Desync, Suspend, Event, Request, Reply,
                             RoomList, TickMessage, InputMessage, Part>;

}  // namespace tidewire::wire
