// Bytes to messages: envelope, alignment, verification, limits, and only then the fields.
#include "sdk/core/base/byte_io.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/envelope.h"
#include "sdk/core/wire/part.h"
#include "sdk/core/wire/room_tables.h"
#include "sdk/core/wire/tick_head.h"
#include "sdk/core/wire/verify.h"
#include "sdk/core/wire/zstd_frame.h"
#include "wire_generated.h"

namespace tidewire::wire {

namespace {

using FlatBytes = flatbuffers::Vector<std::uint8_t>;

/// Collects the texts of one table: the first that is too long or not UTF-8 decides the error.
class Texts {
public:
    explicit Texts(const Limits& limits) : limits_(limits) {}

    std::string read(const flatbuffers::String* field, const char* name) {
        return read(field, name, limits_.text_bytes_max);
    }
    std::string read(const flatbuffers::String* field, const char* name, std::size_t bytes_max) {
        if (field == nullptr || error_) return {};
        const std::string_view text = field->string_view();
        if (text.size() > bytes_max)
            error_ = refuse_size(std::string("The text ") + name, text.size(), "bytes", bytes_max);
        else if (!valid_utf8(as_bytes(text)))
            error_ = refuse(Refusal::NotValid, std::string("The text ") + name + " is not UTF-8.");
        else
            return std::string(text);
        return {};
    }

    /// `message`, or what was wrong with one of its texts.
    template <class T>
    Result<Message> finish(T message) {
        if (error_) return std::move(*error_);
        return Message(std::move(message));
    }

private:
    const Limits& limits_;
    std::optional<Unexpected> error_;
};

/// Empty when it is absent.
Result<Bytes> session_token(const FlatBytes* token, const Limits& limits) {
    if (token == nullptr) return Bytes();
    if (token->size() > limits.session_token_bytes_max)
        return refuse_size("A session's token", token->size(), "bytes", limits.session_token_bytes_max);
    const auto* bytes = reinterpret_cast<const std::byte*>(token->Data());
    return Bytes(bytes, bytes + token->size());
}

/// Empty without a token: nobody comes back.
Result<std::optional<Resume>> to_resume(const flat::Hello& hello, const Limits& limits) {
    auto token = session_token(hello.session_token(), limits);
    if (!token) return Unexpected{token.error()};
    if (token->empty()) return std::optional<Resume>();
    if (hello.attempt() == 0) return refuse(Refusal::NotValid, "A Hello that comes back must count its attempts, from 1.");
    Resume made{.token = std::move(*token),
                .tick = hello.tick(),
                .events_received = hello.events_received(),
                .bulks_received = hello.bulks_received(),
                .attempt = hello.attempt()};
    const auto* groups = hello.groups();
    if (groups == nullptr) return std::optional(std::move(made));
    if (groups->size() > limits.resumed_groups_max)
        return refuse_size("A Hello", groups->size(), "groups", limits.resumed_groups_max);
    const ByteSpan bytes(reinterpret_cast<const std::byte*>(groups->Data()), groups->size() * sizeof(std::uint64_t));
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
        const auto both = load_little_endian<std::uint64_t>(bytes.subspan(at));
        const Resume::Group group{.group = static_cast<std::uint16_t>(both), .tick = static_cast<std::uint32_t>(both >> 16)};
        if (both >> 48 != 0 || group.tick > made.tick || (!made.groups.empty() && made.groups.back().group >= group.group))
            return refuse(Refusal::NotValid, "A Hello's groups must rise, and none can be of a later tick than its state.");
        made.groups.push_back(group);
    }
    return std::optional(std::move(made));
}

Result<Message> to_message(const flat::Hello& hello, const Limits& limits) {
    Texts texts(limits);
    std::vector<std::uint32_t> schema_prints;
    if (const auto* prints = hello.schema_prints(); prints != nullptr) {
        if (prints->size() > limits.schema_prints_max)
            return refuse_size("A Hello", prints->size(), "schema prints", limits.schema_prints_max);
        schema_prints.assign(prints->begin(), prints->end());
    }
    std::vector<std::uint64_t> code_tables;
    std::vector<std::uint64_t> dictionaries;
    for (const auto& [field, ids] :
         {std::pair{hello.code_tables(), &code_tables}, {hello.dictionaries(), &dictionaries}}) {
        if (field == nullptr) continue;
        if (field->size() > limits.resources_max)
            return refuse_size("A Hello", field->size(), "ids of resources", limits.resources_max);
        // The verifier checks that the vector is there, not that its elements are aligned.
        const ByteSpan bytes(reinterpret_cast<const std::byte*>(field->Data()), field->size() * sizeof(std::uint64_t));
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t))
            ids->push_back(load_little_endian<std::uint64_t>(bytes.subspan(at)));
    }
    auto resume = to_resume(hello, limits);
    if (!resume) return Unexpected{resume.error()};
    auto room = to_wish(hello, limits);
    if (!room) return Unexpected{room.error()};
    return texts.finish(Hello{.protocol = hello.protocol(),
                              .schema_hash = hello.schema_hash(),
                              .schema_name = texts.read(hello.schema_name(), "Hello.schema_name"),
                              .sdk_version = texts.read(hello.sdk_version(), "Hello.sdk_version"),
                              .player_name = texts.read(hello.player_name(), "Hello.player_name"),
                              .schema_prints = std::move(schema_prints),
                              .code_tables = std::move(code_tables),
                              .dictionaries = std::move(dictionaries),
                              .token = texts.read(hello.token(), "Hello.token", limits.token_bytes_max),
                              .resume = std::move(*resume),
                              .spectate = hello.spectate(),
                              .room = std::move(*room),
                              .lists_rooms = hello.lists_rooms()});
}

Result<Message> to_message(const flat::Welcome& welcome, const Limits& limits) {
    Texts texts(limits);
    auto token = session_token(welcome.session_token(), limits);
    if (!token) return Unexpected{token.error()};
    auto room = to_room(welcome, limits);
    if (!room) return Unexpected{room.error()};
    if (welcome.resumed() > static_cast<std::uint8_t>(Welcome::Resumed::Restored))
        return refuse(Refusal::NotOurGrammar, "A Welcome resumes in a way that the protocol does not have.");
    return texts.finish(Welcome{.protocol = welcome.protocol(),
                                .schema_hash = welcome.schema_hash(),
                                .schema_name = texts.read(welcome.schema_name(), "Welcome.schema_name"),
                                .player = welcome.player(),
                                .tick_rate = welcome.tick_rate(),
                                .tick = welcome.tick(),
                                .entities_max = welcome.entities_max(),
                                .code_tables = welcome.code_tables(),
                                .dictionary = welcome.dictionary(),
                                .session_token = std::move(*token),
                                .session_ms = welcome.session_ms(),
                                .resumed = static_cast<Welcome::Resumed>(welcome.resumed()),
                                .events_received = welcome.events_received(),
                                .spectates = welcome.spectates(),
                                .delay_ms = welcome.delay_ms(),
                                .room = std::move(*room)});
}

Result<Message> to_message(const flat::Goodbye& goodbye, const Limits& limits) {
    Texts texts(limits);
    return texts.finish(Goodbye{.close_code = goodbye.close_code(),
                                .reason = texts.read(goodbye.reason(), "Goodbye.reason"),
                                .retry_after_ms = goodbye.retry_after_ms(),
                                .keeps_session = goodbye.keeps_session()});
}

Result<Message> to_message(const flat::Resource& resource, const Limits& limits) {
    const auto kind = static_cast<Resource::Kind>(resource.kind());
    if (kind != Resource::Kind::CodeTables && kind != Resource::Kind::Dictionary)
        return refuse(Refusal::NotOurGrammar, "A Resource is of a kind that the protocol does not have.");
    const FlatBytes* data = resource.data();
    if (data == nullptr) return refuse(Refusal::NotValid, "A Resource has no data.");
    if (data->size() > limits.resource_bytes_max)
        return refuse_size("A Resource", data->size(), "bytes", limits.resource_bytes_max);
    const auto* bytes = reinterpret_cast<const std::byte*>(data->Data());
    return Message(Resource{.kind = kind, .id = resource.id(), .data = Bytes(bytes, bytes + data->size())});
}

Result<Message> to_message(const flat::Desync& desync, const Limits& limits) {
    Texts texts(limits);
    return texts.finish(Desync{.tick = desync.tick(),
                               .group = desync.group(),
                               .difference = texts.read(desync.difference(), "Desync.difference")});
}

/// What a message holds as bytes, seen where the caller holds it: the verified buffer may be a copy.
struct Held {
    const Aligned& buffer;
    ByteSpan table;

    Result<ByteSpan> bytes(const FlatBytes* field, const char* what, std::size_t bytes_max) const {
        if (field == nullptr) return ByteSpan{};
        if (field->size() > bytes_max) return refuse_size(what, field->size(), "bytes", bytes_max);
        return table.subspan(static_cast<std::size_t>(field->Data() - buffer.data()), field->size());
    }
};

Result<Message> to_message(const flat::Event& event, const Held& held, const Limits& limits) {
    const auto data = held.bytes(event.data(), "An event", limits.event_bytes_max);
    if (!data) return Unexpected{data.error()};
    return Message(Event{.type = event.type(), .data = *data, .tick = event.tick(), .player = event.player()});
}

Result<Message> to_message(const flat::Request& request, const Held& held, const Limits& limits) {
    const auto data = held.bytes(request.data(), "A request", limits.event_bytes_max);
    if (!data) return Unexpected{data.error()};
    return Message(Request{.id = request.id(), .type = request.type(), .data = *data});
}

Result<Message> to_message(const flat::Reply& reply, const Held& held, const Limits& limits) {
    const auto data = held.bytes(reply.data(), "A reply", limits.event_bytes_max);
    if (!data) return Unexpected{data.error()};
    Texts texts(limits);
    return texts.finish(Reply{.id = reply.id(),
                              .type = reply.type(),
                              .data = *data,
                              .refusal = texts.read(reply.refusal(), "Reply.refusal")});
}

Extent extent_of(const Aligned& buffer, const flat::Cold& root) {
    Extent extent(buffer);
    extent.add_table(&root, flat::Cold::VT_MESSAGE);
    switch (root.message_type()) {
        case flat::ColdMessage::Hello: {
            const flat::Hello& hello = *root.message_as_Hello();
            extent.add_table(&hello, flat::Hello::VT_LISTS_ROOMS);
            add_wish_extent(extent, hello);
            extent.add_string(hello.schema_name());
            extent.add_string(hello.sdk_version());
            extent.add_string(hello.player_name());
            extent.add_vector(hello.schema_prints());
            extent.add_vector(hello.code_tables());
            extent.add_vector(hello.dictionaries());
            extent.add_vector(hello.session_token());
            extent.add_vector(hello.groups());
            extent.add_string(hello.token());
            break;
        }
        case flat::ColdMessage::Welcome:
            extent.add_table(root.message_as_Welcome(), flat::Welcome::VT_ROOM_CODE);
            extent.add_string(root.message_as_Welcome()->room_name());
            extent.add_string(root.message_as_Welcome()->room_code());
            extent.add_vector(root.message_as_Welcome()->session_token());
            extent.add_string(root.message_as_Welcome()->schema_name());
            break;
        case flat::ColdMessage::Goodbye:
            extent.add_table(root.message_as_Goodbye(), flat::Goodbye::VT_KEEPS_SESSION);
            extent.add_string(root.message_as_Goodbye()->reason());
            break;
        case flat::ColdMessage::Ping:
            extent.add_table(root.message_as_Ping(), flat::Ping::VT_EVENTS_RECEIVED);
            break;
        case flat::ColdMessage::Pong:
            extent.add_table(root.message_as_Pong(), flat::Pong::VT_EVENTS_RECEIVED);
            break;
        case flat::ColdMessage::Resource:
            extent.add_table(root.message_as_Resource(), flat::Resource::VT_DATA);
            extent.add_vector(root.message_as_Resource()->data());
            break;
        case flat::ColdMessage::Desync:
            extent.add_table(root.message_as_Desync(), flat::Desync::VT_DIFFERENCE);
            extent.add_string(root.message_as_Desync()->difference());
            break;
        case flat::ColdMessage::Suspend:
            extent.add_table(root.message_as_Suspend(), flat::Suspend::VT_SUSPENDED);
            break;
        case flat::ColdMessage::Event:
            extent.add_table(root.message_as_Event(), flat::Event::VT_PLAYER);
            extent.add_vector(root.message_as_Event()->data());
            break;
        case flat::ColdMessage::Request:
            extent.add_table(root.message_as_Request(), flat::Request::VT_DATA);
            extent.add_vector(root.message_as_Request()->data());
            break;
        case flat::ColdMessage::Reply:
            extent.add_table(root.message_as_Reply(), flat::Reply::VT_REFUSAL);
            extent.add_vector(root.message_as_Reply()->data());
            extent.add_string(root.message_as_Reply()->refusal());
            break;
        case flat::ColdMessage::RoomList:
            add_extent(extent, *root.message_as_RoomList());
            break;
        case flat::ColdMessage::NONE:
            break;
    }
    return extent;
}

Result<Message> parse_cold(ByteSpan table, Coding coding, const Limits& limits) {
    const Aligned buffer(table);
    const auto* root = verified_root<flat::Cold>(buffer);
    if (root == nullptr) return refuse_flatbuffer("Cold");
    if (root->message_type() == flat::ColdMessage::NONE || root->message_type() > flat::ColdMessage::MAX)
        return refuse(Refusal::NotOurGrammar, "A cold message is of a type that the protocol does not have.");
    if (root->message() == nullptr) return refuse_flatbuffer("Cold");
    if (!extent_of(buffer, *root).explains_all()) return refuse_trailing("Cold");
    switch (root->message_type()) {
        case flat::ColdMessage::Hello:
            if (coding != Coding::Stored)
                return refuse(Refusal::NotOurGrammar, "A Hello must not be compressed: its size would tell secrets.");
            return to_message(*root->message_as_Hello(), limits);
        case flat::ColdMessage::Welcome:
            if (coding != Coding::Stored)
                return refuse(Refusal::NotOurGrammar, "A Welcome must not be compressed: its size would tell secrets.");
            return to_message(*root->message_as_Welcome(), limits);
        case flat::ColdMessage::Goodbye:
            return to_message(*root->message_as_Goodbye(), limits);
        case flat::ColdMessage::Ping: {
            const flat::Ping& ping = *root->message_as_Ping();
            return Message(Ping{.id = ping.id(), .sent_us = ping.sent_us(), .events_received = ping.events_received()});
        }
        case flat::ColdMessage::Pong: {
            const flat::Pong& pong = *root->message_as_Pong();
            return Message(Pong{.id = pong.id(),
                                .sent_us = pong.sent_us(),
                                .received_us = pong.received_us(),
                                .hold_us = pong.hold_us(),
                                .events_received = pong.events_received()});
        }
        case flat::ColdMessage::Resource:
            return to_message(*root->message_as_Resource(), limits);
        case flat::ColdMessage::Desync:
            return to_message(*root->message_as_Desync(), limits);
        case flat::ColdMessage::Suspend:
            return Message(Suspend{.suspended = root->message_as_Suspend()->suspended()});
        case flat::ColdMessage::RoomList:
            if (coding != Coding::Stored)
                return refuse(Refusal::NotOurGrammar, "A RoomList must not be compressed: strangers choose its names.");
            return to_message(*root->message_as_RoomList(), limits);
        case flat::ColdMessage::Event:
        case flat::ColdMessage::Request:
        case flat::ColdMessage::Reply: {
            if (coding != Coding::Stored)
                return refuse(Refusal::NotOurGrammar,
                              "An event must not be compressed: its size would tell what is in it.");
            const Held held{buffer, table};
            if (const auto* event = root->message_as_Event()) return to_message(*event, held, limits);
            if (const auto* request = root->message_as_Request()) return to_message(*request, held, limits);
            return to_message(*root->message_as_Reply(), held, limits);
        }
        case flat::ColdMessage::NONE:
            break;
    }
    return refuse_flatbuffer("Cold");
}

Result<Message> parse_input(ByteSpan table, const Limits& limits) {
    const Aligned buffer(table);
    const auto* root = verified_root<flat::Input>(buffer);
    if (root == nullptr) return refuse_flatbuffer("Input");
    Extent extent(buffer);
    extent.add_table(root, flat::Input::VT_PARTS_RECEIVED);
    extent.add_vector(root->data());
    if (!extent.explains_all()) return refuse_trailing("Input");
    InputMessage message{.tick = root->tick(),
                         .ack_tick = root->ack_tick(),
                         .type = root->type(),
                         .data = {},
                         .view_tick = root->view_tick(),
                         .view_fraction = root->view_fraction(),
                         .parts_received = root->parts_received()};
    const auto data = Held{buffer, table}.bytes(root->data(), "An input", limits.input_bytes_max);
    if (!data) return Unexpected{data.error()};
    message.data = *data;
    return Message(message);
}

/// The row's body at the front of `rest`. A size that does not fit its bits is the next of `large`.
Result<GroupBody> parse_body(const flat::GroupBody& row, std::span<const std::uint32_t>& large, ByteSpan rest) {
    GroupBody body{
        .group = row.group(), .coding = static_cast<BodyCoding>(row.coding_and_size() >> tick_size_bits), .bytes = {}};
    if (body.coding > BodyCoding::Verify)
        return refuse(Refusal::NotOurGrammar, "A group body is in coding " +
                                                  std::to_string(static_cast<unsigned>(body.coding)) +
                                                  ", which the protocol does not have.");
    std::size_t size = row.coding_and_size() & tick_size_mask;
    if (size == tick_size_mask) {
        if (large.empty()) return refuse(Refusal::NotOurGrammar, "A large body of a Tick has no size.");
        size = large.front();
        large = large.subspan(1);
    }
    if (size > rest.size())
        return refuse(Refusal::NotOurGrammar, "The bodies of a Tick reach beyond the end of the message.");
    body.bytes = rest.first(size);
    return body;
}

Result<Message> parse_tick(ByteSpan rest, const Limits& limits) {
    ByteReader reader(rest);
    const auto length = reader.read_little_endian<std::uint16_t>();
    const auto table = length ? reader.read_bytes(*length) : std::nullopt;
    if (!table) return refuse(Refusal::NotOurGrammar, "The table of a Tick reaches beyond the end of the message.");
    const Aligned buffer(*table);
    const auto* root = verified_root<flat::Tick>(buffer);
    if (root == nullptr) return refuse_flatbuffer("Tick");
    Extent extent(buffer);
    extent.add_table(root, flat::Tick::VT_STATE_HASH);
    extent.add_vector(root->bodies());
    extent.add_vector(root->large_sizes());
    if (!extent.explains_all()) return refuse_trailing("Tick");

    TickMessage message{.tick = root->tick(),
                        .input_tick = root->input_tick(),
                        .input_lead = root->input_lead(),
                        .bodies = {},
                        .state_hash = root->state_hash()};
    std::vector<std::uint32_t> large_sizes;
    if (root->large_sizes() != nullptr) {
        if (root->large_sizes()->size() > limits.bodies_max)
            return refuse_size("A Tick", root->large_sizes()->size(), "large bodies", limits.bodies_max);
        large_sizes.assign(root->large_sizes()->begin(), root->large_sizes()->end());
    }
    std::span<const std::uint32_t> large = large_sizes;
    rest = rest.last(reader.remaining());
    if (const auto* rows = root->bodies(); rows != nullptr) {
        if (rows->size() > limits.bodies_max) return refuse_size("A Tick", rows->size(), "bodies", limits.bodies_max);
        message.bodies.reserve(rows->size());
        for (const flat::GroupBody* row : *rows) {
            Result<GroupBody> body = parse_body(*row, large, rest);
            if (!body) return Unexpected{std::move(body).error()};
            rest = rest.subspan(body->bytes.size());
            message.bodies.push_back(*body);
        }
    }
    if (!large.empty()) return refuse(Refusal::NotOurGrammar, "A Tick has sizes of large bodies that are not there.");
    if (!rest.empty())
        return refuse(Refusal::NotOurGrammar,
                      std::to_string(rest.size()) + " bytes after the last body of a Tick belong to nothing.");
    return Message(std::move(message));
}

}  // namespace

Result<Message> parse_message(ByteSpan message, const Limits& limits) {
    if (message.size() > limits.message_bytes_max)
        return refuse_size("A message", message.size(), "bytes", limits.message_bytes_max);
    if (message.empty()) return refuse(Refusal::NotOurGrammar, "A message has no bytes, not even its envelope.");
    const Result<Envelope> envelope = parse_envelope(message.front());
    if (!envelope) return Unexpected{envelope.error()};
    const ByteSpan rest = message.subspan(1);
    if (envelope->kind != Kind::Cold && envelope->coding != Coding::Stored)
        return refuse(Refusal::NotOurGrammar, "Only cold messages may be compressed.");
    if (envelope->coding == Coding::ZstdDictionary)
        return refuse(Refusal::NotOurGrammar, "A message is never compressed with a dictionary; only bodies may be.");
    switch (envelope->kind) {
        case Kind::Cold: {
            if (envelope->coding == Coding::Stored) return parse_cold(rest, Coding::Stored, limits);
            if (limits.inflated_bytes_max == 0)
                return refuse(Refusal::NotOurGrammar, "Nothing compressed is accepted here: store cold messages.");
            Bytes inflated;
            if (const auto done = inflate(rest, limits.inflated_bytes_max, inflated); !done)
                return Unexpected{done.error()};
            return parse_cold(inflated, Coding::Zstd, limits);
        }
        case Kind::Tick:
            return parse_tick(rest, limits);
        case Kind::Input:
            return parse_input(rest, limits);
        case Kind::Part:
            return parse_part(rest, limits);
        case Kind::Body:
            break;
    }
    return refuse(Refusal::NotOurGrammar, "A packed body is a group's, never a message.");
}

}  // namespace tidewire::wire
