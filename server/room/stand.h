// Where spectators are: they see all of a room but what is one player's own, so late that nobody wins by watching. Ticks wait here until
// their time has come; then they are a scene of their own, whose fan-out encodes once for all who watch. Players' views and bodies do not
// depend on whether anybody does.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "sdk/core/base/ring_queue.h"
#include "sdk/core/replication/snapshot.h"
#include "server/room/event_outbox.h"
#include "server/room/fanout.h"
#include "server/room/room.h"
#include "server/room/scene.h"

namespace tidewire::server {

/// Spectators are numbered from here, and so never like a player.
inline constexpr PlayerId first_spectator = 0x8000'0000;

struct StandOptions {
    std::chrono::milliseconds delay{0};  ///< In whole ticks, rounded up.
    /// Of the ticks that wait. Where all would take more, every second waits, or every third: spectators see fewer, just as late. Half of it
    /// is the most that their events take, so that something is to be seen beside them: the oldest without a tick are left out then.
    std::size_t bytes_max = 64 * 1024 * 1024;
    std::size_t snapshots_held = 64;            ///< Of ticks that were shown, as RoomOptions.
    std::size_t ticks_held_for_joins_max = 32;  ///< See ServerOptions.
    std::size_t client_bytes_per_tick = 0;      ///< See Fanout.
};

class Stand {
public:
    /// `room` must outlive the stand.
    Stand(Room& room, RoomResources resources, StandOptions options);
    ~Stand();
    Stand(const Stand&) = delete;
    Stand& operator=(const Stand&) = delete;

    // Who watches.
    /// From the next tick on that is shown.
    PlayerId enter();
    /// Precondition: it is there. What it was told of stays until the next note_tick().
    void leave(PlayerId spectator);
    std::size_t spectators() const { return spectators_; }

    // Input.
    /// What the game has sent. Only what is for everybody, or for those near an entity that is not hidden, is for spectators.
    void note_event(const OutgoingEvent& event);
    /// The room has ticked, and all events up to that tick were noted. Ticks may be left out.
    void note_tick();

    // Output, after each note_tick().
    /// What happened before the tick that is shown now, and since the one before: to be told first.
    std::span<const SharedMessage> events() const { return events_; }
    /// Another tick is shown than before.
    bool has_news() const { return has_news_; }
    /// That is shown; 0: none yet.
    Tick tick() const;
    /// Precondition of all three: somebody watches.
    const Scene& scene() const;
    Fanout& fanout();
    HeldTickPointer hold_tick();

    // State.
    std::chrono::milliseconds delay() const { return options_.delay; }
    Tick delay_ticks() const { return delay_ticks_; }
    /// Nearly. Looks at what was shown.
    std::size_t memory_bytes() const;
    std::size_t ticks_waiting() const { return waiting_.size(); }

private:
    using Hidden = std::shared_ptr<const std::vector<EntityId>>;  // of many ticks
    struct Waiting {
        replication::Snapshot snapshot;  // without what is told to owners alone
        Hidden hidden;
        std::vector<SharedMessage> events;
        std::size_t bytes = 0;        // of all
        std::size_t event_bytes = 0;  // among them
    };
    struct Stage;

    /// Somebody waits for what happens now, or sees it at once.
    bool in_use() const { return delay_ticks_ != 0 || spectators_ != 0; }
    void forget_oldest_events();
    void keep(const replication::Snapshot& newest);
    replication::Snapshot copy(const replication::Snapshot& newest);
    void show(Waiting& due);

    Room* room_;
    RoomResources resources_;
    StandOptions options_;
    Tick delay_ticks_;
    std::size_t bytes_per_tick_;  // of waiting ticks
    Tick noted_ = 0;
    RingQueue<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::size_t debt_ = 0;  // bytes that waiting ticks took beyond the share of the ticks so far
    std::vector<SharedMessage> coming_;  // events of the next tick
    std::size_t coming_bytes_ = 0;
    std::size_t waiting_event_bytes_ = 0;  // with those that wait: at most half of bytes_max
    Hidden hidden_;                      // of the newest that waits
    std::vector<EntityId> found_;        // to be used again
    std::unique_ptr<Stage> stage_;       // while somebody watches
    std::size_t spectators_ = 0;
    PlayerId next_spectator_ = first_spectator;
    std::vector<SharedMessage> events_;
    bool has_news_ = false;
};

}  // namespace tidewire::server
