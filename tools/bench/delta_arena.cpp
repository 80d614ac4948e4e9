// delta arena: a fifth of a thousand entities on the move, guessed in three ways.
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/frame.h"
#include "tools/bench/baselines.h"
#include "tools/bench/delta_bench.h"
#include "tools/bench/delta_figures.h"
#include "tools/bench/delta_record.h"
#include "tools/bench/delta_trace.h"
#include "tools/bench/delta_training.h"

namespace tidewire::bench {

namespace {

constexpr double tick_rate = 30;
constexpr std::size_t name_letters = std::tuple_size_v<decltype(ArenaEntity::name)>;

const char* name_of(ArenaPrediction prediction) {
    switch (prediction) {
        case ArenaPrediction::Integral:
            return "integral";
        case ArenaPrediction::Linear:
            return "linear";
        case ArenaPrediction::Delta:
            break;
    }
    return "delta";
}

/// A frame of WebSocket with a Tick of one body in it.
std::size_t message_bytes(ByteSpan body, Tick tick) {
    wire::TickMessage message{.tick = tick, .input_tick = tick};
    message.bodies.push_back({.group = 0, .coding = wire::BodyCoding::Delta, .bytes = body});
    Bytes head;
    wire::append_tick_head(head, message);
    const std::size_t payload = head.size() + body.size();
    return ws::to_bytes({.payload_bytes = payload}).size + payload;
}

double message_bytes_mean(std::span<const Bytes> bodies) {
    double sum = 0;
    for (std::size_t i = 0; i < bodies.size(); ++i)
        sum += static_cast<double>(message_bytes(bodies[i], static_cast<Tick>(i + 2)));
    return ratio(sum, static_cast<double>(bodies.size()));
}

struct Baselines {
    double changed_rows_mean = 0;
    double varint_zstd_stream_bytes_mean = 0;
};

Baselines baselines_of(const Trace& trace) {
    Baselines sums;
    VarintZstdStream stream(trace.columns);
    for (std::size_t i = 1; i < trace.frames(); ++i) {
        sums.changed_rows_mean += static_cast<double>(changed_rows(trace.frame(i - 1), trace.frame(i), trace.columns));
        sums.varint_zstd_stream_bytes_mean += static_cast<double>(stream.send(trace.frame(i - 1), trace.frame(i)));
    }
    const auto frames = static_cast<double>(trace.frames() - 1);
    return {ratio(sums.changed_rows_mean, frames), ratio(sums.varint_zstd_stream_bytes_mean, frames)};
}

/// With the names' bytes.
std::size_t full_bytes(std::size_t rows) {
    std::vector<unsigned> widths(arena_widths.begin(), arena_widths.end());
    widths.insert(widths.end(), name_letters, 8);
    return bitpack_full_bytes(widths, rows);
}

Result<replication::CodeTables> tables_for(const DeltaSchema& schema, const DeltaArenaOptions& options) {
    if (options.train_seed == 0) return replication::CodeTables::built_in();
    ArenaMotion motion = options.motion;
    motion.seed = options.train_seed;
    const Trace trace = with_names(make_arena(motion, options.frames), name_letters, motion.seed);
    const auto snapshots = make_snapshots(schema.layout(), trace);
    if (!snapshots) return Unexpected{snapshots.error()};
    return train_on(schema.layout(), tick_rate, *snapshots);
}

}  // namespace

Result<nlohmann::ordered_json> delta_arena(const DeltaArenaOptions& options) {
    const Result<Trace> trace = options.input.empty()
                                    ? make_arena(options.motion, options.frames)
                                    : read_trace(options.input, options.motion.entities, arena_columns);
    if (!trace) return Unexpected{trace.error()};
    const DeltaSchema schema = arena_schema(options.prediction);
    const auto snapshots = make_snapshots(schema.layout(), with_names(*trace, name_letters, options.motion.seed));
    if (!snapshots) return Unexpected{snapshots.error()};
    if (!options.record.empty())
        if (auto kept = record(schema.layout(), static_cast<std::uint16_t>(tick_rate), *snapshots, options.record);
            !kept)
            return Unexpected{kept.error()};
    const auto tables = tables_for(schema, options);
    if (!tables) return Unexpected{tables.error()};
    const replication::Codec codec(schema.layout(), *tables, tick_rate);
    const auto replayed = replay(codec, *snapshots);
    if (!replayed) return Unexpected{replayed.error()};
    const Baselines baselines = baselines_of(*trace);
    const double message_mean = message_bytes_mean(replayed->bodies);

    nlohmann::ordered_json figures = {{"bench", "delta arena"}};
    if (options.input.empty()) {
        figures["seed"] = options.motion.seed;
        figures["straight"] = options.motion.straight;
    } else {
        figures["input"] = options.input;
    }
    figures["tables"] = tables_name(options.train_seed);
    figures["predict"] = name_of(options.prediction);
    figures["entities"] = trace->rows;
    figures["frames"] = trace->frames();
    figures["changed_rows_mean"] = baselines.changed_rows_mean;
    append_delta(figures, *replayed);
    figures["varint_zstd_stream_bytes_mean"] = baselines.varint_zstd_stream_bytes_mean;
    figures["varint_zstd_stream_ratio"] = ratio(baselines.varint_zstd_stream_bytes_mean, replayed->bytes_mean);
    figures["message_bytes_mean"] = message_mean;
    append_late(figures, *replayed, full_bytes(trace->rows));
    append_costs(figures, *replayed, time_replay(codec, *snapshots, replayed->bodies, options.passes));
    return figures;
}

}  // namespace tidewire::bench
