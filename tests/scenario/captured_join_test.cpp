// The captured join of sdk/PROTOCOL.md: a server and a client still send these bytes, and whoever knows only the document
// can read them.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/core/replication/replica.h"
#include "tests/scenario/by_hand.h"
#include "tests/support/plain_tables.h"
#include "tests/support/protocol_document.h"
#include "tidewire/version.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::test;
using namespace tidewire::test::by_hand;
using namespace std::chrono_literals;

namespace {

// The game of samples/hello, with the hash that all examples of the document have.

struct Pos {
    float x = 0;
    float y = 0;
};

struct Move {
    std::int8_t dx = 0;
    std::int8_t dy = 0;
};

constexpr std::uint64_t schema_hash = 0x0123456789abcdef;

const SchemaInfo& hello() {
    static constexpr FieldInfo pos_fields[] = {
        {.name = "x", .scalar = Scalar::Float, .offset = offsetof(Pos, x), .quantum = 0.01, .min = -512, .max = 512},
        {.name = "y", .scalar = Scalar::Float, .offset = offsetof(Pos, y), .quantum = 0.01, .min = -512, .max = 512},
    };
    static constexpr FieldInfo move_fields[] = {
        {.name = "dx", .scalar = Scalar::Int8, .offset = offsetof(Move, dx), .quantum = 0, .min = -1, .max = 1},
        {.name = "dy", .scalar = Scalar::Int8, .offset = offsetof(Move, dy), .quantum = 0, .min = -1, .max = 1},
    };
    static constexpr StructInfo components[] = {
        {.name = "hello.Pos", .size = sizeof(Pos), .alignment = alignof(Pos), .fields = pos_fields, .predicted = true}};
    static constexpr StructInfo inputs[] = {
        {.name = "hello.Move", .size = sizeof(Move), .alignment = alignof(Move), .fields = move_fields}};
    static constexpr SchemaInfo schema{
        .name = "hello", .hash = schema_hash, .components = components, .inputs = inputs};
    return schema;
}

}  // namespace

template <>
struct tidewire::ComponentIndex<Pos> {
    static constexpr std::uint16_t value = 0;
};

namespace {

struct Frame {
    bool from_client = false;
    Bytes bytes;  // as they cross the wire
};

struct Join {
    std::string request;
    std::string response;
    std::vector<Frame> frames;  // in the order in which the client's end sees them
};

/// Cuts what one end sent in one go into the HTTP head, if it is still to come, and whole frames.
void record(Join& join, bool from_client, std::string_view sent) {
    std::string& head = from_client ? join.request : join.response;
    if (head.empty() && !sent.empty()) {
        const std::size_t size = sent.find("\r\n\r\n") + 4;
        head = sent.substr(0, size);
        sent.remove_prefix(size);
    }
    while (!sent.empty()) {
        const std::size_t size = read_frame(as_bytes(sent)).size;
        const ByteSpan frame = as_bytes(sent.substr(0, size));
        join.frames.push_back({.from_client = from_client, .bytes = Bytes(frame.begin(), frame.end())});
        sent.remove_prefix(size);
    }
}

// ---- The capture ----

/// Bytes that count up from 0: the key is 00 to 0f, the first mask 10 to 13.
RandomSource counting_source() {
    return [next = 0](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(next++);
    };
}

/// Ben came and went, Cleo walks to the right. Ada joins, takes a step down and one to the right, and leaves: her bytes.
Join capture() {
    Game game;
    game.schema = &hello();
    game.apply_input = [](Sim&, Entity entity, std::uint16_t, const std::byte* input) {
        const Move& move = *static_cast<const Move*>(static_cast<const void*>(input));
        Pos& pos = entity.get<Pos>();
        pos.x += static_cast<float>(move.dx) * 0.1F;
        pos.y += static_cast<float>(move.dy) * 0.1F;
    };
    game.on_join = [](Sim&, Player player) { player.spawn(Pos{1.5F, -2.0F}); };
    VirtualServer server(game, {.tick_rate = 30}, 1, {.code_tables = plain_tables()});
    server.connect({}, {.player_name = "Ben"});
    server.run_for(70ms);
    server.clients()[0]->peer->close("See you.", server.now());
    server.run_for(70ms);
    server.connect({}, {.player_name = "Cleo"}).input = [](std::uint32_t, std::byte* input) {
        *static_cast<Move*>(static_cast<void*>(input)) = {.dx = 1, .dy = 0};
    };
    server.run_for(170ms);

    Join join;
    VirtualStream& stream = server.connect_raw({.latency = 5ms});
    session::ClientPeer ada(hello(), {.player_name = "Ada", .code_tables = {plain_tables_bytes()}}, "localhost:7777",
                            "/", counting_source(), server.now());
    const TimePoint deadline = server.now() + 1s;
    for (; !stream.server_shut || stream.down.next_arrival() != never; server.run_for(1ms)) {
        REQUIRE(server.now() < deadline);
        std::string down = server.received(stream);
        record(join, false, down);
        ada.receive({reinterpret_cast<std::byte*>(down.data()), down.size()}, server.now());
        if (ada.poll_timeout() <= server.now()) ada.handle_timeout(server.now());
        while (const auto event = ada.poll_event()) {
            if (event->kind != session::ClientEvent::Kind::Snapshot) continue;
            const std::uint64_t ticks = ada.session().counters().ticks;
            if (ticks == 3) ada.close("Bye.", server.now());
        }
        const std::uint64_t inputs = ada.session().counters().inputs;
        if (ada.session().advance(server.now()) && inputs < 2) {
            const Move move = inputs == 0 ? Move{.dx = 0, .dy = -1} : Move{.dx = 1, .dy = 0};
            ada.send_due_inputs(0, reinterpret_cast<const std::byte*>(&move), server.now());
        }
        std::string up;
        for (auto parts = ada.poll_transmit(); !parts.empty(); parts = ada.poll_transmit()) {
            std::size_t size = 0;
            for (const ByteSpan part : parts) up += as_text(part), size += part.size();
            ada.transmitted(size, server.now());
        }
        record(join, true, up);
        server.send(stream, up);
    }
    return join;
}

// ---- The document ----

/// The lines of a block of text, as HTTP ends them.
std::string document_head(const std::string& name) {
    std::ifstream document(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/PROTOCOL.md");
    std::string line;
    while (std::getline(document, line) && line != "```http " + name) continue;
    std::string text;
    while (std::getline(document, line) && line != "```") text += line + "\r\n";
    return text + "\r\n";
}

/// Blocks are named "Join NUMBER client", "Join NUMBER server"; "Join NUMBER plain" is the one before it without its mask.
Join documented() {
    Join join{.request = document_head("Join request"), .response = document_head("Join response"), .frames = {}};
    const auto blocks = protocol_hex_blocks();
    for (const auto& [name, bytes] : blocks) {
        if (name.rfind("Join ", 0) != 0) continue;
        CAPTURE(name);
        const std::string what = name.substr(8);
        if (what == "client" || what == "server")
            join.frames.push_back({.from_client = what == "client", .bytes = bytes});
        if (what == "client")
            CHECK(to_hex(read_frame(bytes).payload) == to_hex(blocks.at(name.substr(0, 8) + "plain")));
    }
    REQUIRE(join.frames.size() == 13);
    return join;
}

/// Bytes as hex; but of a Hello the fields that are not the SDK's version, where the document was written with another.
std::string comparable(const Frame& frame, bool same_version) {
    const FrameView view = read_frame(frame.bytes);
    const std::string sender = frame.from_client ? "client " : "server ";
    const unsigned envelope = std::to_integer<unsigned>(view.payload.front());
    if (!same_version && envelope == 0x04 && Table::root(ByteSpan(view.payload).subspan(1)).number(0, 1) == 1) {
        const Table hello = read_cold(view.payload, 1);
        return sender + std::to_string(hello.number(0, 2)) + " " + std::to_string(hello.number(1, 8)) + hello.text(2) +
               hello.text(4);
    }
    return sender + to_hex(frame.bytes);
}

/// The frames as the document's blocks, without remarks.
void print(const Join& join) {
    const auto block = [](const std::string& name, ByteSpan bytes) {
        std::cout << "```hex Join " << name << "\n";
        for (std::size_t at = 0; at < bytes.size(); at += 16)
            std::cout << to_hex(bytes.subspan(at, std::min<std::size_t>(16, bytes.size() - at))) << "\n";
        std::cout << "```\n\n";
    };
    for (std::size_t i = 0; i < join.frames.size(); ++i) {
        const Frame& frame = join.frames[i];
        const std::string number = (i < 9 ? "0" : "") + std::to_string(i + 1);
        block(number + (frame.from_client ? " client" : " server"), frame.bytes);
        if (frame.from_client) block(number + " plain", read_frame(frame.bytes).payload);
    }
}

}  // namespace

TEST_CASE("a server and a client still send the captured join of the document", "[scenario][protocol]") {
    const Join now = capture();
    // For whoever changed the protocol: the blocks as they must be, to be given their remarks again.
    if (std::getenv("TIDEWIRE_PRINT_PROTOCOL") != nullptr) print(now);
    const Join document = documented();
    CHECK(document.request == now.request);
    CHECK(document.response == now.response);
    REQUIRE(document.frames.size() == now.frames.size());
    const Bytes hello = read_frame(document.frames[0].bytes).payload;
    const bool same_version = read_cold(hello, 1).text(3) == tidewire::version;
    for (std::size_t i = 0; i < now.frames.size(); ++i) {
        INFO("frame " << i + 1 << " is " << to_hex(now.frames[i].bytes));
        INFO("without mask " << to_hex(read_frame(now.frames[i].bytes).payload));
        CHECK(comparable(document.frames[i], same_version) == comparable(now.frames[i], same_version));
    }
}

TEST_CASE("the captured join decodes by hand to what the document says of it", "[scenario][protocol]") {
    const Join join = documented();
    std::vector<Bytes> messages;
    std::string order;
    for (const Frame& frame : join.frames) {
        const FrameView view = read_frame(frame.bytes);
        CHECK(view.size == frame.bytes.size());
        CHECK(view.final);
        CHECK(view.masked == frame.from_client);
        CHECK(view.opcode == (messages.size() < 11 ? 2 : 8));
        messages.push_back(view.payload);
        order += frame.from_client ? 'C' : 'S';
    }
    CHECK(order == "CSCSCSCSCSCCS");

    const Table hello = read_cold(messages[0], 1);
    CHECK(hello.number(0, 2) == 1);
    CHECK(hello.number(1, 8) == schema_hash);
    CHECK(hello.text(2) == "hello");
    CHECK(hello.text(4) == "Ada");
    const std::size_t prints = hello.target(5);
    CHECK(little(hello.buffer, prints, 4) == 13);
    CHECK(little(hello.buffer, prints + 4, 4) == 1);
    const std::size_t tables = hello.target(6);
    CHECK(little(hello.buffer, tables, 4) == 1);
    CHECK(little(hello.buffer, tables + 4, 8) == plain_tables().id());
    CHECK(hello.field(7) == 0);

    const Table welcome = read_cold(messages[1], 2);
    CHECK(welcome.number(0, 2) == 1);
    CHECK(welcome.number(1, 8) == schema_hash);
    CHECK(welcome.text(2) == "hello");
    CHECK(welcome.number(3, 4) == 3);
    CHECK(welcome.number(4, 2) == 30);
    CHECK(welcome.number(5, 4) == 9);
    CHECK(welcome.number(6, 4) == 8192);
    CHECK(welcome.number(7, 8) == plain_tables().id());
    CHECK(welcome.number(8, 8) == 0);

    const Table ping = read_cold(messages[2], 4);
    const Table pong = read_cold(messages[5], 5);
    CHECK(ping.number(0, 4) == 1);
    CHECK(ping.number(0, 4) == pong.number(0, 4));
    CHECK(ping.number(1, 8) == pong.number(1, 8));
    CHECK(pong.number(2, 8) - ping.number(1, 8) == 5000);
    CHECK(pong.number(3, 8) == 0);

    const std::pair<std::size_t, std::string> inputs[] = {{4, "00 01"}, {6, "02 00"}};
    for (const auto& [index, data] : inputs) {
        REQUIRE(little(messages[index], 0, 1) == 0x0c);
        const Table input = Table::root(ByteSpan(messages[index]).subspan(1));
        CHECK(input.number(0, 4) == (index == 4 ? 11 : 12));
        CHECK(input.number(1, 4) == 10);
        CHECK(input.number(4, 4) == 9);
        CHECK(input.number(5, 1) == (index == 4 ? 0 : 115));
        CHECK(to_hex(input.bytes(2)) == data);
        CHECK(input.number(3, 2) == 0);
    }

    const Table acknowledgement = Table::root(ByteSpan(messages[8]).subspan(1));
    CHECK(acknowledgement.field(0) == 0);
    CHECK(acknowledgement.number(1, 4) == 11);
    CHECK(acknowledgement.field(2) == 0);

    const Table goodbye = read_cold(messages[10], 3);
    CHECK(goodbye.number(0, 2) == 1000);
    CHECK(goodbye.text(1) == "Bye.");
    for (const std::size_t close : {11U, 12U}) {
        CHECK(to_hex(ByteSpan(messages[close]).first(2)) == "03 e8");
        CHECK(to_string(ByteSpan(messages[close]).subspan(2)) == "Bye.");
    }
}

TEST_CASE("the bodies of the captured join lead from its keyframe to where everybody walked", "[scenario][protocol]") {
    const Join join = documented();
    const replication::Layout layout(hello());
    const replication::CodeTables tables = plain_tables();
    const replication::Codec codec(layout, tables, 30);
    replication::Replica replica(codec, {.entities_max = 8192});
    replication::Snapshot state;
    /// The slots of entities 0 and 1: generation and owner, x and y.
    using Slots = std::vector<std::int32_t>;
    const auto slots = [&](std::size_t table) {
        const replication::Chunk& chunk = *state.chunk(table, 0);
        CHECK(chunk.present == 3);
        return Slots{chunk.column(0)[0], chunk.column(1)[0], chunk.column(0)[1], chunk.column(1)[1]};
    };
    const auto next = [&](std::size_t frame, std::uint64_t expected_tick, std::uint64_t input_tick, int input_lead) {
        const Bytes message = read_frame(join.frames[frame].bytes).payload;
        const TickView tick = read_tick(message);
        CHECK(tick.tick == expected_tick);
        CHECK(tick.group == 0);
        CHECK(tick.input_tick == input_tick);
        CHECK(tick.input_lead == input_lead);
        // A keyframe, a catch-up with what the stream remembers, and from then on deltas.
        CHECK(tick.coding == (frame == 3 ? 2 : frame == 7 ? 1 : 0));
        // A keyframe is packed, this one as it is.
        if (frame == 3) REQUIRE(little(tick.body, 0, 1) == 0x10);
        const replication::GroupUpdate update{.kind = static_cast<replication::GroupUpdate::Kind>(tick.coding),
                                              .group = 0,
                                              .body = tick.body.subspan(frame == 3 ? 1 : 0)};
        auto applied = replica.apply(state, static_cast<Tick>(tick.tick), {&update, 1});
        REQUIRE(applied);
        state = std::move(*applied);
        // Cleo, player 2, has Ben's index; Ada is player 3.
        CHECK(slots(0) == Slots{2, 2, 1, 3});
    };

    next(3, 10, 0, -32768);
    CHECK(slots(1) == Slots{200, -200, 150, -200});
    next(7, 11, 12, 174);
    CHECK(slots(1) == Slots{210, -200, 150, -210});
    next(9, 12, 12, -32768);
    CHECK(slots(1) == Slots{220, -200, 160, -210});
}
