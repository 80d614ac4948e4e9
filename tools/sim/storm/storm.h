// A whole system in a storm: servers of several shards and rooms, players over bad links, intruders; anything that may happen happens, by
// one seed, in virtual time. What must hold is looked at after each step. The same seed is the same storm, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/base/time.h"
#include "tools/sim/storm/scene.h"

namespace tidewire::sim {

struct StormOptions {
    std::uint64_t seed = 1;
    /// Of what happens. A calm follows, in which all who are still there must come to rest, and then all leave.
    Duration length = std::chrono::seconds(60);
    /// Each line of what happens, as it does. May be empty.
    std::function<void(const std::string& line)> on_line{};
};

struct StormReport {
    std::uint64_t seed = 0;
    /// The first promise that did not hold; empty: all did.
    std::optional<std::string> broken{};
    std::vector<std::string> last_lines{};  ///< What had happened before, where one is broken.
    std::uint64_t digest = 0;               ///< Of all that happened.
    Duration length{0};                     ///< Of all of it, in virtual time.
    std::map<std::string, std::uint64_t> actions{};  ///< By name, those that found something to do.
    SceneCounters counters{};
    std::size_t connection_bytes_max = 0;
    std::size_t room_bytes_max = 0;
};

StormReport run_storm(const StormOptions& options);

}  // namespace tidewire::sim
