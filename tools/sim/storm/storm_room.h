// One room of a storm: its game, which numbers all that it tells and checks the numbers that it hears, and the states that it was in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sdk/core/base/random.h"
#include "sdk/core/session/state.h"
#include "server/gate/gate.h"
#include "tidewire/game.h"
#include "tools/sim/storm/journal.h"

namespace tidewire::sim {

struct StormRoomPlan {
    server::RoomNumber number{};
    std::uint32_t shard = 0;
    std::uint64_t seed = 1;
    std::uint32_t rocks = 20;    ///< Entities that are nobody's.
    bool grid = false;           ///< Players see what is near them, and their purses.
    bool asks_for_time = false;  ///< When the server drains.
};

class StormRoom {
public:
    /// What was said with one player, whatever became of its connections.
    struct Account {
        bool honest = true;
        std::uint32_t told = 0;             ///< To this player alone, numbered from 1.
        std::uint32_t broadcasts_before = 0;  ///< To everybody, before it came.
        std::uint32_t heard = 0;            ///< Events and requests of it, numbered from 1.
        std::uint32_t bulks = 0;            ///< Transfers, numbered from 1.
        bool left = false;
    };

    /// `journal` outlives it, and it outlives the server that runs it.
    StormRoom(const StormRoomPlan& plan, Journal& journal);
    StormRoom(const StormRoom&) = delete;
    StormRoom& operator=(const StormRoom&) = delete;

    /// To be opened at its shard, once; open() says where it came to be.
    server::RoomSetup setup();
    void note_opened(server::HostedRoom& hosted) { hosted_ = &hosted; }
    /// It is over, or its server is.
    void note_gone() {
        hosted_ = nullptr;
        hashes_.clear();
    }

    // What it does in its next tick.
    void close(std::string reason) { close_reason_ = std::move(reason); }
    void fail() { fails_ = true; }
    void send_burst(std::uint32_t events) {
        burst_ += events;
        burst_tick_ = tick_;
    }
    void send_bulk(PlayerId player, std::size_t bytes);
    /// It talks, until it is told to be still.
    void be_still() { talks_ = false; }

    const StormRoomPlan& plan() const { return plan_; }
    std::string name() const { return "room " + std::to_string(static_cast<std::uint32_t>(plan_.number)); }
    bool asked_to_close() const { return !close_reason_.empty(); }
    bool asked_to_fail() const { return fails_; }
    Account& account(PlayerId player) { return accounts_[player]; }
    std::uint32_t broadcasts() const { return broadcasts_; }
    Tick tick() const { return tick_; }
    /// When it said much at once last; 0: never.
    Tick burst_tick() const { return burst_tick_; }
    /// Of the state after this tick; 0 when it is not known.
    std::uint64_t hash_of(Tick tick) const;
    /// Null once it is gone.
    const server::HostedRoom* hosted() const { return hosted_; }

    /// What a transfer of this number to this player is.
    static std::vector<std::byte> bulk_bytes(PlayerId player, std::uint32_t number, std::size_t size);

private:
    struct Transfer {
        PlayerId player;
        std::size_t bytes;
    };

    void join(ServerSim& sim, Player player);
    void hear(Player player, std::uint32_t number);
    void advance(ServerSim& sim);
    void tell(ServerSim& sim, PlayerId player);
    void broadcast(ServerSim& sim);
    void move_rocks(ServerSim& sim);
    void note_tick();

    StormRoomPlan plan_;
    Journal* journal_;
    SeededRandom random_;
    Game game_;
    server::HostedRoom* hosted_ = nullptr;
    std::map<PlayerId, Account> accounts_;
    std::uint32_t broadcasts_ = 0;
    std::uint32_t burst_ = 0;
    Tick burst_tick_ = 0;
    std::vector<Transfer> transfers_;
    std::map<Tick, std::uint64_t> hashes_;
    Tick tick_ = 0;
    bool talks_ = true;
    bool fails_ = false;
    std::string close_reason_;
};

}  // namespace tidewire::sim
