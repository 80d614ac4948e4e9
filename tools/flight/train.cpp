// tidewire-flight train: files out, figures on stdout.
#include <memory>
#include <vector>

#include "sdk/core/base/printable.h"
#include "sdk/core/wire/codec.h"
#include "tools/flight/training.h"
#include "tools/flight/verbs.h"

namespace tidewire::flight {

namespace {

struct TrainFlags {
    std::vector<std::string> recordings;
    std::string code_tables;
    std::string dictionary;
    std::size_t dictionary_bytes = 16 * 1024;
};

nlohmann::ordered_json compared(const BodyTotals& before, const BodyTotals& after) {
    return {{"bodies", before.bodies}, {"bytes_before", before.bytes}, {"bytes_after", after.bytes}};
}

nlohmann::ordered_json written(const std::string& file, std::uint64_t id, std::size_t bytes) {
    return {{"file", file}, {"id", hex_id(id)}, {"bytes", bytes}};
}

nlohmann::ordered_json figures_of(const TrainFlags& flags, const Training& training) {
    nlohmann::ordered_json figures;
    figures["schema"] = training.schema;
    figures["recordings"] = flags.recordings.size();
    figures["ticks"] = training.ticks;
    figures["deltas"] = compared(training.before.deltas, training.after.deltas);
    figures["catch_ups"] = compared(training.before.catch_ups, training.after.catch_ups);
    figures["keyframes"] = compared(training.before.keyframes, training.after.keyframes);
    figures["newcomers"] = compared(training.before.newcomers, training.after.newcomers);
    figures["code_tables"] = written(flags.code_tables, training.code_tables.id(), training.code_tables.bytes().size());
    if (training.dictionary)
        figures["dictionary"] =
            written(flags.dictionary, training.dictionary->id(), training.dictionary->bytes().size());
    return figures;
}

int run(const TrainFlags& flags) {
    TrainingOptions options{.recordings = flags.recordings};
    if (!flags.dictionary.empty()) options.dictionary_bytes = flags.dictionary_bytes;
    const auto training = train(options);
    if (!training) return fail(training.error());
    for (const std::string& path : training->cut)
        warn("\"" + printable(path) + "\" is cut off within a record; all that came before was used");
    if (auto done = write_file(flags.code_tables, training->code_tables.bytes()); !done) return fail(done.error());
    if (training->dictionary)
        if (auto done = write_file(flags.dictionary, training->dictionary->bytes()); !done) return fail(done.error());
    print(figures_of(flags, *training));
    return 0;
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
    constexpr std::size_t dictionary_bytes_min = 256;  // zstd's own
    const auto flags = std::make_shared<TrainFlags>();
    CLI::App* const verb = app.add_subcommand(
        "train", "Make code tables, and a zstd dictionary, that fit a game: fewer bytes for its deltas and keyframes");
    verb->add_option("recordings", flags->recordings, "Recordings of the game, all of one schema")
        ->required()
        ->type_name("RECORDING…");
    verb->add_option("--code-tables", flags->code_tables, "Write the tables to this file, for a server's --code-tables")
        ->required()
        ->type_name("OUT");
    verb->add_option("--dictionary", flags->dictionary,
                     "Train a zstd dictionary for keyframes as well and write it to this file, for a server's "
                     "--dictionary. It pays where components are tables: names and other texts")
        ->type_name("OUT");
    verb->add_option("--dictionary-bytes", flags->dictionary_bytes,
                     "The dictionary has at most so many; every client loads it once")
        ->check(CLI::Range(dictionary_bytes_min, wire::Limits{}.resource_bytes_max))
        ->capture_default_str()
        ->type_name("N");
    verb->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace tidewire::flight
