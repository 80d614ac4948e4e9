// The rooms of a gate: how they are opened, when their ticks are due, what is told of them, and how each ends.
#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "server/gate/gate_state.h"

namespace tidewire::server {

/// What the game has sent goes out, and a room that is over closes.
void Gate::State::settle(HostedRoom& room, TimePoint now) {
    for (; auto carried_out = room.carry_out_order(now); list(room))
        if (carried_out->player != 0) events.push_back(std::move(*carried_out));
    if (room.send_events(now)) list(room);
    if (!room.ended() || room.told_end) return;
    room.told_end = true;
    site->directory.close(room.number());
    const RoomEnd& end = *room.ended();
    if (!end.not_saved.empty())
        events.push_back({.kind = GateEvent::Kind::SaveFailed, .room = room.number(), .reason = end.not_saved});
    events.push_back({.kind = end.failed  ? GateEvent::Kind::RoomFailed
                              : end.saved ? GateEvent::Kind::RoomSaved
                                          : GateEvent::Kind::RoomClosed,
                      .room = room.number(),
                      .reason = end.reason});
    // What the game threw is for its operator to read, not for its players.
    const ws::CloseCode code = end.failed  ? ws::CloseCode::InternalError
                               : draining ? ws::CloseCode::GoingAway
                                          : ws::CloseCode::Normal;
    for (Peer* const peer : room.peers())
        peer->shut_down(code, end.failed ? "the room has failed, and its state is lost" : end.reason, now);
    tell_expired(room, never);
    list(room);
}

void Gate::State::tell_expired(HostedRoom& room, TimePoint now) {
    while (auto gone = room.poll_expired(now)) events.push_back(std::move(*gone));
}

void Gate::State::run_room(HostedRoom& room, TimePoint now) {
    const bool ticked = room.run_due_ticks(now);
    rooms.note_ran(room);
    // Before the state of their tick.
    if (room.send_events(now)) list(room);
    if (ticked) room.fan_out(now);
    room.handle_timeouts(now);
    tell_expired(room, now);
    if (room.deserted(now) && site->directory.close_if_empty(room.number())) room.end({.reason = "nobody was in it any more"});
    settle(room, now);
    list(room);
}

void Gate::State::remove_ended() {
    rooms.remove_if([](const HostedRoom& room) { return room.ended() && room.told_end && room.peers().empty(); },
                    [&](const HostedRoom& room) {
                        counters += room.counters();
                        room_counters += room.room().counters();
                        closed_rooms.push_back(room.number());
                        site->metrics.close_room(static_cast<std::uint32_t>(room.number()));
                    });
}

HostedRoom& Gate::open_room(RoomSetup setup, TimePoint start) {
    State& state = *state_;
    HostedRoom& room = state.rooms.add(std::make_unique<HostedRoom>(*state.site, std::move(setup), start));
    [[maybe_unused]] const bool opened =
        state.site->directory.open({.room = room.number(), .shard = state.shard}, room.description(), state.site->options.bots);
    assert(opened && "another room has its name");
    return room;
}

Result<HostedRoom*> Gate::restore_room(RoomSetup setup, const SavedGame& saved, TimePoint start) {
    auto room = HostedRoom::restore(*state_->site, std::move(setup), saved, state_->shard, start);
    if (!room) return Unexpected{std::move(room).error()};
    return &state_->rooms.add(std::move(*room));
}

std::optional<RoomNumber> Gate::due_room(TimePoint now) const {
    const RoomList& rooms = state_->rooms;
    return rooms.next_due() <= now ? std::optional(rooms.first_due().number()) : std::nullopt;
}

void Gate::run_room(RoomNumber number, TimePoint now) {
    State& state = *state_;
    state.obey_orders(now);
    HostedRoom* const room = state.rooms.find(number);
    assert(room != nullptr);
    state.run_room(*room, now);
    state.look_at_lobby(now);
    if (room->ended()) state.remove_ended();
}

void Gate::note_tick_times(RoomNumber number, const TickTimes& times) {
    State& state = *state_;
    state.shard_metrics->note_loop_delay(times.began - times.due);
    state.note_shard(times.written);
    HostedRoom* const room = state.rooms.find(number);
    if (room == nullptr) return;
    state.rooms.note_times(*room, times, state.draining);
    // Who takes most leaves out something when all together take too much; the others are not to blame.
    const Duration taken = state.rooms.takes_most(*room) ? state.rooms.taken() : room->taken();
    if (!room->load().note_tick(taken, state.period, times.written)) return;
    const LoadLevel level = room->load().level();
    state.site->directory.set_joinable(number, level != LoadLevel::NoJoins);
    state.events.push_back({.kind = GateEvent::Kind::Load, .room = number, .reason = name_of(level)});
}

std::optional<RoomNumber> Gate::due_stand(TimePoint now) const { return state_->rooms.due_stand(now); }

void Gate::run_stand(RoomNumber number, TimePoint now) {
    HostedRoom* const room = state_->rooms.take_stand(number);
    if (room == nullptr) return;
    room->show(now);
    for (Peer* const peer : room->spectators()) state_->list(*peer);
}

void Gate::note_stand_times(RoomNumber number, const StandTimes& times) {
    if (HostedRoom* const room = state_->rooms.find(number))
        state_->rooms.note_times(*room, times, state_->period);
}

std::optional<RoomNumber> Gate::poll_closed_room() {
    std::vector<RoomNumber>& closed = state_->closed_rooms;
    if (closed.empty()) return std::nullopt;
    const RoomNumber number = closed.back();
    closed.pop_back();
    return number;
}

void Gate::on_tick(std::function<void()> callback) { state_->rooms.front().set_on_tick(std::move(callback)); }

std::size_t Gate::room_count() const { return state_->rooms.size(); }

std::size_t Gate::rooms_running() const {
    return static_cast<std::size_t>(
        std::count_if(state_->rooms.begin(), state_->rooms.end(), [](const auto& room) { return !room->ended(); }));
}

Room& Gate::room() { return state_->rooms.front().room(); }

const Room& Gate::room() const { return state_->rooms.front().room(); }

HostedRoom* Gate::find_room(RoomNumber number) { return state_->rooms.find(number); }

std::vector<HostedRoom*> Gate::all_rooms() const {
    std::vector<HostedRoom*> all;
    for (const auto& room : state_->rooms) all.push_back(room.get());
    return all;
}

RoomCounters Gate::room_counters() const {
    RoomCounters sum = state_->room_counters;
    for (const auto& room : state_->rooms) sum += room->room().counters();
    return sum;
}

}  // namespace tidewire::server
