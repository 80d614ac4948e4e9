// The tables of what is allowed when, and the sentences for what is not.
#include "sdk/core/session/agreement.h"

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/close_code.h"
#include "tidewire/version.h"

namespace tidewire::session {

namespace {

/// In the order of wire::Message.
constexpr const char* message_names[] = {"Hello",   "Welcome", "Goodbye", "Ping",  "Pong", "Resource", "Desync",
                                         "Suspend", "Event",   "Request", "Reply", "RoomList", "Tick", "Input", "Part"};
constexpr std::size_t message_count = std::variant_size_v<wire::Message>;
static_assert(std::size(message_names) == message_count);

constexpr const char* client_state_names[] = {"before the connection is open", "while the client joins",
                                              "while the client plays", "while there is no connection",
                                              "before the session is resumed", "after the end"};
constexpr const char* server_state_names[] = {"before a Hello", "before the Welcome", "while the client plays",
                                              "while the client is told of rooms", "after the end"};

// clang-format off: a table
constexpr bool client_takes[][message_count] = {
    // Hello Welcome Goodbye Ping Pong Resource Desync Suspend Event Request Reply RoomList Tick Input Part
    {false, false, false, false, false, false, false, false, false, false, false, false, false, false, false},  // Connecting
    {false, true, true, false, false, false, false, false, false, false, false, false, false, false, false},    // Joining
    {false, false, true, true, true, true, false, false, true, false, true, false, true, false, true},          // Playing
    {false, false, false, false, false, false, false, false, false, false, false, false, false, false, false},  // Lost
    {false, true, true, false, false, false, false, false, false, false, false, false, false, false, false},    // Resuming
    {false, false, false, false, false, false, false, false, false, false, false, false, false, false, false},  // Closed
};

constexpr bool server_takes[][message_count] = {
    // Hello Welcome Goodbye Ping Pong Resource Desync Suspend Event Request Reply RoomList Tick Input Part
    {true, false, true, false, false, false, false, false, false, false, false, false, false, false, false},    // Greeting
    {false, false, true, false, false, false, false, false, false, false, false, false, false, false, false},   // Joining
    {false, false, true, true, true, false, true, true, true, true, false, false, false, true, false},          // Playing
    {false, false, true, false, false, false, false, false, false, false, false, false, false, false, false},   // Watching
    {false, false, false, false, false, false, false, false, false, false, false, false, false, false, false},  // Closed
};
// clang-format on

std::uint16_t number(ws::CloseCode code) { return static_cast<std::uint16_t>(code); }

std::string hexadecimal(std::uint64_t value) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = 60; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15];
    return text;
}

/// Fit to stand in a sentence, however long and strange.
std::string short_printable(std::string_view text) { return printable(cut_utf8(text, 48)); }

Refusal refuse_in_state(const wire::Message& message, const char* sender, const char* state) {
    return {number(ws::CloseCode::NotJoined), std::string("the ") + sender + " sent a message of kind " +
                                                  message_names[message.index()] + " " + state +
                                                  ", where the protocol does not allow it"};
}

}  // namespace

Build build_of(const SchemaInfo& schema) { return {protocol_version, version, schema.name, schema.hash}; }

std::optional<Refusal> refuse_protocol(const Build& client, const Build& server) {
    if (client.protocol == server.protocol) return std::nullopt;
    const auto describe = [](const Build& build) {
        std::string text = std::to_string(build.protocol);
        if (!build.sdk_version.empty()) text += " (Tidewire " + short_printable(build.sdk_version) + ")";
        return text;
    };
    return Refusal{number(ws::CloseCode::ProtocolMismatch),
                   "the client speaks protocol version " + describe(client) + ", the server " + describe(server) +
                       "; update the " + (client.protocol < server.protocol ? "client" : "server")};
}

std::optional<Refusal> refuse_schema(const Build& client, const SchemaInfo& schema) {
    const Build server = build_of(schema);
    if (client.schema_hash == server.schema_hash) return std::nullopt;
    std::optional<std::string> difference = "build both from the same .fbs";
    if (!client.schema_prints.empty()) difference = replication::append_only_difference(client.schema_prints, schema);
    if (!difference) return std::nullopt;
    const auto describe = [](const Build& build) {
        return "\"" + short_printable(build.schema_name) + "\" " + hexadecimal(build.schema_hash);
    };
    return Refusal{number(ws::CloseCode::SchemaMismatch), "the client was built with schema " + describe(client) +
                                                              ", the server with " + describe(server) + "; " +
                                                              *difference};
}

std::optional<Refusal> refuse_player_name(std::string_view name) {
    const auto refusal = [](std::string sentence) {
        return Refusal{number(ws::CloseCode::PolicyViolation), std::move(sentence)};
    };
    if (name.empty()) return refusal("the player's name is empty");
    if (name.size() > player_name_bytes_max)
        return refusal("the player's name has " + std::to_string(name.size()) + " bytes; at most " +
                       std::to_string(player_name_bytes_max) + " are allowed");
    for (std::size_t i = 0; i < name.size(); ++i)
        if (control_bytes(name.substr(i)) > 0) return refusal("the player's name contains a control character");
    return std::nullopt;
}

std::optional<Refusal> refuse_message(ClientState state, const wire::Message& message) {
    const auto row = static_cast<std::size_t>(state);
    if (client_takes[row][message.index()]) return std::nullopt;
    return refuse_in_state(message, "server", client_state_names[row]);
}

std::optional<Refusal> refuse_message(ServerState state, const wire::Message& message) {
    const auto row = static_cast<std::size_t>(state);
    if (server_takes[row][message.index()]) return std::nullopt;
    return refuse_in_state(message, "client", server_state_names[row]);
}

bool is_loss(std::uint16_t close_code, bool by_peer) {
    if (close_code == number(ws::CloseCode::Abnormal)) return true;
    return by_peer && close_code != number(ws::CloseCode::Normal) && close_code != number(ws::CloseCode::GoingAway) &&
           close_code != number(ws::CloseCode::NoStatus);
}

std::uint16_t close_code_on_wire(std::uint16_t code) {
    return ws::allowed_on_wire(code) ? code : number(ws::CloseCode::Normal);
}

}  // namespace tidewire::session
