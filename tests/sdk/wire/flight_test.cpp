// Flight recordings: what is written reads back, a file that ends anywhere gives all whole records before, and a stranger's file
// gets sentences.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/wire/flight_reader.h"
#include "sdk/core/wire/flight_writer.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::wire;

namespace {

FlightHeader header() {
    Bytes tables{std::byte{1}, std::byte{2}, std::byte{3}};
    const std::uint64_t id = fnv1a(tables);
    return {.sdk_version = "0.1.0",
            .schema = "tidewire schema 2 hello\n",
            .tick_rate = 30,
            .entities_max = 8192,
            .code_tables = {.id = id, .bytes = std::move(tables)},
            .dictionary = {}};
}

/// A header and three ticks; where each record ends.
struct Recording {
    Bytes bytes;
    std::vector<std::size_t> ends;

    Recording() {
        append_flight_header(bytes, header());
        ends.push_back(bytes.size());
        static const Bytes body = test::from_hex("02 00 01");
        for (std::uint32_t tick = 1; tick <= 3; ++tick) {
            append_flight_tick(bytes,
                               {.tick = tick, .bodies = {{.group = 4, .coding = BodyCoding::Delta, .bytes = body}}});
            ends.push_back(bytes.size());
        }
    }
};

/// How many records come out, and the sentence of the error that ends them.
struct Read {
    std::size_t records = 0;
    std::string error;
    bool cut = false;
};

Read read(ByteSpan file, std::size_t piece, FlightLimits limits = {}) {
    Read result;
    FlightReader reader(limits);
    const auto take = [&] {
        for (;;) {
            auto record = reader.poll_record();
            if (!record) {
                CHECK(record.error().blame == Blame::Peer);
                result.error = record.error().message;
                return false;
            }
            if (!*record) return true;
            CHECK(std::holds_alternative<FlightHeader>(**record) == (result.records == 0));
            ++result.records;
        }
    };
    for (; !file.empty(); file = file.subspan(std::min(piece, file.size()))) {
        reader.receive(file.first(std::min(piece, file.size())));
        if (!take()) return result;
    }
    reader.receive_end();
    if (take()) result.cut = reader.cut();
    return result;
}

}  // namespace

TEST_CASE("a recording reads back as it was written, however its bytes come", "[wire][flight]") {
    const Recording recording;
    FlightReader reader;
    reader.receive(recording.bytes);
    const auto first = reader.poll_record();
    REQUIRE(first);
    REQUIRE(*first);
    CHECK(std::get<FlightHeader>(**first) == header());
    for (std::uint32_t tick = 1; tick <= 3; ++tick) {
        const auto record = reader.poll_record();
        REQUIRE(record);
        REQUIRE(*record);
        const auto& message = std::get<TickMessage>(**record);
        CHECK(message.tick == tick);
        REQUIRE(message.bodies.size() == 1);
        CHECK(message.bodies[0].group == 4);
        CHECK(test::to_hex(message.bodies[0].bytes) == "02 00 01");
    }
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, recording.bytes.size()}) {
        const Read all = read(recording.bytes, piece);
        CHECK(all.records == 4);
        CHECK(all.error == "");
        CHECK_FALSE(all.cut);
    }
}

TEST_CASE("a recording that ends anywhere gives every whole record before", "[wire][flight]") {
    const Recording recording;
    for (std::size_t size = 0; size < recording.bytes.size(); ++size) {
        std::size_t whole = 0;
        bool at_end = false;
        for (const std::size_t end : recording.ends) {
            whole += end <= size ? 1 : 0;
            at_end = at_end || end == size;
        }
        const Read result = read(ByteSpan(recording.bytes).first(size), 5);
        CAPTURE(size);
        CHECK(result.error == "");
        CHECK(result.records == whole);
        CHECK(result.cut == !at_end);
    }
}

TEST_CASE("records of kinds that a reader does not know are skipped", "[wire][flight]") {
    const Recording recording;
    Bytes file(recording.bytes.begin(), recording.bytes.begin() + static_cast<std::ptrdiff_t>(recording.ends[1]));
    append(file, test::from_hex("03 63 01 02 03"));
    append(file, ByteSpan(recording.bytes).subspan(recording.ends[1]));
    const Read result = read(file, 3);
    CHECK(result.error == "");
    CHECK(result.records == 4);
}

TEST_CASE("a stranger's file is refused with a sentence", "[wire][flight]") {
    const Recording recording;
    SECTION("another file") { CHECK(read(as_bytes("PNG and so on"), 4).error.find("recording") != std::string::npos); }
    SECTION("another version") {
        Bytes file = recording.bytes;
        file[4] = std::byte{9};
        CHECK(read(file, 64).error.find("version") != std::string::npos);
    }
    SECTION("a record that claims more than a reader takes") {
        const Read result = read(recording.bytes, 64, {.record_bytes_max = 16});
        CHECK(result.records == 0);
        CHECK(result.error != "");
    }
    SECTION("a tick before the header") {
        Bytes file(recording.bytes.begin(), recording.bytes.begin() + 5);
        append(file, ByteSpan(recording.bytes).subspan(recording.ends[0]));
        CHECK(read(file, 64).error != "");
    }
    SECTION("a tick twice") {
        Bytes file = recording.bytes;
        append(file, ByteSpan(recording.bytes).subspan(recording.ends[2]));
        const Read result = read(file, 64);
        CHECK(result.records == 4);
        CHECK(result.error != "");
    }
    SECTION("tables that do not have their id") {
        Bytes file = recording.bytes;
        const Bytes tables = header().code_tables.bytes;
        const auto found = std::search(file.begin(), file.end(), tables.begin(), tables.end());
        REQUIRE(found != file.end());
        found[2] = std::byte{9};
        CHECK(read(file, 64).error != "");
    }
}
