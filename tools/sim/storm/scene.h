// Who and what there is in a storm: a server that comes and goes, its rooms, guests who play and intruders who do not, all by one seed.
// It knows how to move them on in time; what happens to them is the table's in actions.h, and what must hold is invariants.h's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sdk/core/base/random.h"
#include "tools/sim/storm/guest.h"
#include "tools/sim/storm/intruder.h"
#include "tools/sim/storm/journal.h"
#include "tools/sim/storm/storm_room.h"
#include "tools/sim/virtual_shards.h"

namespace tidewire::sim {

struct SceneCounters {
    std::uint64_t joins = 0;
    std::uint64_t refusals = 0;
    std::uint64_t lost = 0;
    std::uint64_t resumed = 0;
    std::uint64_t left = 0;
    std::uint64_t moves = 0;  ///< From one shard to another.
    std::uint64_t rooms = 0;
    std::uint64_t servers = 0;
    std::uint64_t intruders = 0;
    GuestCounters guests{};  ///< Of those who are gone.
};

class Scene {
public:
    enum class Stage : std::uint8_t { Running, Draining, Stopping, Down };

    /// `journal` outlives it. The server runs, with its first rooms.
    Scene(std::uint64_t seed, Journal& journal);
    ~Scene();
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    /// Until then, or until a promise is broken.
    void run_until(TimePoint end);
    void run_for(Duration duration) { run_until(now_ + duration); }
    TimePoint now() const { return now_; }

    // The server.
    StormRoom* open_room();
    void drain();
    void kill();
    Stage stage() const { return stage_; }
    /// Null while it is down.
    VirtualShards* server() { return server_.get(); }
    const ServerOptions& options() const { return options_; }
    /// Which of the servers that there were one after another.
    std::uint32_t generation() const { return generation_; }
    /// When one last ended, or began to.
    TimePoint stopped_at() const { return stopped_at_; }
    /// Rooms of the server at hand, those that are over included.
    std::vector<StormRoom*> rooms() const;
    /// One that runs, at random; null when there is none.
    StormRoom* any_room();

    // People.
    enum class Manner : std::uint8_t { Honest, NoToken, Garbled };
    Guest& join(Manner manner);
    void intrude();
    std::vector<std::unique_ptr<Guest>>& guests() { return guests_; }
    std::vector<std::unique_ptr<Intruder>>& intruders() { return intruders_; }
    /// One that is not gone, at random; null when there is none.
    Guest* any_guest();
    std::uint32_t guests_max() const { return guests_max_; }
    /// Those who come from now on have links that hold.
    void calm() { calm_ = true; }
    /// Counts what those did who are gone, and forgets them.
    void sweep();

    SeededRandom& random() { return random_; }
    Journal& journal() { return *journal_; }
    const SceneCounters& counters() const { return counters_; }

private:
    void draw_options();
    void start_server();
    void end_server();
    /// What a stop does by itself, one step after another.
    void advance_server();
    TimePoint next_instant() const;
    void turn();
    LinePointer dial(Guest& guest, TimePoint now);
    LinePointer line(net::LinkOptions up, net::LinkOptions down);
    void note(const server::GateEvent& event);
    StormRoom* find_room(server::RoomNumber number) const;

    Journal* journal_;
    SeededRandom random_;
    TimePoint now_{std::chrono::seconds(1)};
    ServerOptions options_;
    bool asks_for_tokens_ = false;
    std::uint32_t guests_max_ = 6;
    session::SharedCodecs codecs_;
    std::vector<std::unique_ptr<StormRoom>> rooms_;  // of all servers
    std::size_t first_room_ = 0;                     // of the server at hand
    std::unique_ptr<VirtualShards> server_;
    Stage stage_ = Stage::Down;
    TimePoint stage_until_ = never;
    TimePoint stopped_at_{};
    std::uint32_t generation_ = 0;
    std::uint32_t names_ = 0;
    bool calm_ = false;
    std::vector<std::unique_ptr<Guest>> guests_;
    std::vector<std::unique_ptr<Intruder>> intruders_;
    SceneCounters counters_;
};

/// Adds them up.
void operator+=(GuestCounters& sum, const GuestCounters& other);

}  // namespace tidewire::sim
