// The delta bench: the same bytes from the same seed, each of them decoded and compared, and codes that are what they claim to be.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "tools/bench/cubes.h"
#include "tools/bench/delta_bench.h"
#include "tools/bench/delta_figures.h"
#include "tools/bench/delta_prefix_code.h"
#include "tools/bench/delta_symbol_meter.h"
#include "tools/bench/delta_trace.h"
#include "tools/bench/delta_training.h"

using namespace tidewire;
using namespace tidewire::bench;
using nlohmann::ordered_json;

namespace {

ordered_json measured(const Result<ordered_json>& figures) {
    INFO((figures ? "" : figures.error().message));
    REQUIRE(figures);
    return *figures;
}

/// What does not depend on the machine.
ordered_json without_times(ordered_json figures) {
    for (const char* const key : {"encode_us_mean", "decode_us_mean", "us_per_client", "us_per_client_min",
                                  "us_per_client_max", "room_tick_us"})
        figures.erase(key);
    return figures;
}

DeltaCubesOptions few_cubes(std::uint64_t seed) { return {.seed = seed, .frames = 110, .passes = 1}; }

DeltaArenaOptions small_arena(ArenaPrediction prediction) {
    return {.motion = {.entities = 150, .changing = 30}, .prediction = prediction, .frames = 110, .passes = 1};
}

/// What one figure is of another.
double share(const ordered_json& figures, const char* part, const char* of) {
    return figures[part].get<double>() / figures[of].get<double>();
}

/// A client that skipped ticks gets little more than one that asks anew, and never more than one that joins.
void check_catch_ups(const ordered_json& figures) {
    CHECK(figures["never_above_keyframe"] == true);
    REQUIRE(figures["catch_up"].size() == 3);
    for (const ordered_json& catch_up : figures["catch_up"]) {
        CAPTURE(catch_up["skip_ticks"].get<int>());
        CHECK(share(catch_up, "catchup_bytes_mean", "fresh_delta_bytes_mean") <=
              (catch_up["skip_ticks"] == 1 ? 2 : 1.5));
    }
}

/// The sum of 2^-length; 1 when every sequence of bits means something.
double kraft_sum(const std::vector<std::uint8_t>& lengths) {
    return std::accumulate(lengths.begin(), lengths.end(), 0.0,
                           [](double sum, std::uint8_t length) { return sum + std::ldexp(1.0, -length); });
}

}  // namespace

TEST_CASE("cubes: the same seed makes the same bytes, another seed others", "[bench][delta]") {
    const ordered_json first = without_times(measured(delta_cubes(few_cubes(1))));
    CHECK(first == without_times(measured(delta_cubes(few_cubes(1)))));
    CHECK(first["bodies_hash"] != measured(delta_cubes(few_cubes(2)))["bodies_hash"]);
}

TEST_CASE("cubes: the coder lies between its bound and what it is measured against", "[bench][delta]") {
    const ordered_json figures = measured(delta_cubes(few_cubes(1)));
    CHECK(figures["bytes_mean"] > figures["order0_bound_bytes_mean"]);
    CHECK(figures["bytes_mean"] < figures["prefix_bytes_mean"]);
    CHECK(figures["bytes_mean"] < figures["columns_zstd1_bytes_mean"]);
    CHECK(figures["columns_zstd1_bytes_mean"] < figures["bitpack_bytes_mean"]);
    CHECK(figures["keyframe_bytes_mean"] < figures["bitpack_full_bytes"]);
    CHECK(figures["keyframe_planes_zstd19_bytes_mean"] < figures["bitpack_full_bytes"]);
    CHECK(figures["keyframes"].front()["rows_moved_since_start"] > 0);
    CHECK(figures["never_above_keyframe"] == true);
}

TEST_CASE("cubes: a catch-up is named by the ticks that it skips, and costs more the more it does", "[bench][delta]") {
    const ordered_json catch_ups = measured(delta_cubes(few_cubes(1)))["catch_up"];
    REQUIRE(catch_ups.size() == 3);
    CHECK(catch_ups[0]["skip_ticks"] == 1);
    CHECK(catch_ups[1]["skip_ticks"] == 5);
    CHECK(catch_ups[2]["skip_ticks"] == 60);
    for (std::size_t i = 0; i < catch_ups.size(); ++i) {
        CHECK(catch_ups[i]["catchup_bytes_mean"] > catch_ups[i]["fresh_delta_bytes_mean"]);
        if (i > 0) CHECK(catch_ups[i]["catchup_bytes_mean"] > catch_ups[i - 1]["catchup_bytes_mean"]);
    }
}

TEST_CASE("cubes: a trace in a file counts like the same one that was made, and trains tables", "[bench][delta]") {
    const std::string path = (std::filesystem::temp_directory_path() / "tidewire-delta-test.bin").string();
    REQUIRE(write_trace(path, make_cubes(1, 110)));
    const ordered_json made = measured(delta_cubes(few_cubes(1)));
    const ordered_json read = measured(delta_cubes({.input = path, .passes = 1}));
    CHECK(read["bodies_hash"] == made["bodies_hash"]);
    const ordered_json trained = measured(delta_cubes({.input = path, .train = path, .passes = 1}));
    CHECK(trained["bytes_mean"] < made["bytes_mean"]);
    CHECK(trained["order0_bound_bytes_mean"] == made["order0_bound_bytes_mean"]);
    std::filesystem::remove(path);
}

TEST_CASE("a trace beyond its ranges is refused with the place of the value", "[bench][delta]") {
    Trace trace = make_cubes(1, 2);
    trace.values[trace.frame_values() + 3 * cube_columns + 4] = 1 << 17;
    const DeltaSchema schema = cube_schema();
    const auto refused = make_snapshots(schema.layout(), trace);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().blame == Blame::Caller);
    CHECK(refused.error().message ==
          "frame 1, row 3: bench.Cube.x is 131072, not from -131072 to 131071; quantise the trace as --help says");
}

TEST_CASE("snapshots of a trace share the chunks that did not change", "[bench][delta]") {
    const DeltaSchema schema = cube_schema();
    Trace trace = make_cubes(1, 1);
    const std::vector<std::int32_t> first = trace.values;
    trace.values.insert(trace.values.end(), first.begin(), first.end());
    trace.values[trace.frame_values() + 65 * cube_columns - 1] = 1;  // row 64 interacts
    const auto snapshots = make_snapshots(schema.layout(), trace);
    REQUIRE(snapshots);
    REQUIRE(snapshots->size() == 2);
    CHECK(replication::all_members((*snapshots)[1]).count() == cube_rows);
    for (std::size_t chunk = 0; chunk < (cube_rows + 63) / 64; ++chunk)
        CHECK(((*snapshots)[0].chunk(1, chunk) == (*snapshots)[1].chunk(1, chunk)) == (chunk != 1));
}

TEST_CASE("arena: what positions are guessed from decides on the bytes", "[bench][delta]") {
    const auto bytes = [](ArenaPrediction prediction) {
        DeltaArenaOptions options = small_arena(prediction);
        options.train_seed = 2;
        return measured(delta_arena(options))["bytes_mean"].get<double>();
    };
    CHECK(bytes(ArenaPrediction::Integral) < 0.8 * bytes(ArenaPrediction::Linear));
    CHECK(bytes(ArenaPrediction::Linear) < bytes(ArenaPrediction::Delta));
}

TEST_CASE("arena: a position moves by its velocity over a thirtieth of a second", "[bench][delta]") {
    const Trace trace = make_arena({.entities = 50, .changing = 50, .straight = true}, 2);
    // Quanta: 1/64 unit and 1/4 unit per second. Both are rounded, so one step is left.
    std::size_t at_walls = 0;
    for (std::size_t at = 0; at < trace.frame_values(); at += arena_columns)
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const double moved = trace.frame(1)[at + axis] - trace.frame(0)[at + axis];
            if (std::abs(moved - trace.frame(1)[at + 2 + axis] / 4.0 / 30 * 64) > 1) ++at_walls;
        }
    CHECK(at_walls <= 2);
}

TEST_CASE("arena: the same seed makes the same bytes", "[bench][delta]") {
    const ordered_json first = without_times(measured(delta_arena(small_arena(ArenaPrediction::Integral))));
    CHECK(first == without_times(measured(delta_arena(small_arena(ArenaPrediction::Integral)))));
    // A Tick's head and a frame's header.
    CHECK(first["message_bytes_mean"] > first["bytes_mean"].get<double>() + 40);
}

TEST_CASE("fanout: what clients are told is checked at every tick, and the same for the same seed", "[bench][delta]") {
    const DeltaFanoutOptions options{.clients = 40, .entities = 600, .ticks = 40};
    const ordered_json first = without_times(measured(delta_fanout(options)));
    CHECK(first == without_times(measured(delta_fanout(options))));
    CHECK(first["clients_verified"] == 5);
    CHECK(first["hashes_told"] == 40);
    // The group of all, and 3 x 3 cells of 256; those that were left linger for a second.
    CHECK(first["groups_per_client"] >= 10);
    CHECK(first["groups_per_client"] < 10.5);
    CHECK(first["visible_entities_mean"] == Approx(600 * 9 / 256.0).epsilon(0.25));
    CHECK(first["wire_bytes_per_client"].get<double>() ==
          Approx(first["payload_bytes_per_client"].get<double>() + first["head_bytes_per_client"].get<double>() + 2)
              .margin(2));
}

TEST_CASE("fanout: tables trained on another seed make smaller bodies", "[bench][delta]") {
    DeltaFanoutOptions options{.clients = 20, .entities = 600, .ticks = 20};
    const ordered_json built_in = measured(delta_fanout(options));
    options.train_seed = 2;
    CHECK(measured(delta_fanout(options))["payload_bytes_per_client"] < built_in["payload_bytes_per_client"]);
}

TEST_CASE("a prefix code is complete, and shorter for what is likelier", "[bench][delta]") {
    const std::vector<std::uint32_t> weights = {1, 1, 2, 4, 8};
    CHECK(prefix_code_lengths(weights, 15) == std::vector<std::uint8_t>{4, 4, 3, 2, 1});
    CHECK(prefix_code_lengths(std::vector<std::uint32_t>{5}, 15) == std::vector<std::uint8_t>{1});
    CHECK(prefix_code_lengths(std::vector<std::uint32_t>{7, 7, 7, 7}, 15) == std::vector<std::uint8_t>{2, 2, 2, 2});
}

TEST_CASE("a prefix code keeps to its longest length and stays complete", "[bench][delta]") {
    std::vector<std::uint32_t> fibonacci = {1, 1};
    while (fibonacci.size() < 24) fibonacci.push_back(fibonacci.back() + fibonacci[fibonacci.size() - 2]);
    for (const unsigned length_max : {5U, 8U, 15U}) {
        const std::vector<std::uint8_t> lengths = prefix_code_lengths(fibonacci, length_max);
        CHECK(*std::max_element(lengths.begin(), lengths.end()) == length_max);
        CHECK(kraft_sum(lengths) == Approx(1));
        CHECK(std::is_sorted(lengths.rbegin(), lengths.rend()));
    }
}

TEST_CASE("the bound of a fair coin is a bit, and raw bits are added as they are", "[bench][delta]") {
    const DeltaSchema schema = cube_schema();
    const replication::Codec codec(schema.layout(), replication::CodeTables::built_in(), 60);
    SymbolMeter meter(codec);
    const std::uint32_t coin = replication::contexts::of(replication::FlagOf::Edited);
    for (std::uint32_t i = 0; i < 80; ++i) meter.symbol(coin, i % 2);
    meter.bits(16);
    CHECK(meter.order0_bound_bytes() == Approx(80 / 8 + 2));
    CHECK(meter.symbols() == 80);
    CHECK(meter.take_prefix_bits() == 80 + 16);
    CHECK(meter.take_prefix_bits() == 0);
}

// What the coder promises of the bytes, on the generators of the bench. Runs are shorter than the bench's; the shares are the same
// within a hundredth.

TEST_CASE("promise: a hundred moving cubes cost less than half of compressed columns", "[bench][delta][promise]") {
    const std::uint64_t seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    const ordered_json figures = measured(delta_cubes({.seed = seed, .frames = 300, .passes = 1}));
    CHECK(share(figures, "bytes_mean", "columns_zstd1_bytes_mean") <= 0.46);
    CHECK(share(figures, "bytes_mean", "bitpack_bytes_mean") <= 0.40);
    CHECK(share(figures, "bytes_mean", "order0_bound_bytes_mean") <= 1.12);
    check_catch_ups(figures);
}

TEST_CASE("promise: two hundred of a thousand in the arena cost little more than their entropy",
          "[bench][delta][promise]") {
    const ordered_json figures =
        measured(delta_arena({.motion = {.entities = 1000, .changing = 200}, .frames = 300, .passes = 1}));
    CHECK(share(figures, "bytes_mean", "order0_bound_bytes_mean") <= 1.12);
    CHECK(share(figures, "bytes_mean", "varint_zstd_stream_bytes_mean") < 0.35);
    CHECK(figures["message_bytes_mean"].get<double>() <= figures["bytes_mean"].get<double>() + 80);
    check_catch_ups(figures);
}

TEST_CASE("promise: whoever goes straight on costs next to nothing", "[bench][delta][promise]") {
    const auto bytes = [](ArenaPrediction prediction) {
        const DeltaArenaOptions options{.motion = {.entities = 1000, .changing = 201, .straight = true},
                                        .prediction = prediction,
                                        .frames = 150,
                                        .passes = 1};
        return measured(delta_arena(options))["bytes_mean"].get<double>();
    };
    CHECK(bytes(ArenaPrediction::Integral) <= 470);
    CHECK(bytes(ArenaPrediction::Linear) <= 720);
}

TEST_CASE("promise: a client costs the server a few bytes, and the wire little but its payload",
          "[bench][delta][promise]") {
    const ordered_json figures = measured(delta_fanout({.clients = 200, .entities = 800, .ticks = 60}));
    CHECK(figures["wire_bytes_per_client"].get<double>() <= figures["payload_bytes_per_client"].get<double>() + 100);
    CHECK(figures["state_bytes_per_subscriber"] <= 64);
}
