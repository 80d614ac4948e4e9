// A room: one world, its players and its tick, without sockets or clocks.
// Each tick: consume inputs → simulate → snapshot → place entities in groups. What clients are told of it is fanout.h's.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/layout.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/bulk_queues.h"
#include "server/room/event_outbox.h"
#include "server/room/held_ticks.h"
#include "server/room/idleness.h"
#include "server/room/input_queue.h"
#include "server/room/interest.h"
#include "server/room/order.h"
#include "server/room/past_world.h"
#include "server/room/player_event.h"
#include "server/room/player_table.h"
#include "server/room/scene.h"
#include "server/room/view_time.h"
#include "tidewire/game.h"
#include "tidewire/idle_options.h"

namespace tidewire::server {

struct RoomOptions {
    int tick_rate = 30;
    std::uint32_t players_max = 64;  ///< At most private_groups_max.
    std::uint32_t entities_max = 8192;
    std::size_t snapshots_held = 64;  ///< At least; as many as a rewind needs are held in any case.
    std::size_t ticks_held_for_joins_max = 32;  ///< Beyond snapshots_held. See ServerOptions.
    Tick inputs_ahead_max =
        64;  ///< Inputs for ticks further ahead are not taken: half a second at 128 Hz, two rounds of 400 ms at 60.
    std::size_t bulk_bytes_max = 16 * 1024 * 1024;  ///< Of bulk transfers that wait for one player.
    int input_repeats_max = 3;  ///< Ticks that a missing input is replaced by the last one; then zeros.
    RewindOptions rewind{};
    IdleOptions idle{};
};

struct SavedRoom;

struct RoomCounters {
    InputCounters inputs;  ///< Of all players.
    RewindCounters rewinds;
    /// Groups of games, teams and owners that no id was left for, so that nobody was told of what is in them. Remedy: remove groups
    /// that are not used any more, or make the cells of the grid larger.
    std::uint64_t groups_refused = 0;
    std::uint64_t events = 0;            ///< Of clients, given to the game.
    std::uint64_t events_unhandled = 0;  ///< Of types that the game does not ask for.
    std::uint64_t events_muted = 0;      ///< Not given to it, since their player is muted.
    replication::QuantizeCounters quantize;

    RoomCounters& operator+=(const RoomCounters& other);
};

class Room {
public:
    /// `game` and `layout` must outlive the room. Precondition: InterestGrid::create() accepts game.interest.
    Room(const Game& game, const replication::Layout& layout, RoomOptions options);
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    /// Adds a player and runs the game's on_join. 0 when the room is full.
    PlayerId join(std::string_view name, bool bot, Identity identity = {});
    /// Runs on_leave and despawns all that the player owns.
    void leave(PlayerId player);
    /// Its connection is gone, or there again: it stays all the while, and its inputs begin anew. Runs on_disconnect or on_reconnect.
    void disconnect(PlayerId player, std::string_view reason);
    void reconnect(PlayerId player);
    /// Queues an input for its tick. `ticks_early` is the time until that tick, negative when it is over; ticks rise from input to input
    /// of one player.
    void push_input(PlayerId player, const PlayerInput& input, double ticks_early);

    /// For the game, at the start of the next tick. Those of one who leaves before are dropped.
    void push_event(PlayerEvent event) { arrived_.push_back(std::move(event)); }

    /// One step. Afterwards snapshots().newest() is of tick().
    void tick();
    /// Runs the game's on_drain, where it has one.
    void drain(std::chrono::milliseconds left);
    /// All that it is after its last tick, for restore() in another process. Runs the game's on_save, where it has one. It ticks no more, and
    /// its players leave it only where what this returns could not be kept.
    SavedRoom save();
    /// Goes on from there: the next tick is the one after, and players are away until reconnect(). Runs the game's on_restore, whose error is
    /// the result; this room is of no use then. Precondition: nothing has happened in it, and `saved` is of this layout, grid and limits.
    Result<void> restore(const SavedRoom& saved);
    /// The game wants the room to be over, for this reason.
    void want_close(std::string reason) { close_wanted_ = std::move(reason); }
    const std::optional<std::string>& close_wanted() const { return close_wanted_; }

    // How its players behave.
    /// To be carried out by who runs the room, between two calls that run the game.
    void order(Order order) { orders_.push_back(std::move(order)); }
    /// Each once, in order; empty when there is none.
    std::optional<Order> poll_order();
    /// From now on, for so long by the room's ticks; 0: no more. False when there is no such player.
    bool mute(PlayerId player, std::chrono::milliseconds time);
    bool muted(PlayerId player) const;
    /// Nobody looks at what this player's client is told, or somebody does again.
    void note_hidden(PlayerId player, bool hidden);
    /// What is known of a player beside the world; the texts are as the player's own.
    struct PlayerStatus {
        PlayerId id = 0;
        std::string_view name{};
        const Identity* identity = nullptr;
        bool bot = false;
        bool connected = true;
        std::chrono::milliseconds muted_for{0};  ///< From now on; 0: it is not.
        std::chrono::milliseconds quiet_for{0};  ///< It has done nothing.
    };
    /// By id.
    std::vector<PlayerStatus> players() const;

    /// Ticks run so far; the first tick() makes 1. They are compared as numbers, and 0 stands for "never": a room must not live to see
    /// its 2^32nd tick, which is after 4.5 years at 30 Hz and one at 128.
    Tick tick_number() const { return tick_; }
    const RoomOptions& options() const { return options_; }
    /// Of the world and its history, nearly. Looks at all of it.
    std::size_t memory_bytes() const;
    std::size_t player_count() const { return players_.size(); }
    /// The newest input of this player that the newest snapshot contains; 0 when there is none.
    Tick input_consumed(PlayerId player) const;
    /// How early this player's inputs come. Empty when there is no such player.
    InputLead input_lead(PlayerId player) const;
    /// The player is told of that lead.
    void note_lead_told(PlayerId player);
    /// The newest tick was written to the player's client: it may see it.
    void note_written(PlayerId player);
    /// The world as the player saw it when it made its input of this tick. `report` is what came of it. Valid until the next call.
    PastWorld& rewind(PlayerId player, RewindReport& report);
    /// What the game sends beside the state.
    BulkQueues& bulk() { return bulk_; }
    const replication::Layout& layout() const { return *layout_; }
    const replication::SnapshotRing& snapshots() const { return snapshots_; }
    /// Whoever keeps copies of snapshots takes and gives back their memory here: chunks that both hold go with the last of them.
    replication::SnapshotPool& snapshot_memory() { return snapshot_memory_; }
    /// The newest tick stays when the history goes on, for a client that is told of it in parts. Null when too many do.
    HeldTickPointer hold_tick() { return held_.hold(*snapshots_.newest()); }
    const HeldTicks& held_ticks() const { return held_; }
    /// As it is, for who tells of it.
    Scene scene() const {
        return {.newest = tick_,
                .layout = *layout_,
                .snapshots = snapshots_,
                .interest = interest_,
                .held = held_,
                .tick_rate = options_.tick_rate};
    }
    const RoomCounters& counters() const { return counters_; }
    World& world() { return world_; }
    /// As of the newest snapshot.
    const InterestGroups& interest() const { return interest_; }
    /// What the game has sent. To be taken after each call that runs the game: join(), leave(), tick().
    EventOutbox& outbox() { return outbox_; }

private:
    struct PlayerState {
        std::string name;
        bool bot = false;
        Identity identity{};
        InputQueue inputs;
        WrittenTicks written;
        Idleness idleness{0};
        bool connected = true;
        Tick muted_until = 0;  // in that tick it is, still
    };
    struct Owned {
        PlayerId owner;
        EntityId entity;
    };

    /// Who owns what, by player and index, as it is before the tick: what rules spawn gets its first input a tick later.
    void collect_owned();
    void play(PlayerState& player, std::span<const Owned> owned, Sim& now);
    void play_bot(std::span<const Owned> owned, Sim& now);
    void watch(PlayerId id, PlayerState& player, ServerSim& now);
    bool is_silenced(const PlayerState& player, std::uint16_t type) const {
        return tick_ <= player.muted_until && type < game_->silenced.size() && game_->silenced[type];
    }
    /// Drops it, and tells who waits for an answer.
    void silence(const PlayerState& player, const PlayerEvent& event);
    std::chrono::milliseconds time_of(Tick ticks) const;
    void deliver_events(ServerSim& now);
    void answer(ServerSim& now, Player player, const PlayerEvent& event, const void* aggregate);
    /// What rules and callbacks emit: of the entity that rules run for, or to everybody.
    void emit(std::uint16_t type, const void* event);
    void apply(Sim& now, Entity entity, std::uint16_t type, const std::byte* input);
    ServerSim sim();
    /// Between which snapshots that tick was for who got `written`.
    PastInstant instant_at(double tick, const WrittenTicks& written) const;

    const Game* game_;
    const replication::Layout* layout_;
    RoomOptions options_;
    World world_;
    replication::SnapshotRing snapshots_;
    replication::SnapshotPool snapshot_memory_;
    InterestGroups interest_;
    HeldTicks held_;
    Interest game_interest_{interest_};  // what the game sees of it
    BulkQueues bulk_;
    EventOutbox outbox_;
    Outbox game_outbox_{outbox_};  // what the game sees of it
    EmitEvent emit_ = [this](std::uint16_t type, const void* event) { emit(type, event); };
    EntityId acting_;  // the entity that rules run for
    std::vector<PlayerEvent> arrived_;
    std::vector<PlayerEvent> delivered_;  // of the tick at hand, to be used again
    PlayerTable<PlayerState> players_;
    PastWorld past_;
    std::vector<Owned> owned_;
    std::vector<Bytes> neutral_;  // by input type: zeros
    Bytes bot_input_;
    PlayerId next_player_ = 1;
    Tick tick_ = 0;
    IdleTicks idle_;
    std::deque<Order> orders_;
    std::optional<std::string> close_wanted_;
    RoomCounters counters_;
};

}  // namespace tidewire::server
