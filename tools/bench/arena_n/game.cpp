// Turn, walk, mirror, and who is close to somebody loses.
#include "tools/bench/arena_n/game.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace tidewire::bench::arena_n {

namespace {

using ::arena_n::Ack;
using ::arena_n::Body;
using ::arena_n::Label;
using ::arena_n::Steer;

constexpr double pi = 3.14159265358979323846;
constexpr double step = 10;       // units per tick
constexpr double turn_max = 0.2;  // radians per tick
constexpr float reach = 10;       // units
constexpr std::uint32_t columns = static_cast<std::uint32_t>(world_size / reach);
/// Of the interest: a square of half-extent 250 lies in nine of them. Half of it costs half as much processor time again, and at 500
/// clients more bytes; at 4000 it would save one byte in fifteen.
constexpr float cell_size = 250;

/// Mirrors a coordinate at the walls; whether it did.
bool mirror(float& coordinate) {
    if (coordinate >= 0 && coordinate <= world_size) return false;
    coordinate = coordinate < 0 ? -coordinate : 2 * world_size - coordinate;
    return true;
}

std::uint32_t column_of(float coordinate) {
    return std::min(static_cast<std::uint32_t>(coordinate / reach), columns - 1);
}

bool near(const Body& a, const Body& b) {
    const float x = a.x - b.x;
    const float y = a.y - b.y;
    return x * x + y * y < reach * reach;
}

}  // namespace

Game Field::game() {
    Game game;
    game.schema = &::arena_n::Schema::info();
    if (sight_.half_extent > 0)
        game.interest = {.grid = GridOptions{.cell_size = cell_size,
                                             .enter_radius = sight_.half_extent,
                                             .leave_radius = sight_.half_extent + cell_size / 4,
                                             .bounds = GridBounds{0, 0, world_size, world_size}},
                         .component = component_index<Body>,
                         .x_offset = offsetof(Body, x),
                         .y_offset = offsetof(Body, y)};
    game.apply_input = [this](Sim&, Entity entity, std::uint16_t, const std::byte* input) {
        const auto& steer = *static_cast<const Steer*>(static_cast<const void*>(input));
        turns_[entity.index()] = static_cast<float>(steer.turn / 127.0 * turn_max);
        if (steer.stamp != 0 && entity.find<const Ack>()->stamp != steer.stamp) entity.get<Ack>().stamp = steer.stamp;
    };
    game.on_join = [this](ServerSim& sim, const Player& player) { join(sim, player); };
    game.on_tick = [this](ServerSim& sim) { tick(sim); };
    return game;
}

void Field::join(ServerSim&, const Player& player) {
    Body body{};
    body.x = random_.range(0, world_size);
    body.y = random_.range(0, world_size);
    body.angle = random_.range(-static_cast<float>(pi), static_cast<float>(pi));
    body.hp = 100;
    Label label;
    char name[12];
    std::snprintf(name, sizeof name, "walker-%04u", player.id() % 10000);
    label.name = name;
    const Entity entity = player.spawn(body, Ack{}, label);
    if (turns_.size() <= entity.index()) turns_.resize(entity.index() + std::size_t{1});
    turns_[entity.index()] = 0;
}

void Field::tick(ServerSim& sim) {
    moved_.clear();
    for (auto [entity, body] : sim.view<Body>()) {
        double angle = double{body.angle} + turns_[entity.index()];
        double x = std::cos(angle);
        double y = std::sin(angle);
        body.x += static_cast<float>(step * x);
        body.y += static_cast<float>(step * y);
        if (mirror(body.x)) {
            x = -x;
            angle = pi - angle;
        }
        if (mirror(body.y)) {
            y = -y;
            angle = -angle;
        }
        body.vx = static_cast<float>(step * tick_rate * x);
        body.vy = static_cast<float>(step * tick_rate * y);
        body.angle = static_cast<float>(std::remainder(angle, 2 * pi));
        moved_.push_back(&body);
    }
    collide();
}

/// Everybody moves: who is within reach of another loses a point.
void Field::collide() {
    begins_.assign(std::size_t{columns} * columns + 1, 0);
    cells_.resize(moved_.size());
    sorted_.resize(moved_.size());
    for (std::size_t i = 0; i < moved_.size(); ++i) {
        cells_[i] = column_of(moved_[i]->y) * columns + column_of(moved_[i]->x);
        ++begins_[cells_[i] + 1];
    }
    for (std::size_t cell = 1; cell < begins_.size(); ++cell) begins_[cell] += begins_[cell - 1];
    std::vector<std::uint32_t>& next = begins_;  // of each cell, shifted back by the fill below
    for (std::size_t i = moved_.size(); i-- > 0;) sorted_[--next[cells_[i] + 1]] = static_cast<std::uint32_t>(i);
    // begins_[cell + 1] is now where the cell begins.
    const auto range = [&](std::uint32_t cell) {
        const std::uint32_t end =
            cell + 2 < begins_.size() ? begins_[cell + 2] : static_cast<std::uint32_t>(moved_.size());
        return std::pair(begins_[cell + 1], end);
    };
    for (std::size_t i = 0; i < moved_.size(); ++i) {
        const std::uint32_t row = cells_[i] / columns;
        const std::uint32_t column = cells_[i] % columns;
        bool met = false;
        for (std::uint32_t r = row == 0 ? 0 : row - 1; r <= std::min(row + 1, columns - 1) && !met; ++r)
            for (std::uint32_t c = column == 0 ? 0 : column - 1; c <= std::min(column + 1, columns - 1) && !met; ++c) {
                const auto [begin, end] = range(r * columns + c);
                for (std::uint32_t at = begin; at < end && !met; ++at)
                    met = sorted_[at] != i && near(*moved_[i], *moved_[sorted_[at]]);
            }
        if (met) moved_[i]->hp = static_cast<std::uint8_t>(moved_[i]->hp <= 1 ? 100 : moved_[i]->hp - 1);
    }
}

}  // namespace tidewire::bench::arena_n
