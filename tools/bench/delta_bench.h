// What the delta benches are asked for. Each checks what it measures: a difference between what was sent and what was read is an error.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "tidewire/result.h"
#include "tools/bench/arena_motion.h"
#include "tools/bench/delta_schema.h"

namespace tidewire::bench {

struct DeltaCubesOptions {
    std::uint64_t seed = 1;
    std::size_t frames = 1800;     ///< Half a minute.
    std::string input{};           ///< A trace in a file instead; see read_trace().
    std::string train{};           ///< Tables are trained on this trace; otherwise they are the built-in ones.
    std::uint64_t train_seed = 0;  ///< The same of cubes of this seed; 0: they are not.
    std::string record{};          ///< Keep it as a flight recording in this file.
    std::size_t passes = 9;        ///< Of the measurement of time.
};
Result<nlohmann::ordered_json> delta_cubes(const DeltaCubesOptions& options);

struct DeltaArenaOptions {
    ArenaMotion motion{};
    ArenaPrediction prediction = ArenaPrediction::Integral;
    std::size_t frames = 900;      ///< Half a minute.
    std::string input{};           ///< A trace of motion.entities rows in a file instead.
    std::string record{};          ///< Keep it as a flight recording in this file.
    std::uint64_t train_seed = 0;  ///< Tables are trained on the motion of this seed; 0: they are the built-in ones.
    std::size_t passes = 9;
};
Result<nlohmann::ordered_json> delta_arena(const DeltaArenaOptions& options);

struct DeltaFanoutOptions {
    std::uint32_t clients = 2000;
    std::uint32_t entities = 8000;
    std::size_t ticks = 120;
    std::uint64_t seed = 1;
    std::uint64_t train_seed = 0;  ///< As of the arena.
    std::size_t budget = 0;        ///< Bytes of state per second and client; 0: all that there is.
};
Result<nlohmann::ordered_json> delta_fanout(const DeltaFanoutOptions& options);

}  // namespace tidewire::bench
