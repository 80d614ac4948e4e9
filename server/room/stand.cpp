// A tick that waits costs the chunks that have changed since the one before, and a copy of its lists.
#include "server/room/stand.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "sdk/core/replication/body.h"

namespace tidewire::server {

namespace {

Tick ticks_of(std::chrono::milliseconds time, int tick_rate) {
    return static_cast<Tick>((time.count() * tick_rate + 999) / 1000);
}

/// Only what is for everybody, or for those near an entity that others may see.
bool is_public(const OutgoingEvent& event) {
    return event.to == OutgoingEvent::To::Everybody || (event.to == OutgoingEvent::To::Near && !event.hidden);
}

std::size_t bytes_of(const SharedMessage& event) { return sizeof event + event->size(); }

bool by_index(EntityId a, EntityId b) {
    return a.index != b.index ? a.index < b.index : a.generation < b.generation;
}

}  // namespace

/// What is shown, for as long as somebody watches.
struct Stand::Stage {
    Stage(Room& room, const RoomResources& resources, const StandOptions& options)
        : snapshots(options.snapshots_held),
          interest({}, room.layout(), room.world(),
                   {.tick_rate = room.options().tick_rate, .ticks_held = options.snapshots_held}),
          held(options.ticks_held_for_joins_max),
          scene{.newest = newest,
                .layout = room.layout(),
                .snapshots = snapshots,
                .interest = interest,
                .held = held,
                .tick_rate = room.options().tick_rate},
          fanout(scene, resources, options.client_bytes_per_tick) {}

    /// From the next update on these are hidden and no others.
    void hide(const Hidden& next) {
        if (next == hidden) return;
        std::vector<EntityId> changed;
        std::set_difference(hidden->begin(), hidden->end(), next->begin(), next->end(), std::back_inserter(changed), by_index);
        for (const EntityId entity : changed) interest.set_hidden(entity, false);
        changed.clear();
        std::set_difference(next->begin(), next->end(), hidden->begin(), hidden->end(), std::back_inserter(changed), by_index);
        for (const EntityId entity : changed) interest.set_hidden(entity, true);
        hidden = next;
    }

    Tick newest = 0;
    replication::SnapshotRing snapshots;
    InterestGroups interest;
    HeldTicks held;
    Scene scene;
    Fanout fanout;
    Hidden hidden = std::make_shared<const std::vector<EntityId>>();
};

Stand::Stand(Room& room, RoomResources resources, StandOptions options)
    : room_(&room),
      resources_(std::move(resources)),
      options_(options),
      delay_ticks_(ticks_of(options.delay, room.options().tick_rate)),
      bytes_per_tick_(options.bytes_max / std::max<std::size_t>(delay_ticks_, 1)) {}

Stand::~Stand() = default;

PlayerId Stand::enter() {
    if (stage_ == nullptr) stage_ = std::make_unique<Stage>(*room_, resources_, options_);
    ++spectators_;
    stage_->interest.add_viewer(next_spectator_);
    return next_spectator_++;
}

void Stand::leave(PlayerId spectator) {
    assert(spectators_ > 0 && stage_ != nullptr);
    stage_->interest.remove_viewer(spectator);
    --spectators_;
}

void Stand::note_event(const OutgoingEvent& event) {
    if (!in_use() || !is_public(event)) return;
    coming_.push_back(event.message);
    coming_bytes_ += bytes_of(event.message);
    if (coming_bytes_ + waiting_event_bytes_ > options_.bytes_max / 2) forget_oldest_events();
}

/// More of them than must go, so that this is not done for each new one.
void Stand::forget_oldest_events() {
    const std::size_t left = (options_.bytes_max / 2 - waiting_event_bytes_) / 2;
    auto first = coming_.begin();
    for (; coming_bytes_ > left; ++first) coming_bytes_ -= bytes_of(*first);
    coming_.erase(coming_.begin(), first);
}

void Stand::note_tick() {
    events_.clear();
    has_news_ = false;
    if (spectators_ == 0) stage_.reset();
    const replication::Snapshot* const newest = room_->snapshots().newest();
    if (newest == nullptr || newest->tick == noted_) return;
    if (in_use()) {
        keep(*newest);
    } else {
        coming_.clear();
        coming_bytes_ = 0;
    }
    noted_ = newest->tick;
    for (; !waiting_.empty() && waiting_.front().snapshot.tick + delay_ticks_ <= newest->tick; waiting_.pop_front()) {
        Waiting& due = waiting_.front();
        waiting_bytes_ -= due.bytes;
        waiting_event_bytes_ -= due.event_bytes;
        if (stage_ != nullptr)
            show(due);
        else
            room_->snapshot_memory().give_back(std::move(due.snapshot));
        due.events.clear();
        due.hidden.reset();
    }
}

void Stand::keep(const replication::Snapshot& newest) {
    const std::size_t earned = bytes_per_tick_ * (newest.tick - noted_);
    debt_ -= std::min(debt_, earned);
    if (debt_ > 0) return;
    replication::Snapshot kept = copy(newest);
    std::size_t bytes = replication::bytes_beyond(waiting_.empty() ? nullptr : &waiting_.back().snapshot, kept) + coming_bytes_;
    room_->interest().find_hidden(newest, found_);
    if (hidden_ == nullptr || *hidden_ != found_) {
        hidden_ = std::make_shared<const std::vector<EntityId>>(found_);
        bytes += found_.size() * sizeof(EntityId);
    }
    Waiting& next = waiting_.next_slot();
    next.snapshot = std::move(kept);
    next.hidden = hidden_;
    next.events.swap(coming_);
    next.bytes = bytes;
    next.event_bytes = std::exchange(coming_bytes_, 0);
    waiting_bytes_ += bytes;
    waiting_event_bytes_ += next.event_bytes;
    // Who waits for nothing owes nothing.
    if (delay_ticks_ != 0) debt_ = bytes;
}

/// What is not there cannot be told: components for owners alone stay behind.
replication::Snapshot Stand::copy(const replication::Snapshot& newest) {
    replication::Snapshot copied = room_->snapshot_memory().take();
    copied.tick = newest.tick;
    copied.tables.resize(newest.tables.size());
    for (std::size_t table = 0; table < newest.tables.size(); ++table)
        if (replication::covers(room_->layout(), replication::Coverage::Public, table))
            copied.tables[table] = newest.tables[table];
        else
            copied.tables[table].clear();
    return copied;
}

void Stand::show(Waiting& due) {
    events_.insert(events_.end(), due.events.begin(), due.events.end());
    stage_->hide(due.hidden);
    const replication::Snapshot& shown = stage_->snapshots.push(std::move(due.snapshot), &room_->snapshot_memory());
    stage_->newest = shown.tick;
    stage_->interest.update(shown);
    stage_->held.note_tick(stage_->interest, shown.tick);
    has_news_ = true;
}

Tick Stand::tick() const { return stage_ == nullptr ? 0 : stage_->scene.tick(); }

const Scene& Stand::scene() const {
    assert(stage_ != nullptr);
    return stage_->scene;
}

Fanout& Stand::fanout() {
    assert(stage_ != nullptr);
    return stage_->fanout;
}

HeldTickPointer Stand::hold_tick() {
    assert(tick() != 0);
    return stage_->held.hold(*stage_->snapshots.newest());
}

std::size_t Stand::memory_bytes() const {
    std::size_t bytes = waiting_bytes_ + coming_bytes_;
    if (stage_ == nullptr) return bytes;
    const replication::Snapshot* before = nullptr;
    for (const replication::Snapshot& snapshot : stage_->snapshots.all()) {
        bytes += replication::bytes_beyond(before, snapshot);
        before = &snapshot;
    }
    return bytes;
}

}  // namespace tidewire::server
