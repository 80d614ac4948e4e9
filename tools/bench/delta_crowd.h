// A world with many onlookers: entities wander about a square of 16 x 16 cells, and each client sees the 3 x 3 around its own.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sdk/core/base/random.h"
#include "server/room/room.h"
#include "tidewire/game.h"
#include "tools/bench/delta_schema.h"

namespace tidewire::bench {

struct CrowdOptions {
    std::uint32_t entities = 8000;
    std::uint64_t seed = 1;
};

/// A game. A fifth of the entities move, in ten seconds across a cell; in each tick a fiftieth of them stop and as many others
/// start. Clients own nothing: each looks from the middle of a cell inside the world, and goes to a cell beside it every fifty
/// seconds. That is as often as if they were entities like the others.
class Crowd {
public:
    explicit Crowd(const CrowdOptions& options);
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    static constexpr int tick_rate = 30;
    static constexpr std::uint32_t cells = 16;  ///< In each direction.
    const Game& game() const { return game_; }
    const replication::Layout& layout() const { return schema_.layout(); }

private:
    struct Mover {
        int turn = 0;  // -127 to 127
        int turn_ticks_left = 0;
    };
    struct Place {
        std::uint32_t column = 0;
        std::uint32_t row = 0;
    };

    void join(ServerSim& sim, const Player& player);
    void tick(ServerSim& sim);
    void spawn(ServerSim& sim);
    void relieve();
    void move(Walker& entity, Mover& mover);
    void look(ServerSim& sim, PlayerId player, const Place& place) const;
    void walk(ServerSim& sim);

    CrowdOptions options_;
    DeltaSchema schema_;
    Game game_;
    SeededRandom random_;
    std::vector<Entity> entities_;  // the movers first
    std::vector<Mover> movers_;
    std::map<PlayerId, Place> places_;
};

}  // namespace tidewire::bench
