// delta: what Tidewire's bodies cost, in bytes and in time, beside what others would send. Subcommands cubes, arena and fanout.
#include <map>

#include "tools/bench/bench.h"
#include "tools/bench/delta_bench.h"

namespace tidewire::bench {

namespace {

constexpr const char* cubes_help =
    "901 cubes at 60 Hz, deltas to the frame before.\n"
    "Traces have 8 columns: orientation_largest (0 to 3: which of x, y, z, w is left out),\n"
    "orientation_a, _b, _c (0 to 511: the others), position_x, _y (1/512 m, 18 bits, signed),\n"
    "position_z (1/512 m, 14 bits), interacting (0 or 1). Each is an int32, little-endian;\n"
    "frame after frame, cube after cube, without a header.";
constexpr const char* arena_help =
    "Entities in a walled square at 30 Hz, deltas to the frame before.\n"
    "Traces have 6 columns: x, y (1/64 unit, 0 to 128000), velocity_x, velocity_y (1/4 unit/s,\n"
    "-1200 to 1200), angle (4096 to the turn, -2048 to 2047), hp (0 to 100). Each is an int32,\n"
    "little-endian; frame after frame, entity after entity, without a header.";
constexpr const char* fanout_help =
    "A room of 16 x 16 cells in which each client sees 3 x 3, and a fifth of the entities move: the\n"
    "processor time of a tick for each client, and its bytes.";

/// Runs a bench as the callback of its subcommand.
template <class Options, class Run>
void run_as_callback(CLI::App& command, const Options& options, const Run& run, int& exit_code) {
    command.callback([&options, &exit_code, run] {
        const auto figures = run(options);
        if (figures)
            print(*figures);
        else
            exit_code = fail(figures.error());
    });
}

void add_cubes(CLI::App& app, int& exit_code) {
    static DeltaCubesOptions options;
    CLI::App* const command = app.add_subcommand("cubes", cubes_help);
    command->add_option("--seed", options.seed, "Of the cubes")->capture_default_str();
    command->add_option("--frames", options.frames, "How many")->check(CLI::Range(2, 36000))->capture_default_str();
    command->add_option("--input", options.input, "A trace in a file instead");
    CLI::Option* const train =
        command->add_option("--train", options.train, "Code tables trained on this trace, not the built-in ones");
    command->add_option("--train-seed", options.train_seed, "The same, trained on the cubes of this seed")
        ->excludes(train);
    command->add_option("--record", options.record, "Keep it as a flight recording, for tidewire-flight");
    command->add_option("--passes", options.passes, "Of which the median time is taken")->capture_default_str();
    run_as_callback(*command, options, delta_cubes, exit_code);
}

void add_arena(CLI::App& app, int& exit_code) {
    static const std::map<std::string, ArenaPrediction> predictions = {{"integral", ArenaPrediction::Integral},
                                                                       {"linear", ArenaPrediction::Linear},
                                                                       {"delta", ArenaPrediction::Delta}};
    static DeltaArenaOptions options;
    CLI::App* const command = app.add_subcommand("arena", arena_help);
    command->add_option("--entities", options.motion.entities, "In the arena, or in each frame of the input")
        ->check(CLI::Range(1, 65536))
        ->capture_default_str();
    command->add_option("--changing", options.motion.changing, "How many move at a time")->capture_default_str();
    command->add_flag("--straight", options.motion.straight, "Nobody turns, except at the walls");
    command->add_option("--seed", options.motion.seed, "Of motion and names")->capture_default_str();
    command->add_option("--frames", options.frames, "How many")->check(CLI::Range(2, 36000))->capture_default_str();
    command
        ->add_option("--predict", options.prediction,
                     "How positions are guessed: integral (the default), linear, delta")
        ->transform(CLI::CheckedTransformer(predictions));
    command->add_option("--input", options.input, "A trace in a file instead");
    command->add_option("--train-seed", options.train_seed,
                        "Code tables trained on the motion of this seed, not the built-in ones");
    command->add_option("--record", options.record, "Keep it as a flight recording, for tidewire-flight");
    command->add_option("--passes", options.passes, "Of which the median time is taken")->capture_default_str();
    run_as_callback(*command, options, delta_arena, exit_code);
}

void add_fanout(CLI::App& app, int& exit_code) {
    static DeltaFanoutOptions options;
    CLI::App* const command = app.add_subcommand("fanout", fanout_help);
    command->add_option("--clients", options.clients, "In the room")
        ->check(CLI::Range(1, 32767))
        ->capture_default_str();
    command->add_option("--entities", options.entities, "In the room")
        ->check(CLI::Range(10, 65536))
        ->capture_default_str();
    command->add_option("--ticks", options.ticks, "Measured, after a second of warming up")
        ->check(CLI::Range(1, 36000))
        ->capture_default_str();
    command->add_option("--seed", options.seed, "Of the motion")->capture_default_str();
    command->add_option("--train-seed", options.train_seed,
                        "Code tables trained on the motion of this seed, not the built-in ones");
    command
        ->add_option("--budget", options.budget,
                     "Bytes per second for each client: groups take turns for them; 0: all that there is")
        ->capture_default_str();
    run_as_callback(*command, options, delta_fanout, exit_code);
}

}  // namespace

void add_delta(CLI::App& app, int& exit_code) {
    CLI::App* const command = app.add_subcommand("delta", "Bytes and processor time of state deltas");
    command->require_subcommand(1);
    add_cubes(*command, exit_code);
    add_arena(*command, exit_code);
    add_fanout(*command, exit_code);
}

}  // namespace tidewire::bench
