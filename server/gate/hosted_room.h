// A room as a gate runs it: on its schedule, told to those who are connected to it, and ended by itself when its game fails.
#pragma once

#include <exception>
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
#include "server/gate/room_report.h"
#include "server/gate/site.h"
#include "server/gate/tick_schedule.h"
#include "server/gate/tick_times.h"
#include "server/room/fanout.h"
#include "server/room/room.h"
#include "server/room/stand.h"
#include "server/save/saved_game.h"
#include "tidewire/game.h"

namespace tidewire::server {

class Peer;

struct RoomSetup {
    RoomNumber number{1};
    RoomDescription room{};
    Game game;
    std::function<void()> on_tick{};  ///< After each tick, before clients are told of it.
    bool restored = false;  ///< Its bots are there already.
    RoomOrigin opened_by = RoomOrigin::Server;  ///< Of one that is restored, what was saved of it.
};

/// Why a room is over.
struct RoomEnd {
    bool failed = false;  ///< Its game threw something.
    std::string reason;
    bool saved = false;  ///< It goes on in another process: nobody has left it.
    std::string not_saved{};  ///< It should have been, and could not be, for this reason.
};

class HostedRoom {
public:
    /// `site` must outlive it. The first tick is due one period after `start`.
    HostedRoom(Site& site, RoomSetup setup, TimePoint start);
    /// The same of one that was saved, with those of its players who may come back; the directory has it then. Errors: it does not fit into
    /// the limits of `site`, or its game does not take it. Precondition: parse_save() made it, for the layout and the limits of `site`.
    static Result<std::unique_ptr<HostedRoom>> restore(Site& site, RoomSetup setup, const SavedGame& saved, std::uint32_t shard,
                                                       TimePoint start);
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
    /// Where its spectators are; null: it takes none.
    Stand* stand() { return stand_.get(); }
    bool has_stand() const { return stand_ != nullptr; }
    void set_on_tick(std::function<void()> callback) { setup_.on_tick = std::move(callback); }

    // Who is connected.
    /// Adds a player and runs the game's on_join. 0 when there is no place, or the room is over.
    PlayerId join(std::string_view name, Identity identity = {});
    void leave(PlayerId player);
    /// Its connection is lost: it stays, and has no input. The game is told.
    void keep(MembershipPointer membership, std::string_view reason, TimePoint now);
    /// Takes the place from whoever has it, a connection that is not known to be lost included. Null when there is no such session here.
    MembershipPointer reclaim(SessionId session, TimePoint now);
    /// Whether a later attempt to come back to this session has it: this one was given up, and its Hello is late.
    bool has_overtaken(SessionId session, std::uint32_t attempt) const;
    /// It is connected again. The game is told.
    void note_back(PlayerId player);
    /// One of those who have not come back in time, with what a log is told: it has left. Empty when there is nobody more.
    std::optional<GateEvent> poll_expired(TimePoint now);
    /// Whoever is or was a player here may refer to the room's messages: it goes before the room does.
    void add(Peer& peer);
    void remove(const Peer& peer);
    /// All of them; the players first.
    std::span<Peer* const> peers() const { return peers_; }
    std::span<Peer* const> players() const { return peers().first(players_); }
    std::span<Peer* const> spectators() const { return peers().subspan(players_); }

    // Whom the game or the operator does not want.
    /// Carries out the next order of the room's, with what a log is told; an event of player 0 where those who left were told of already.
    /// Whoever is banned by now leaves as well. Empty when nothing is left to be done.
    std::optional<GateEvent> carry_out_order(TimePoint now);
    /// The server's: all rooms look into it.
    BanBook& bans() { return site_->bans; }
    /// Null when there is no human of this number, who plays or watches.
    const Membership* find_membership(PlayerId player) const;

    // The tick. Those who leave meanwhile stay in peers().
    /// Whether a tick ran that clients are to be told of: the last one of a room that its game has ended, too.
    bool run_due_ticks(TimePoint now);
    void fan_out(TimePoint now);
    /// Queues what the game has sent, for everybody who gets it. True when there was something.
    bool send_events(TimePoint now);
    void handle_timeouts(TimePoint now);
    /// After a tick, when the players have been told: the same for those who watch. They are the first to be left out for load.
    void show(TimePoint now);

    /// What it took; see LoadShedder and Metrics.
    void note_times(const TickTimes& times, bool draining);
    /// By its last tick, from its reading to its writing.
    Duration taken() const { return taken_; }
    /// And by the turn of its spectators behind it.
    Duration shown_in() const { return shown_in_; }
    void note_shown_in(Duration taken) { shown_in_ = taken; }
    /// What spectators are left out of. Players are not, however long spectators take.
    LoadShedder& stand_load() { return stand_load_; }
    void note_memory() { memory_bytes_ = room_.memory_bytes() + (stand_ ? stand_->memory_bytes() : 0); }

    RoomReport report() const;
    /// Spectators behind the players.
    std::vector<PlayerReport> report_players() const;

    // The end.
    /// It has so long left, if its game asks for time at all. Otherwise it ends, and is saved where it can be.
    void drain(std::string_view reason, std::chrono::milliseconds left);
    void end(RoomEnd end);
    /// It ticks no more, and is saved where it can be: that ends it.
    void stop(std::string_view reason);
    /// Its players come back to it in another process.
    bool saved() const { return ended_ && ended_->saved; }
    /// It is one that ends by itself, and nobody has played in it for so long.
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
    void show_all(TimePoint now);
    /// Sends away who is in the book, when that has changed. False when there was nobody.
    bool look_into_bans(TimePoint now);
    std::optional<GateEvent> ban(const Order& order, TimePoint now);
    /// False when there is no human of this number.
    bool dismiss(PlayerId player, ws::CloseCode code, const std::string& reason, TimePoint now);
    GateEvent moderated(const Membership& membership, std::string reason) const;
    /// Site::save_room is there, the game has what it takes, and there is something to be saved.
    bool saves() const;
    /// Ends it. Precondition: saves().
    void save(std::string_view reason);
    /// The world, its players and its place in the directory. Errors as restore().
    Result<void> go_on_from(const SavedGame& saved, RoomPlace place);
    void take_back(const SavedGame& saved, RoomPlace place, Site& site, TimePoint now);

    Site* site_;
    RoomSetup setup_;
    Room room_;
    Fanout fanout_;
    std::unique_ptr<Stand> stand_;
    TickSchedule schedule_;  // in time: ticks that are dropped are steps of it too
    LoadShedder load_;
    LoadShedder stand_load_;
    RoomMetrics* metrics_;
    Duration taken_{0};
    Duration shown_in_{0};
    std::size_t memory_bytes_ = 0;  // when it was looked at last
    GateCounters counters_;
    std::vector<Peer*> peers_;  // players and then spectators, each in the order in which they came
    std::size_t players_ = 0;   // so many of them
    std::vector<MembershipPointer> lost_;  // who may come back; by when they were lost
    std::uint64_t bans_seen_ = 0;          // the version of the book
    TimePoint inhabited_at_;               // the last time that it was looked at with a player in it
    bool halted_ = false;
    std::optional<RoomEnd> ended_;
};

template <class Call>
void HostedRoom::guarded(const Call& call) {
    if (ended_ && ended_->failed) return;
    try {
        call();
    } catch (const std::exception& thrown) {
        ended_ = RoomEnd{.failed = true, .reason = thrown.what()};
    } catch (...) {
        ended_ = RoomEnd{.failed = true, .reason = "its game threw something that is no std::exception"};
    }
    if (!ended_ && room_.close_wanted()) end({.reason = *room_.close_wanted()});
}

}  // namespace tidewire::server
