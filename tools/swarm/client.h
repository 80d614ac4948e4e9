// One client of a swarm: a session over a socket, a player's hands, and a routine that says when it comes and goes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sdk/client/link.h"
#include "sdk/net/poller.h"
#include "sdk/net/route.h"
#include "tidewire/options.h"
#include "tools/swarm/game.h"
#include "tools/swarm/routine.h"
#include "tools/swarm/tally.h"

namespace tidewire::swarm {

/// What all clients of one thread share. All of it outlives them.
struct Surroundings {
    const SwarmGame& game;
    const net::Route& route;
    std::string token;
    Behaviour behaviour;
    bool predict;
    Duration settle;
    net::Poller& poller;
    MutableByteSpan room;  ///< What is read comes here first.
    session::SharedCodecs& codecs;
    Tally& tally;
};

/// What one client has of its own.
struct ClientLife {
    std::string name;  ///< What the server hears.
    RoutineOptions routine;
    std::uint64_t seed;
    TimePoint first_join;
    bool decodes;  ///< The state; otherwise it does without.
};

/// Call turn() when its socket is ready or poll_timeout() is due. It makes one frame in each tick period, at a phase of its own.
class Client {
public:
    /// `key` is its own in the poller.
    Client(Surroundings& surroundings, std::size_t key, const ClientLife& life);

    void turn(TimePoint now);
    TimePoint poll_timeout() const;
    /// Leaves for good: with a goodbye where there is somebody to hear it. What it measured is told by now.
    void finish(TimePoint now);
    /// Nothing is to be done any more.
    bool over() const { return !link_ && (finishing_ || routine_.over()); }

private:
    void perform(Routine::Act act, TimePoint now);
    void join(TimePoint now);
    void pump(TimePoint now);
    void take_events(TimePoint now);
    void note_playing(TimePoint now);
    void note_arrivals(TimePoint now);
    void frame(TimePoint now);
    /// Counts what the client has done since it settled, once.
    void settle_accounts(TimePoint now);
    void count_end(TimePoint now);
    void drop_link();
    void watch(TimePoint now);
    void unwatch();

    Surroundings* around_;
    std::size_t key_;
    std::string name_;
    bool decodes_;
    SeededRandom random_;
    Routine routine_;
    std::unique_ptr<SwarmPlayer> player_;
    std::unique_ptr<Link> link_;  // while there is a connection
    Bytes input_;

    // Of the connection at hand.
    TimePoint joined_at_{};  // when it began to join
    bool playing_ = false;
    bool leaving_ = false;  // by its own will
    bool still_ = false;
    std::string end_;  // why it ended
    TimePoint next_frame_ = never;
    Duration frame_period_{0};
    TimePoint settles_at_ = never;
    TimePoint settled_at_ = never;  // from then on it is measured; never: it is not
    session::ClientCounters settled_{};
    std::uint64_t ticks_seen_ = 0;
    std::uint64_t round_trips_seen_ = 0;
    TimePoint next_look_at_rtt_{};

    bool finishing_ = false;
    int watched_fd_ = -1;
    net::Interest watched_{};
};

}  // namespace tidewire::swarm
