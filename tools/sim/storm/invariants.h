// What holds at every moment of a storm, whatever happens: nothing that a server counts leaks, nothing grows beyond what is stated, nobody
// waits for ever, and whose session ends is told why. That each event comes once and each state is the server's, guests and rooms check
// where they hear of it.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "tools/sim/storm/scene.h"

namespace tidewire::sim {

class Invariants {
public:
    /// What fails goes into the scene's journal.
    explicit Invariants(Scene& scene) : scene_(&scene) {}

    /// Between two turns.
    void check();
    /// Nobody is there any more: nothing is left of anybody.
    void check_empty();

    /// The most that a connection took, and a room.
    std::size_t connection_bytes_max() const { return connection_bytes_max_; }
    std::size_t room_bytes_max() const { return room_bytes_max_; }

private:
    void check_counts();
    void check_memory();
    void check_guest(Guest& guest);
    void judge_end(const Guest& guest);

    Scene* scene_;
    std::set<std::string> judged_;  // by name
    std::size_t connection_bytes_max_ = 0;
    std::size_t room_bytes_max_ = 0;
};

}  // namespace tidewire::sim
