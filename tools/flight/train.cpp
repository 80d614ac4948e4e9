// tidewire-flight train: files out, figures on stdout.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "sdk/core/base/printable.h"
#include "sdk/core/wire/codec.h"
#include "tools/flight/output_files.h"
#include "tools/flight/training.h"
#include "tools/flight/verbs.h"

namespace tidewire::flight {

namespace {

struct TrainFlags {
    std::vector<std::string> recordings;
    std::vector<std::string> verify;
    std::string code_tables;
    std::string built_in;
    std::string dictionary;
    std::size_t dictionary_bytes = 16 * 1024;
};

nlohmann::ordered_json compared(const BodyTotals& before, const BodyTotals& after) {
    return {{"bodies", before.bodies}, {"bytes_before", before.bytes}, {"bytes_after", after.bytes}};
}

nlohmann::ordered_json compared(const Measured& measured) {
    return {{"ticks", measured.ticks},
            {"deltas", compared(measured.before.deltas, measured.after.deltas)},
            {"catch_ups", compared(measured.before.catch_ups, measured.after.catch_ups)},
            {"keyframes", compared(measured.before.keyframes, measured.after.keyframes)},
            {"newcomers", compared(measured.before.newcomers, measured.after.newcomers)}};
}

nlohmann::ordered_json written(const std::string& file, std::uint64_t id, std::size_t bytes) {
    return {{"file", file}, {"id", hex_id(id)}, {"bytes", bytes}};
}

nlohmann::ordered_json figures_of(const TrainFlags& flags, const Training& training) {
    nlohmann::ordered_json figures;
    figures["schema"] = training.schema;
    figures["recordings"] = flags.recordings.size();
    figures["of_what_was_learnt_from"] = compared(training.seen);
    if (training.unseen)
        figures["of_what_was_not"] = compared(*training.unseen);
    else
        figures["of_what_was_not"] = "unknown: give --verify a recording of another match";
    figures["code_tables"] = written(flags.code_tables, training.code_tables.id(), training.code_tables.bytes().size());
    if (training.dictionary)
        figures["dictionary"] =
            written(flags.dictionary, training.dictionary->id(), training.dictionary->bytes().size());
    return figures;
}

/// The source of replication/code_tables_built_in.cpp.
std::string built_in_source(ByteSpan tables) {
    constexpr std::size_t bytes_per_line = 54;
    constexpr char digits[] = "0123456789abcdef";
    std::string lines;
    for (std::size_t at = 0; at < tables.size(); at += bytes_per_line) {
        lines += "\n    \"";
        for (const std::byte byte : tables.subspan(at, std::min(bytes_per_line, tables.size() - at))) {
            lines += digits[std::to_integer<unsigned>(byte) >> 4];
            lines += digits[std::to_integer<unsigned>(byte) & 15];
        }
        lines += '"';
    }
    return "// Weights of the built-in code tables in hexadecimal. Made by tidewire-flight train --built-in; do not "
           "edit.\n\n"
           "#include \"sdk/core/replication/code_tables_built_in.h\"\n\n#include <string_view>\n\n"
           "namespace tidewire::replication {\n\nnamespace {\n\n// clang-format off\n"
           "constexpr std::string_view hexadecimal =" +
           lines +
           ";\n// clang-format on\n\n"
           "unsigned digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }\n\n"
           "}  // namespace\n\nBytes built_in_code_tables() {\n    Bytes bytes;\n"
           "    bytes.reserve(hexadecimal.size() / 2);\n"
           "    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)\n"
           "        bytes.push_back(static_cast<std::byte>(digit(hexadecimal[i]) << 4 | digit(hexadecimal[i + 1])));\n"
           "    return bytes;\n}\n\n}  // namespace tidewire::replication\n";
}

bool same_file(const std::string& a, const std::string& b) {
    std::error_code missing;
    return a == b || std::filesystem::equivalent(a, b, missing);
}

/// Nothing that is read or was just written may be written over.
std::optional<std::string> refuse_paths(const TrainFlags& flags) {
    std::vector<std::string> taken = flags.recordings;
    taken.insert(taken.end(), flags.verify.begin(), flags.verify.end());
    for (const std::string& out : {flags.code_tables, flags.dictionary, flags.built_in}) {
        if (out.empty()) continue;
        for (const std::string& path : taken)
            if (same_file(path, out))
                return "\"" + printable(out) +
                       "\" is named twice; give each output a file of its own, beside the recordings";
        taken.push_back(out);
    }
    return std::nullopt;
}

int run(const TrainFlags& flags) {
    if (flags.code_tables.empty() && flags.built_in.empty()) return usage_error("train needs --code-tables OUT");
    if (const auto refusal = refuse_paths(flags)) return usage_error(*refusal);
    TrainingOptions options{
        .recordings = flags.recordings, .verify = flags.verify, .built_in = !flags.built_in.empty()};
    if (!flags.dictionary.empty()) options.dictionary_bytes = flags.dictionary_bytes;
    const auto training = train(options);
    if (!training) return fail(training.error());
    for (const std::string& path : training->cut)
        warn("\"" + printable(path) + "\" is cut off within a record; all that came before was used");
    std::vector<OutputFile> files;
    const std::string source = options.built_in ? built_in_source(training->code_tables.bytes()) : "";
    if (options.built_in) files.push_back({flags.built_in, as_bytes(source)});
    if (!flags.code_tables.empty()) files.push_back({flags.code_tables, training->code_tables.bytes()});
    if (training->dictionary) files.push_back({flags.dictionary, training->dictionary->bytes()});
    if (auto done = write_files(files); !done) return fail(done.error());
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
        ->type_name("RECORDING");
    verb->add_option("--code-tables", flags->code_tables, "Write the tables to this file, for a server's --code-tables")
        ->type_name("OUT");
    verb->add_option("--verify", flags->verify,
                     "A recording of another match that is measured and not learnt from: what a game will really "
                     "save. May be given several times")
        ->type_name("RECORDING")
        ->allow_extra_args(false);
    verb->add_option("--built-in", flags->built_in,
                     "For those who work on Tidewire: write the source of the built-in tables, from recordings of any "
                     "games")
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
