// A room as a gate runs it: on its schedule, told to those who are connected to it, and ended by itself when its game fails.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/gate/gate_counters.h"
#include "server/gate/load_shedder.h"
#include "server/gate/membership.h"
#include "server/gate/site.h"
#include "server/gate/tick_schedule.h"
#include "server/gate/tick_times.h"
#include "server/room/fanout.h"
#include "server/room/room.h"
#include "tidewire/game.h"

namespace tidewire::server {

class Peer;

struct RoomSetup {
    RoomNumber number{1};
    RoomDescription room{};
    Game game;
    std::function<void()> on_tick{};  ///< After each tick, before clients are told of it.
};

/// Why a room is over.
struct RoomEnd {
    bool failed = false;  ///< Its game threw something.
    std::string reason;
};

class HostedRoom {
public:
    /// `site` must outlive it. The first tick is due one period after `start`.
    HostedRoom(Site& site, RoomSetup setup, TimePoint start);
    HostedRoom(const HostedRoom&) = delete;
    HostedRoom& operator=(const HostedRoom&) = delete;

    RoomNumber number() const { return setup_.number; }
    const RoomDescription& description() const { return setup_.room; }
    /// As its players are told.
    RoomIdentity identity() const {
        return {.number = static_cast<std::uint32_t>(number()), .name = setup_.room.name, .code = setup_.room.code};
    }
    Room& room() { return room_; }
    const Room& room() const { return room_; }
    Fanout& fanout() { return fanout_; }
    const TickSchedule& schedule() const { return schedule_; }
    const GateCounters& counters() const { return counters_; }
    GateCounters& counters() { return counters_; }
    LoadShedder& load() { return load_; }
    void set_on_tick(std::function<void()> callback) { setup_.on_tick = std::move(callback); }

    // Who is connected.
    /// Adds a player and runs the game's on_join. 0 when there is no place, or the room is over.
    PlayerId join(std::string_view name, Identity identity = {});
    void leave(PlayerId player);
    /// Its connection is lost: it stays, and has no input. The game is told.
    void keep(MembershipPointer membership, std::string_view reason, TimePoint now);
    /// Takes the place from whoever has it, a connection that is not known to be lost included. Null when there is no such session here.
    MembershipPointer reclaim(SessionId session, TimePoint now);
    /// It is connected again. The game is told.
    void note_back(PlayerId player);
    /// One of those who have not come back in time, with what a log is told: it has left. Empty when there is nobody more.
    std::optional<GateEvent> poll_expired(TimePoint now);
    /// Whoever is or was a player here may refer to the room's messages: it goes before the room does.
    void add(Peer& peer) { peers_.push_back(&peer); }
    void remove(const Peer& peer);
    std::span<Peer* const> peers() const { return peers_; }

    // The tick. Those who leave meanwhile stay in peers().
    /// Whether a tick ran that clients are to be told of: the last one of a room that its game has ended, too.
    bool run_due_ticks(TimePoint now);
    void fan_out(TimePoint now);
    /// Queues what the game has sent, for everybody who gets it. True when there was something.
    bool send_events(TimePoint now);
    void handle_timeouts(TimePoint now);

    /// What it took; see LoadShedder and Metrics.
    void note_times(const TickTimes& times, bool draining);
    /// By its last tick, from its reading to its writing.
    Duration taken() const { return taken_; }
    void note_memory() { memory_bytes_ = room_.memory_bytes(); }

    // The end.
    /// It has so long left, if its game asks for time at all.
    void drain(std::string_view reason, std::chrono::milliseconds left);
    void end(RoomEnd end);
    /// It is one that ends by itself, and nobody has been in it for so long.
    bool deserted(TimePoint now);
    /// It ticks no more; who is in it may leave.
    void halt() { halted_ = true; }
    /// Set from then on: it ticks no more, nobody comes, and those who leave are told of to the game only where it has not failed.
    const std::optional<RoomEnd>& ended() const { return ended_; }
    /// The gate's mark: those who are in it were told of its end.
    bool told_end = false;

private:
    /// Runs something of the game's; what it throws ends the room.
    template <class Call>
    void guarded(const Call& call);
    void tell_all(TimePoint now);

    const Site* site_;
    RoomSetup setup_;
    Room room_;
    Fanout fanout_;
    TickSchedule schedule_;  // in time: ticks that are dropped are steps of it too
    LoadShedder load_;
    RoomMetrics* metrics_;
    Duration taken_{0};
    std::size_t memory_bytes_ = 0;  // when it was looked at last
    GateCounters counters_;
    std::vector<Peer*> peers_;  // in the order in which they came
    std::vector<MembershipPointer> lost_;  // who may come back; by when they were lost
    TimePoint inhabited_at_;               // the last time that it was looked at with somebody in it
    bool halted_ = false;
    std::optional<RoomEnd> ended_;
};

}  // namespace tidewire::server
