// Interest: which entities a client is told about, how often, and whose turn it is when its bytes are short.
// Every entity is in one group; clients subscribe to groups, never to single entities. Nobody must use any of this: without a grid
// and without a call, everything is in the one group that everybody gets at every tick.
//
//     server.grid(&game::Pos::x, &game::Pos::y, {.cell_size = 64});  // far entities are not told any more
//     server.on_tick([&](tidewire::ServerSim& sim) { sim.interest().place_for_team(flag, red); });
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "tidewire/state.h"

namespace tidewire {

namespace server {
class InterestGroups;
}

/// How often a client is told of a group: at every tick, every second or every fourth.
enum class UpdateRate : std::uint8_t { Full, Half, Quarter };

/// Names a group that a game made. A handle that names none (default-made, or because all ids were taken) is safe to use:
/// entities placed there are told to nobody.
struct Group {
    std::uint16_t id = 1;

    explicit operator bool() const { return id > 1; }
    friend bool operator==(const Group&, const Group&) = default;
};

/// A rectangle in the units of the position component.
struct GridBounds {
    float min_x = 0;
    float min_y = 0;
    float max_x = 0;
    float max_y = 0;
};

/// A uniform grid over the world: each cell is a group, and a client gets the cells near its focus. Lengths are in the units of the
/// position component and measured from the focus to the nearest point of a cell.
struct GridOptions {
    /// Side of a cell. Small cells follow the radius closely; large ones cost fewer bytes of heads and fewer changes of cell.
    float cell_size = 128;
    float enter_radius = 256;  ///< Every entity nearer than this is told, and with it the rest of its cell.
    /// Cells beyond are left. The gap to enter_radius keeps a player at an edge from coming and going. At most 1000 cells may lie
    /// within: a client is told of 1024 groups in a tick, and should more be due (of a player with entities in many places), they
    /// take turns.
    float leave_radius = 320;
    std::chrono::milliseconds leave_dwell{
        1000};  ///< So long a cell must be beyond leave_radius: turning back is then free.
    /// Cells from this distance on are told every second tick; 0: none. They come nearer than it to be told at full rate again, and
    /// go farther by the gap between the radii to be told less.
    float half_rate_from = 0;
    float quarter_rate_from = 0;  ///< The same for every fourth tick. Not below half_rate_from.
    /// So far across a border an entity must be to change its cell, as a part of cell_size from 0 to 0.5: one that stands on a
    /// border costs nothing. A focus that moves less than this is not looked at again.
    float border_margin = 0.0625F;
    std::uint32_t cells_max = 4096;  ///< 1 to 16384: each takes about 100 bytes, and other groups need ids too.
    /// Entities outside are in the nearest cell at the edge. Empty: the ranges of the two fields in the schema.
    std::optional<GridBounds> bounds{};
};

/// Which entities have a place on the grid. Server::grid() fills this in.
struct InterestOptions {
    std::optional<GridOptions> grid{};
    std::uint16_t component = 0;  ///< The position component, as its index in the schema.
    std::uint16_t x_offset = 0;   ///< Its two fields, as FieldInfo::offset. Both must have a quantum.
    std::uint16_t y_offset = 0;
};

/// The groups of a running room, for the game's callbacks (ServerSim::interest()). What is said here counts from the end of the
/// running tick on, or of the next one. Calls about entities that are not alive and players that are not there do nothing.
class Interest {
public:
    explicit Interest(server::InterestGroups& groups) : groups_(&groups) {}

    /// A group without entities and subscribers. `priority` (1 to 255) is at least that of the components in it; see the schema's
    /// attribute. A handle that names none when all ids are taken (32 766, less the cells of the grid and a while of those removed).
    Group add_group(std::uint8_t priority = 1);
    /// Its entities are placed as new ones are. Afterwards the handle is to be used no more.
    void remove_group(Group group);

    // Where an entity is. A new one is on the grid if there is one and the entity has the position component, else with those of
    // place_always(). Its owner is told of it wherever it is, at every tick, but not in a Group that names none.
    void place(EntityId entity, Group group);
    void place_in_grid(EntityId entity);
    /// Everybody is told, at every tick.
    void place_always(EntityId entity);
    /// Nobody but its owner knows that it is there.
    void place_for_owner(EntityId entity);
    /// Only players of that team are told. Teams are numbered from 1 and need not be announced. Each takes an id as a Group does, as
    /// long as it has an entity or a player; where none is left, this and set_team() are as without a team.
    void place_for_team(EntityId entity, std::uint32_t team);

    // Who is told.
    /// 0 takes the player out of any team.
    void set_team(PlayerId player, std::uint32_t team);
    /// Also changes the rate of a subscription.
    void subscribe(PlayerId player, Group group, UpdateRate rate = UpdateRate::Full);
    void unsubscribe(PlayerId player, Group group);

    // Where a player looks: the grid's radii are around it. Without a word from the game this is around each of the player's
    // entities that has a position, and where the last of them was when there is none.
    void set_focus(PlayerId player, float x, float y);
    /// An empty id, or one that dies, goes back to the player's own entities.
    void follow(PlayerId player, EntityId entity);

private:
    server::InterestGroups* groups_;
};

}  // namespace tidewire
