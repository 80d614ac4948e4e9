// sdk/PROTOCOL.md tells the truth: its bytes are the ones that the codec writes and reads.
// With TIDEWIRE_PRINT_PROTOCOL set, the blocks are printed as they must be.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/messages.h"
#include "tests/support/hex.h"
#include "tests/support/protocol_document.h"
#include "tidewire/version.h"

using namespace tidewire;
using namespace tidewire::wire;

namespace {

constexpr std::uint64_t schema_hash = 0x0123456789abcdef;

/// What the document says that its blocks hold, by the blocks' names. Compressed ones depend on the version of zstd.
struct Example {
    const char* name;
    Message message;
    bool compressed = false;
};

std::vector<Example> examples() {
    static const Bytes input = test::from_hex("02 01");
    static const Bytes body = test::from_hex("02 00");
    static const Bytes first_of_tick = test::from_hex("08 2c 00 10 00 00 00 0c 00 14 00 04 00 08 00 0c");
    static const Bytes abc = test::from_hex("61 62 63");
    static const Bytes packed = test::from_hex("10 01 00");
    static const Bytes session_token = test::from_hex("01 02 03 04 05 06 07 08 a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af");
    static const Bytes chat = test::from_hex("03 05 68 65 6c 6c 6f");
    static const Bytes hit = test::from_hex("f0 0d 27 64");
    static const Bytes buy = test::from_hex("06");
    static const Bytes bought = test::from_hex("0e c8 01");
    return {
        {"Hello", Hello{.protocol = protocol_version,
                        .schema_hash = schema_hash,
                        .schema_name = "hello",
                        .sdk_version = "0.1.0",
                        .player_name = "Ada",
                        .schema_prints = {1, 0xa0ea9e95, 1, 0xc6f8c9dc, 2, 0xe29734e1, 0xdd5fa190, 1, 0xd7438bba, 2,
                                          0xacfe12b8, 0x8ed0fe7b, 0}}},
        {"Hello token", Hello{.protocol = protocol_version,
                              .schema_hash = schema_hash,
                              .schema_name = "hello",
                              .sdk_version = "0.1.0",
                              .player_name = "Ada",
                              .token = "AbC-_0"}},
        {"Hello resume", Hello{.protocol = protocol_version,
                               .schema_hash = schema_hash,
                               .schema_name = "hello",
                               .sdk_version = "0.1.0",
                               .player_name = "Ada",
                               .resume = Resume{.token = session_token,
                                                .tick = 900,
                                                .events_received = 12,
                                                .attempt = 2,
                                                .groups = {{.group = 0, .tick = 900}, {.group = 3, .tick = 898}}}}},
        {"Hello spectate", Hello{.protocol = protocol_version,
                                 .schema_hash = schema_hash,
                                 .schema_name = "hello",
                                 .sdk_version = "0.1.0",
                                 .player_name = "Ada",
                                 .spectate = true}},
        {"Welcome spectator", Welcome{.protocol = protocol_version,
                                      .schema_hash = schema_hash,
                                      .schema_name = "hello",
                                      .tick_rate = 30,
                                      .tick = 600,
                                      .entities_max = 8192,
                                      .spectates = true,
                                      .delay_ms = 10'000}},
        {"Hello room", Hello{.protocol = protocol_version,
                             .schema_hash = schema_hash,
                             .schema_name = "hello",
                             .sdk_version = "0.1.0",
                             .player_name = "Ada",
                             .room = {.properties = {{"map", "sea"}, {"mode", "duel"}}, .choice = RoomChoice::JoinOrCreate, .seats = 2}}},
        {"Hello list", Hello{.protocol = protocol_version, .sdk_version = "0.1.0", .lists_rooms = true}},
        {"Welcome", Welcome{.protocol = protocol_version,
                            .schema_hash = schema_hash,
                            .schema_name = "hello",
                            .player = 1,
                            .tick_rate = 30,
                            .tick = 900,
                            .entities_max = 8192}},
        {"Welcome back", Welcome{.protocol = protocol_version,
                                 .schema_hash = schema_hash,
                                 .schema_name = "hello",
                                 .player = 1,
                                 .tick_rate = 30,
                                 .tick = 930,
                                 .entities_max = 8192,
                                 .session_token = session_token,
                                 .session_ms = 30'000,
                                 .resumed = Welcome::Resumed::Here,
                                 .events_received = 5}},
        {"Welcome room", Welcome{.protocol = protocol_version,
                                 .schema_hash = schema_hash,
                                 .schema_name = "hello",
                                 .player = 1,
                                 .tick_rate = 30,
                                 .tick = 900,
                                 .entities_max = 8192,
                                 .room = {.number = 7, .name = "ours", .code = "K7MXQ2ZV"}}},
        {"Goodbye", Goodbye{.close_code = 4002, .reason = "The server is full."}},
        {"Goodbye come back",
         Goodbye{.close_code = 1001, .reason = "The server is restarting.", .retry_after_ms = 15'000}},
        {"Goodbye compressed",
         Goodbye{.close_code = 4000,
                 .reason =
                     "The schema of the server is 'hello' with hash 0123456789abcdef, the schema of the client is "
                     "'hello' with hash fedcba9876543210: build both from one game.fbs."},
         true},
        {"Ping", Ping{.id = 7, .sent_us = 1'500'000}},
        {"Pong", Pong{.id = 7, .sent_us = 1'500'000, .received_us = 9'000'000, .hold_us = 250}},
        {"Resource",
         Resource{.kind = Resource::Kind::Dictionary, .id = 0xd8cbaf186b2cd3e5, .data = test::from_hex("74 77")}},
        {"Desync", Desync{.tick = 960, .group = 0, .difference = {}}},
        {"Desync difference",
         Desync{.tick = 962, .group = 5, .difference = "entity 7: hello.Pos.x is 120, expected 121"}},
        {"Suspend", Suspend{.suspended = true}},
        {"Event", Event{.type = 0, .data = chat}},
        {"Event predicted", Event{.type = 1, .data = hit, .tick = 905, .player = 1}},
        {"Request", Request{.id = 1, .type = 2, .data = buy}},
        {"Reply", Reply{.id = 1, .type = 3, .data = bought}},
        {"Reply refusal", Reply{.id = 2, .refusal = "the shop is closed"}},
        {"RoomList", RoomList{.anew = true,
                              .rooms = {{.number = 1, .name = "1", .players = 3, .seats = 64},
                                        {.number = 4, .name = "ours", .properties = {{"mode", "duel"}}, .players = 1, .seats = 2}}}},
        {"RoomList change", RoomList{.rooms = {{.number = 1, .name = "1", .players = 4, .seats = 64}}, .gone = {4}}},
        {"Tick", TickMessage{.tick = 902,
                             .input_tick = 42,
                             .input_lead = 320,
                             .bodies = {{.group = 0, .coding = BodyCoding::Delta, .bytes = body}}}},
        {"Tick hash", TickMessage{.tick = 960,
                                  .input_tick = 99,
                                  .bodies = {{.group = 3, .coding = BodyCoding::Left, .bytes = {}},
                                             {.group = 5, .coding = BodyCoding::Newcomers, .bytes = packed},
                                             {.group = 5, .coding = BodyCoding::Delta, .bytes = body},
                                             {.group = 0x8001, .coding = BodyCoding::Delta, .bytes = {}}},
                                  .state_hash = 0xa3d5efc6b31b7a02}},
        {"Input",
         InputMessage{.tick = 42, .ack_tick = 39, .type = 0, .data = input, .view_tick = 38, .view_fraction = 128}},
        {"Input parts", InputMessage{.tick = 0, .ack_tick = 0, .parts_received = 4096}},
        {"Part", Part{.total = 49, .bytes = first_of_tick}},
        {"Part bulk", Part{.lane = Part::Lane::Bulk, .id = 5, .offset = 1000, .total = 1003, .bytes = abc}},
    };
}

void print(const Example& example) {
    const Bytes bytes = test::encode_any(example.message);
    std::cout << "```hex " << example.name << "\n";
    for (std::size_t at = 0; at < bytes.size(); at += 16)
        std::cout << test::to_hex(ByteSpan(bytes).subspan(at, std::min<std::size_t>(16, bytes.size() - at))) << "\n";
    std::cout << "```\n\n";
}

}  // namespace

TEST_CASE("each message of the document decodes to the fields that stand beside it", "[wire][protocol]") {
    const auto blocks = test::protocol_hex_blocks();
    std::vector<bool> shown(std::variant_size_v<Message>, false);
    for (const Example& example : examples())
        if (std::getenv("TIDEWIRE_PRINT_PROTOCOL") != nullptr && !example.compressed) print(example);
    for (const Example& example : examples()) {
        CAPTURE(example.name);
        REQUIRE(blocks.count(example.name) == 1);
        const Bytes& bytes = blocks.at(example.name);
        const auto parsed = parse_message(bytes, Limits{});
        REQUIRE(parsed);
        CHECK(test::same(*parsed, example.message));
        if (!example.compressed) CHECK(test::to_hex(test::encode_any(example.message)) == test::to_hex(bytes));
        shown[example.message.index()] = true;
    }
    CHECK(shown == std::vector<bool>(shown.size(), true));
}

TEST_CASE("the packed bodies of the document unpack to the bytes that stand beside them", "[wire][protocol]") {
    const auto blocks = test::protocol_hex_blocks();
    for (const char* name : {"Body stored", "Body zstd"}) {
        CAPTURE(name);
        Bytes inflated;
        const auto body = unpack_body(blocks.at(name), Limits{}, nullptr, inflated);
        REQUIRE(body);
        CHECK(test::to_hex(*body) == test::to_hex(blocks.at(std::string(name) + " content")));
    }
}

TEST_CASE("the limits of the document are the defaults of the codec", "[wire][protocol]") {
    std::ifstream document(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/PROTOCOL.md");
    const std::string text{std::istreambuf_iterator<char>(document), {}};
    const Limits limits;
    struct Row {
        const char* before;
        std::size_t limit;
        const char* after;
    };
    const Row rows[] = {
        {"| one message | 16 KiB | ", limits.message_bytes_max / 1024, " KiB | 1009 |"},
        {"| declared content of a zstd frame | nothing compressed | ", limits.inflated_bytes_max / 1024,
         " KiB | 1009; 1002 at the server |"},
        {"| a string | 256 bytes | ", limits.text_bytes_max, " bytes | 1009 |"},
        {"| `data` of an Input | ", limits.input_bytes_max, " bytes | – | 1009 |"},
        {"| `data` of an Event, Request or Reply | 8 KiB | ", limits.event_bytes_max / 1024, " KiB | 1009 |"},
        {"| `schema_prints` of a Hello | ", limits.schema_prints_max, " | – | 1009 |"},
        {"| `token` of a Hello | ", limits.token_bytes_max, " bytes | – | 1009 |"},
        {"| bodies of a Tick | – | ", limits.bodies_max, " | 1009 |"},
        {"| `code_tables`, `dictionaries` of a Hello | ", limits.resources_max, " each | – | 1009 |"},
        {"| a message in parts | – | ", limits.message_bytes_max / 1024, " KiB | 1009 |"},
        {"| content of a bulk transfer | – | ", limits.bulk_bytes_max / 1024 / 1024, " MiB, with all"},
        {"| `data` of a Resource | – | ", limits.resource_bytes_max / 1024, " KiB | 1009 |"},
    };
    for (const Row& row : rows) {
        std::ostringstream line;
        line << row.before << row.limit << row.after;
        CAPTURE(line.str());
        CHECK(text.find(line.str()) != std::string::npos);
    }
}
