// delta cubes: 900 cubes and a player's, as others measure their deltas.
#include "tools/bench/baselines.h"
#include "tools/bench/cubes.h"
#include "tools/bench/delta_bench.h"
#include "tools/bench/delta_figures.h"
#include "tools/bench/delta_record.h"
#include "tools/bench/delta_trace.h"
#include "tools/bench/delta_training.h"

namespace tidewire::bench {

namespace {

constexpr double tick_rate = 60;

struct Baselines {
    double changed_rows_mean = 0;
    double bitpack_bytes_mean = 0;
    double columns_zstd1_bytes_mean = 0;
};

Baselines baselines_of(const Trace& trace) {
    Baselines sums;
    for (std::size_t i = 1; i < trace.frames(); ++i) {
        const Frame before = trace.frame(i - 1);
        const Frame after = trace.frame(i);
        sums.changed_rows_mean += static_cast<double>(changed_rows(before, after, trace.columns));
        sums.bitpack_bytes_mean += static_cast<double>(bitpack_delta_bytes(before, after, cube_widths));
        sums.columns_zstd1_bytes_mean += static_cast<double>(columns_zstd1_bytes(before, after, trace.columns));
    }
    const auto frames = static_cast<double>(trace.frames() - 1);
    return {ratio(sums.changed_rows_mean, frames), ratio(sums.bitpack_bytes_mean, frames),
            ratio(sums.columns_zstd1_bytes_mean, frames)};
}

/// What keyframes have to tell grows with the cubes that have left their places: the first, the middle and the last one are shown.
void append_keyframes(nlohmann::ordered_json& figures, const Trace& trace, std::span<const KeyframeSize> keyframes) {
    if (keyframes.empty()) return;
    const Frame start = trace.frame(0);
    double planes = 0;
    for (const KeyframeSize& keyframe : keyframes)
        planes += static_cast<double>(planes_zstd19_bytes(trace.frame(keyframe.frame), trace.columns));
    const double planes_mean = ratio(planes, static_cast<double>(keyframes.size()));
    figures["keyframe_planes_zstd19_bytes_mean"] = planes_mean;
    figures["keyframe_planes_zstd19_ratio"] = ratio(planes_mean, figures["keyframe_bytes_mean"].get<double>());
    nlohmann::ordered_json shown = nlohmann::ordered_json::array();
    for (const std::size_t i : {std::size_t{0}, keyframes.size() / 2, keyframes.size() - 1}) {
        const Frame frame = trace.frame(keyframes[i].frame);
        shown.push_back({{"frame", keyframes[i].frame},
                         {"rows_moved_since_start", changed_rows(start, frame, trace.columns)},
                         {"bytes", keyframes[i].bytes},
                         {"planes_zstd19_bytes", planes_zstd19_bytes(frame, trace.columns)}});
    }
    figures["keyframes"] = std::move(shown);
}

Result<replication::CodeTables> tables_for(const DeltaSchema& schema, const DeltaCubesOptions& options) {
    if (options.train.empty() && options.train_seed == 0) return replication::CodeTables::built_in();
    const Result<Trace> trace = options.train.empty() ? make_cubes(options.train_seed, options.frames)
                                                      : read_trace(options.train, cube_rows, cube_columns);
    if (!trace) return Unexpected{trace.error()};
    const auto snapshots = make_snapshots(schema.layout(), *trace);
    if (!snapshots) return Unexpected{snapshots.error()};
    return train_on(schema.layout(), tick_rate, *snapshots);
}

}  // namespace

Result<nlohmann::ordered_json> delta_cubes(const DeltaCubesOptions& options) {
    const Result<Trace> trace = options.input.empty() ? make_cubes(options.seed, options.frames)
                                                      : read_trace(options.input, cube_rows, cube_columns);
    if (!trace) return Unexpected{trace.error()};
    const DeltaSchema schema = cube_schema();
    const auto snapshots = make_snapshots(schema.layout(), *trace);
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

    nlohmann::ordered_json figures = {{"bench", "delta cubes"}};
    if (options.input.empty())
        figures["seed"] = options.seed;
    else
        figures["input"] = options.input;
    figures["tables"] = options.train.empty() ? tables_name(options.train_seed) : "trained on " + options.train;
    figures["entities"] = trace->rows;
    figures["frames"] = trace->frames();
    figures["changed_rows_mean"] = baselines.changed_rows_mean;
    append_delta(figures, *replayed);
    figures["bitpack_bytes_mean"] = baselines.bitpack_bytes_mean;
    figures["bitpack_ratio"] = ratio(baselines.bitpack_bytes_mean, replayed->bytes_mean);
    figures["columns_zstd1_bytes_mean"] = baselines.columns_zstd1_bytes_mean;
    figures["columns_zstd1_ratio"] = ratio(baselines.columns_zstd1_bytes_mean, replayed->bytes_mean);
    append_late(figures, *replayed, bitpack_full_bytes(cube_widths, trace->rows));
    append_keyframes(figures, *trace, replayed->keyframes);
    append_costs(figures, *replayed, time_replay(codec, *snapshots, replayed->bodies, options.passes));
    return figures;
}

}  // namespace tidewire::bench
