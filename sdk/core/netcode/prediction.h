// The player's own entities, ahead of the server: the game's rules run on its inputs when they are sent, and when a snapshot shows that the
// server came to something else, they run again from there. It sends nothing, draws nothing and reads no clock.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/core/netcode/interpolation.h"
#include "sdk/core/netcode/own_state.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/rules.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

struct PredictionOptions {
    /// Inputs and states that are kept, and the most that are run again at once: two seconds at 128 Hz. A server that says nothing for
    /// longer is not predicted any further; it would be a game of one's own.
    std::size_t ticks_held = 256;
    /// Of a pause no more than this is run for the first time in one go: a program that was late would only be later. What is left out is
    /// taken up at the next snapshot, from there on. InputSchedule sends no more than this, either.
    Duration catch_up = std::chrono::milliseconds(150);
    /// For so many ticks that no input was sent for the last one stands in, as servers do (ServerOptions); then zeros do.
    Tick input_repeats_max = 3;
};

/// Who predicts, and where: what Welcome says.
struct PredictedRoom {
    PlayerId player = 0;
    int tick_rate = 0;  ///< In Hz, above 0.
    std::uint32_t entities_max = 0;
};

struct PredictionCounters {
    std::uint64_t predicted = 0;    ///< Ticks run for the first time.
    std::uint64_t corrections = 0;  ///< Snapshots that showed own entities other than they were predicted.
    std::uint64_t replayed = 0;     ///< Ticks run again, for a correction or because an entity came or went.
};

/// The rules see a world that is the newest snapshot, but for the predicted components of the player's own entities: those are where
/// the inputs have brought them. So they meet others where the server last said that they were. What rules write to anything else, and
/// what they spawn, lasts until the next snapshot and is never drawn. They are not run for entities without a predicted component, of
/// which nothing would be kept: a bullet costs nothing here, and rules may count on what a player's entities have.
class Prediction {
public:
    /// `layout` must outlive it. Precondition: `rules` can be called.
    Prediction(const replication::Layout& layout, PredictedRoom room, ApplyInput rules, PredictionOptions options = {});
    Prediction(const Prediction&) = delete;
    Prediction& operator=(const Prediction&) = delete;

    /// Where the events go that rules emit when they run for a tick for the first time.
    void emit_to(std::function<void(Tick, std::uint16_t type, const void* event)> taker);

    /// False for a schema without a predicted component or without an input: there is nothing to predict.
    static bool has_work(const SchemaInfo& schema);

    /// An input for this tick was sent: the player's entities take it. Ticks rise; an older one is ignored. `aggregate` is of
    /// schema.inputs[type], and counts as the server will read it.
    void input(Tick tick, std::uint16_t type, const std::byte* aggregate);
    /// Takes the newest snapshot as the truth, if it is another than before.
    void reconcile(const replication::SnapshotRing& snapshots);

    /// From the first input on: own entities are ahead of the newest snapshot.
    bool running() const { return newest_input_ != 0 && confirmed_ != 0; }
    /// What the rules see.
    const World& world() const { return world_; }
    const PredictionCounters& counters() const { return counters_; }

    // What is drawn of it.
    const PredictedRoom& room() const { return room_; }
    const PredictedLayout& layout() const { return layout_; }
    /// States are kept from oldest() to newest(), the last tick that was run. Both are 0 before the first snapshot.
    Tick oldest() const;
    Tick newest() const { return newest_; }
    /// Of own entities, after a tick. Precondition: oldest() <= tick <= newest(), not 0. Valid until the next call that changes anything.
    const OwnState& state(Tick tick) const { return step(tick).state; }
    /// Rises when states have become others than they were.
    std::uint64_t rewrites() const { return rewrites_; }

private:
    struct Step {
        explicit Step(const PredictedLayout& layout) : state(layout) {}

        Tick input_tick = 0;  // that type, sent and input are of
        std::uint16_t type = 0;
        bool sent = false;  // otherwise what stands in for an input
        Bytes input;
        OwnState state;
    };

    const Step& step(Tick tick) const { return steps_[tick % steps_.size()]; }
    Step& step(Tick tick) { return steps_[tick % steps_.size()]; }
    /// What the server will take for a tick that no input was sent for.
    void stand_in(Tick tick);
    /// Runs the ticks after newest_ for which there are inputs, as far as states can be kept.
    void run_to_newest_input();
    void run(Tick tick);
    void find_own();

    PredictedRoom room_;
    ApplyInput rules_;
    Tick input_repeats_max_;
    Tick catch_up_;
    const replication::Layout* schema_layout_;
    PredictedLayout layout_;
    World world_;
    Picture picture_;            // of the newest snapshot, in world_
    std::vector<EntityId> own_;  // in world_, by index
    OwnState truth_;             // of own_, in the newest snapshot
    std::vector<Step> steps_;    // by tick
    Tick confirmed_ = 0;         // the newest snapshot
    Tick newest_ = 0;
    Tick restarted_ = 0;  // the first of the states that follow one from another
    Tick newest_input_ = 0;
    Tick first_run_ = 0;  // up to here ticks were run once
    EmitEvent emit_;
    Tick running_ = 0;  // the tick that rules run for
    std::uint64_t rewrites_ = 0;
    PredictionCounters counters_;
};

}  // namespace tidewire::netcode
