// Hands for the arena.
#include "tools/swarm/arena_game.h"

#include <optional>
#include <vector>

#include "sdk/core/base/random.h"

namespace tidewire::swarm {

namespace {

/// The pilot aims at nobody who is further away, in units.
constexpr float sight_range = 640;
/// A player looks around so many times less often than it sends inputs.
constexpr int inputs_per_look = 4;

/// A component of an entity; empty when it has none.
template <class T>
std::optional<T> read(const Sight& sight, std::uint32_t index) {
    const std::size_t table = component_index<T> + std::size_t{1};
    const replication::Chunk* const chunk = sight.newest.chunk(table, index / replication::Chunk::rows);
    const std::size_t row = index % replication::Chunk::rows;
    if (chunk == nullptr || (chunk->present >> row & 1) == 0) return std::nullopt;
    T value{};
    replication::read_row(sight.layout, table, *chunk, row, static_cast<std::byte*>(static_cast<void*>(&value)));
    return value;
}

std::optional<arena::Sighting> look_at(const Sight& sight, std::uint32_t index) {
    const auto body = read<arena::Body>(sight, index);
    const auto vitals = read<arena::Vitals>(sight, index);
    if (!body || !vitals) return std::nullopt;
    return arena::Sighting{.index = index,
                           .position = {body->x, body->y},
                           .velocity = {body->vx, body->vy},
                           .angle = body->angle,
                           .alive = vitals->hp > 0};
}

/// Calls for the index of everybody who has a body.
template <class Each>
void for_each_fighter(const Sight& sight, const Each& each) {
    const replication::TableChunks bodies = sight.newest.table(component_index<arena::Body> + std::size_t{1});
    for (std::size_t i = 0; i < bodies.size(); ++i)
        for (std::uint64_t rest = bodies.present(i); rest != 0; rest &= rest - 1)
            each(static_cast<std::uint32_t>(i * replication::Chunk::rows) +
                 static_cast<std::uint32_t>(__builtin_ctzll(rest)));
}

PlayerId owner_of(const Sight& sight, std::uint32_t index) {
    constexpr std::size_t owner_slot = 1;
    const replication::Chunk* const chunk = sight.newest.chunk(0, index / replication::Chunk::rows);
    if (chunk == nullptr) return 0;
    return static_cast<PlayerId>(chunk->column(owner_slot)[index % replication::Chunk::rows]);
}

/// Runs one way for a while, then another, and turns all the time.
class Wanderer : public SwarmPlayer {
public:
    explicit Wanderer(std::uint64_t seed) : random_(seed), aim_(random_.range(-3, 3)) {}

    void steer(const Sight& sight, std::byte* input) override {
        if (inputs_left_-- <= 0) choose();
        aim_ = arena::wrapped(aim_ + turn_ * sight.dt);
        arena::Command& command = *static_cast<arena::Command*>(static_cast<void*>(input));
        command.move_x = move_x_;
        command.move_y = move_y_;
        command.aim = aim_;
    }

private:
    void choose() {
        move_x_ = static_cast<std::int8_t>(static_cast<int>(random_.below(3)) - 1);
        move_y_ = static_cast<std::int8_t>(static_cast<int>(random_.below(3)) - 1);
        turn_ = random_.range(-3, 3);
        inputs_left_ = 10 + static_cast<int>(random_.below(50));
    }

    SeededRandom random_;
    float aim_;
    float turn_ = 0;
    std::int8_t move_x_ = 0;
    std::int8_t move_y_ = 0;
    int inputs_left_ = 0;
};

class Fighter : public SwarmPlayer {
public:
    Fighter(const arena::Pilot& pilot, std::uint64_t seed)
        : pilot_(&pilot), inputs_until_look_(static_cast<int>(SeededRandom(seed).below(inputs_per_look))) {}

    void steer(const Sight& sight, std::byte* input) override {
        find_self(sight);
        const auto self = self_ ? look_at(sight, *self_) : std::nullopt;
        if (!self) return;
        if (inputs_until_look_-- <= 0) {
            inputs_until_look_ = inputs_per_look - 1;
            look_around(sight, *self);
        }
        *static_cast<arena::Command*>(static_cast<void*>(input)) = pilot_->command(*self, seen_, sight.tick, sight.dt);
    }

private:
    void find_self(const Sight& sight) {
        if (self_ && owner_of(sight, *self_) == sight.player) return;
        self_.reset();
        for_each_fighter(sight, [&](std::uint32_t index) {
            if (owner_of(sight, index) == sight.player) self_ = index;
        });
    }

    void look_around(const Sight& sight, const arena::Sighting& self) {
        seen_.clear();
        for_each_fighter(sight, [&](std::uint32_t index) {
            if (index == self.index) return;
            const auto other = look_at(sight, index);
            if (other && length_squared(other->position - self.position) < sight_range * sight_range)
                seen_.push_back(*other);
        });
    }

    const arena::Pilot* pilot_;
    std::optional<std::uint32_t> self_;
    std::vector<arena::Sighting> seen_;
    int inputs_until_look_;
};

}  // namespace

const SchemaInfo& ArenaGame::schema() const { return arena::Schema::info(); }

ApplyInput ArenaGame::rules() const { return to_apply_input(arena::Rules{}, arena::Schema::Inputs{}); }

std::unique_ptr<SwarmPlayer> ArenaGame::make_player(Manner manner, std::uint64_t seed) const {
    if (manner == Manner::Fight) return std::make_unique<Fighter>(pilot_, seed);
    return std::make_unique<Wanderer>(seed);
}

}  // namespace tidewire::swarm
